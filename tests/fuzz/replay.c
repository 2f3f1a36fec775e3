/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer's main() in ordinary builds: runs a fuzz target over the files named on the command line,
 * so that every input kept in tests/fuzz/corpus is tried by each "make check", with any compiler.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes; libFuzzer's own default is 4096, kept inputs are small. */
enum { LARGEST_INPUT = 1024 * 1024 };

static int replay(const char *path)
{
    uint8_t *data = malloc(LARGEST_INPUT);
    FILE *file = fopen(path, "rb");
    int status = -1;

    if (data != NULL && file != NULL) {
        size_t size = fread(data, 1, LARGEST_INPUT, file);

        if (!ferror(file)) {
            /* An exact copy: reading behind the end is then visible to the address sanitizer. */
            uint8_t *exact = realloc(data, size > 0 ? size : 1);

            if (exact != NULL)
                data = exact;
            printf("%s\n", path);
            fflush(stdout);
            LLVMFuzzerTestOneInput(data, size);
            status = 0;
        }
    }
    if (status < 0)
        perror(path);
    if (file != NULL)
        fclose(file);
    free(data);
    return status;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]) < 0)
            return 1;
    return 0;
}
