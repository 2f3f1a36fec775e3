/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/vars.h"

static const char system_file[] = "/etc/stablefs/stablefs.ini";

sfs_err sfs_find_absolute(const char *path, char **ret)
{
    if (sfs_path_is_absolute(path))
        return sfs_path_clean(path, ret);
    SFS_CLEANUP_FREE char *here = getcwd(NULL, 0);
    if (here == NULL)
        return -errno;
    /* "(unreachable)/..." of a working directory outside the root */
    if (!sfs_path_is_absolute(here))
        return -ENOENT;
    SFS_CLEANUP_FREE char *joined = sfs_path_join(here, path);
    return joined != NULL ? sfs_path_clean(joined, ret) : -ENOMEM;
}

/* The file of the user: 0; -ENOENT without a home directory; -ENOMEM. */
static sfs_err user_file(char **ret)
{
    SFS_CLEANUP_FREE char *dir = NULL;
    sfs_err r = sfs_vars_xdg("XDG_CONFIG_HOME", &dir);
    if (r < 0)
        return r;
    SFS_CLEANUP_FREE char *joined = sfs_path_join(dir, "stablefs/stablefs.ini");
    return joined != NULL ? sfs_find_absolute(joined, ret) : -ENOMEM;
}

static bool exists(const char *path)
{
    /* one that is there but cannot be read is for sfs_conf_load() to complain about */
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

int sfs_conf_find(bool here, char **ret, struct sfs_error **err)
{
    const char *asked = getenv("STABLEFS_CONFIG");
    SFS_CLEANUP_FREE char *user = NULL;
    const char *found = NULL;
    sfs_err r = user_file(&user);
    if (r == -ENOMEM)
        return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    if (asked != NULL && asked[0] != '\0')
        found = asked;
    else if (here && exists("stablefs.ini"))
        found = "stablefs.ini";
    else if (user != NULL && exists(user))
        found = user;
    else if (exists(system_file))
        found = system_file;
    if (found == NULL)
        return sfs_error_set(err, SFS_STATUS_NOT_FOUND,
                             "no config file: $STABLEFS_CONFIG is not set, and there is no %s%s%s%s (create one of "
                             "them, or name a file with -c)",
                             here ? "./stablefs.ini, " : "", user != NULL ? user : "", user != NULL ? " or " : "",
                             system_file);
    char *copy = strdup(found);
    if (copy == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    *ret = copy;
    return 0;
}

char *sfs_find_fragment_dir(const char *path)
{
    SFS_CLEANUP_FREE char *parent = sfs_path_parent(path);
    return parent != NULL ? sfs_path_join(parent, "conf.d") : NULL;
}

void sfs_find_free(char **paths)
{
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
        free(paths[i]);
    free(paths);
}

static int is_fragment(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".ini") == 0;
}

/* Not alphasort(3): that one depends on the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

sfs_err sfs_find_fragments(const char *path, char ***ret)
{
    SFS_CLEANUP_FREE char *user = NULL;
    sfs_err r = user_file(&user);
    if (r < 0 && r != -ENOENT)
        return r;
    bool has_fragments = strcmp(path, system_file) == 0 || (user != NULL && strcmp(path, user) == 0);
    SFS_CLEANUP_FREE char *dir = sfs_find_fragment_dir(path);
    if (dir == NULL)
        return -ENOMEM;
    struct dirent **entries = NULL;
    int count = has_fragments ? scandir(dir, &entries, is_fragment, compare_names) : 0;
    if (count < 0 && errno != ENOENT)
        return -errno;
    if (count < 0)
        count = 0;
    char **paths = calloc((size_t)count + 1, sizeof *paths);
    r = paths != NULL ? 0 : -ENOMEM;
    for (int i = 0; i < count; i++) {
        if (r >= 0) {
            paths[i] = sfs_path_join(dir, entries[i]->d_name);
            if (paths[i] == NULL)
                r = -ENOMEM;
        }
        free(entries[i]);
    }
    free(entries);
    if (r < 0) {
        sfs_find_free(paths);
        return r;
    }
    *ret = paths;
    return 0;
}
