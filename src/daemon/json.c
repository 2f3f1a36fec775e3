/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

/* Bytes of the UTF-8 character at text, 0 when it is not one (overlong and surrogates are not). */
static size_t utf8_length(const unsigned char *text)
{
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : text[0] >> 3 == 30 ? 4 : 0;
    if (length <= 1)
        return length;
    unsigned code = text[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    return code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : length;
}

json_t *sfs_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *exact = json_string(text);
    if (exact != NULL)
        return exact;
    SFS_CLEANUP_STRBUF struct sfs_strbuf shown = SFS_STRBUF_INIT;
    for (const char *at = text; *at != '\0';) {
        size_t length = utf8_length((const unsigned char *)at);
        sfs_err r = length > 0 ? sfs_strbuf_add(&shown, at, length) : sfs_strbuf_add_string(&shown, "\xef\xbf\xbd");
        if (r < 0)
            return NULL;
        at += length > 0 ? length : 1;
    }
    return json_string(shown.data);
}

static bool is_utf8(const char *text)
{
    while (*text != '\0') {
        size_t length = utf8_length((const unsigned char *)text);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

int sfs_json_set_path(json_t *object, const char *key, const char *path)
{
    if (json_object_set_new(object, key, sfs_json_text(path)) < 0)
        return -1;
    if (path == NULL || is_utf8(path))
        return 0;
    char name[64];
    (void)snprintf(name, sizeof name, "%s_base16", key);
    SFS_CLEANUP_STRBUF struct sfs_strbuf hex = SFS_STRBUF_INIT;
    for (const char *at = path; *at != '\0'; at++) {
        if (sfs_strbuf_addf(&hex, "%02x", (unsigned char)*at) < 0)
            return -1;
    }
    return json_object_set_new(object, name, json_string(hex.data));
}

static int digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static char *decode_base16(const char *hex)
{
    size_t length = strlen(hex);
    char *bytes = length % 2 == 0 ? malloc(length / 2 + 1) : NULL;
    if (bytes == NULL)
        return NULL;
    for (size_t i = 0; i < length / 2; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) {
            free(bytes);
            return NULL;
        }
        bytes[i] = (char)(high * 16 + low);
    }
    bytes[length / 2] = '\0';
    return bytes;
}

char *sfs_json_get_path(const json_t *object, const char *key)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s_base16", key);
    const char *hex = json_string_value(json_object_get(object, name));
    if (hex != NULL)
        return decode_base16(hex);
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? strdup(text) : NULL;
}
