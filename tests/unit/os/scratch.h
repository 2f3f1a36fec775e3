/* SPDX-License-Identifier: MIT */
/* A directory for one test, removed with all that is in it when the test ends. */
#pragma once

struct scratch {
    char path[64];
    int fd; /* open for reading */
};

void scratch_make(struct scratch *scratch);
void scratch_remove(struct scratch *scratch);
/* A file with that text below the directory. */
void scratch_write(const struct scratch *scratch, const char *path, const char *text);
/* The text of a file below the directory, static until the next call; "" for an empty one. */
const char *scratch_read(const struct scratch *scratch, const char *path);
