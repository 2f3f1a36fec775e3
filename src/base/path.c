/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool sfs_path_is_absolute(const char *path)
{
    return path[0] == '/';
}

sfs_err sfs_path_clean(const char *path, char **ret)
{
    if (!sfs_path_is_absolute(path))
        return -EINVAL;
    char *clean = malloc(strlen(path) + 2);
    if (clean == NULL)
        return -ENOMEM;
    size_t length = 0;
    for (const char *at = path; *at != '\0';) {
        at += strspn(at, "/");
        size_t part = strcspn(at, "/");
        if (part == 2 && at[0] == '.' && at[1] == '.') {
            while (length > 0 && clean[--length] != '/')
                continue;
        } else if (part > 0 && !(part == 1 && at[0] == '.')) {
            clean[length++] = '/';
            memcpy(clean + length, at, part);
            length += part;
        }
        at += part;
    }
    if (length == 0)
        clean[length++] = '/';
    clean[length] = '\0';
    *ret = clean;
    return 0;
}

const char *sfs_path_below(const char *path, const char *dir)
{
    size_t length = strlen(dir);
    if (length == 1) /* "/": everything is below it */
        return path + 1;
    if (strncmp(path, dir, length) != 0)
        return NULL;
    if (path[length] == '\0')
        return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

char *sfs_path_join(const char *dir, const char *rest)
{
    size_t dir_length = strlen(dir);
    while (dir_length > 0 && dir[dir_length - 1] == '/')
        dir_length--;
    rest += strspn(rest, "/");
    size_t rest_length = strlen(rest);
    char *joined = malloc(dir_length + rest_length + 2);
    if (joined == NULL)
        return NULL;
    memcpy(joined, dir, dir_length);
    if (rest_length > 0 || dir_length == 0)
        joined[dir_length++] = '/';
    memcpy(joined + dir_length, rest, rest_length + 1);
    return joined;
}

const char *sfs_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

char *sfs_path_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return strdup("/");
    return strndup(path, (size_t)(slash - path));
}

bool sfs_path_is_name(const char *name)
{
    return name[0] != '\0' && strchr(name, '/') == NULL && !sfs_path_is_dot(name);
}

bool sfs_path_is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}
