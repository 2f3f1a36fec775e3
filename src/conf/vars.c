/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/vars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/path.h"
#include "conf/digest.h"

/* XDG Base Directory Specification 0.8 */
static const struct {
    const char *name, *below_home;
} xdg_dirs[] = {
    {"XDG_CACHE_HOME", ".cache"},
    {"XDG_CONFIG_HOME", ".config"},
    {"XDG_DATA_HOME", ".local/share"},
    {"XDG_STATE_HOME", ".local/state"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int no_memory(struct sfs_error **err)
{
    return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
}

sfs_err sfs_vars_xdg(const char *name, char **ret)
{
    for (size_t i = 0; i < COUNT(xdg_dirs); i++) {
        if (strcmp(name, xdg_dirs[i].name) != 0)
            continue;
        const char *value = getenv(name);
        /* the specification: a relative path is to be ignored */
        if (value != NULL && sfs_path_is_absolute(value)) {
            *ret = strdup(value);
        } else {
            const char *home = getenv("HOME");
            if (home == NULL || home[0] == '\0')
                return -ENOENT;
            *ret = sfs_path_join(home, xdg_dirs[i].below_home);
        }
        return *ret != NULL ? 0 : -ENOMEM;
    }
    return -ENOENT;
}

bool sfs_vars_in(const char *text)
{
    return strstr(text, "${") != NULL;
}

sfs_err sfs_vars_escape(const char *text, struct sfs_strbuf *out)
{
    for (;;) {
        const char *brace = strstr(text, "${");
        if (brace == NULL)
            return sfs_strbuf_add_string(out, text);
        sfs_err r = sfs_strbuf_add(out, text, (size_t)(brace - text));
        if (r >= 0)
            r = sfs_strbuf_add_string(out, "$${");
        if (r < 0)
            return r;
        text = brace + 2;
    }
}

/* The variable that was meant, malloc()ed, or NULL. */
static char *nearest_variable(const char *wrong)
{
    static const char *const own[] = {"uid", "hostname", "digest"};
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    SFS_CLEANUP_FREE const char **words = calloc(count + COUNT(own) + COUNT(xdg_dirs) + 1, sizeof *words);
    SFS_CLEANUP_STRBUF struct sfs_strbuf names = SFS_STRBUF_INIT;
    if (words == NULL)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < COUNT(own); i++)
        words[used++] = own[i];
    for (size_t i = 0; i < COUNT(xdg_dirs); i++)
        words[used++] = xdg_dirs[i].name;
    /* names first all copied, then pointed to: the buffer moves while it grows */
    size_t fixed = used;
    for (size_t i = 0; i < count; i++)
        if (sfs_strbuf_add(&names, environ[i], strcspn(environ[i], "=")) < 0 || sfs_strbuf_add(&names, "", 1) < 0)
            return NULL;
    const char *at = names.data;
    for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
        words[fixed + i] = at;
    const char *near = sfs_nearest(wrong, words);
    return near != NULL ? strdup(near) : NULL;
}

static int unset(const char *name, struct sfs_error **err)
{
    for (size_t i = 0; i < COUNT(xdg_dirs); i++)
        if (strcmp(name, xdg_dirs[i].name) == 0)
            return sfs_error_set(err, SFS_STATUS_USAGE, "neither %s nor HOME is set (set one of them)", name);
    SFS_CLEANUP_FREE char *near = nearest_variable(name);
    if (near != NULL)
        return sfs_error_set(err, SFS_STATUS_USAGE, "the variable %s is not set (did you mean ${%s%s}?)", name, near,
                             strcmp(near, "digest") == 0 ? ":FILE" : "");
    return sfs_error_set(err, SFS_STATUS_USAGE, "the variable %s is not set (set it before stablefs is started)", name);
}

static bool is_variable_name(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    static const char later[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
    return name[0] != '\0' && strchr(first, name[0]) != NULL && name[strspn(name, later)] == '\0';
}

static int add_variable(const char *name, struct sfs_strbuf *out, struct sfs_error **err)
{
    sfs_err r = 0;
    if (strncmp(name, "digest:", 7) == 0) {
        char digest[SFS_DIGEST_DIGITS + 1];
        if (sfs_digest_files(name + 7, digest, err) < 0)
            return -1;
        r = sfs_strbuf_add_string(out, digest);
    } else if (strcmp(name, "uid") == 0) {
        r = sfs_strbuf_addf(out, "%lu", (unsigned long)geteuid());
    } else if (strcmp(name, "hostname") == 0) {
        struct utsname system;
        (void)uname(&system);
        r = sfs_strbuf_add_string(out, system.nodename);
    } else if (!is_variable_name(name)) {
        return sfs_error_set(err, SFS_STATUS_USAGE,
                             "${%s} is no variable (write ${NAME}, ${uid}, ${hostname} or ${digest:/FILE}, and $${ for "
                             "a ${ as it stands)",
                             name);
    } else {
        SFS_CLEANUP_FREE char *xdg = NULL;
        const char *value = getenv(name);
        if (value == NULL || value[0] == '\0')
            r = sfs_vars_xdg(name, &xdg);
        if (r == -ENOENT && value == NULL)
            return unset(name, err);
        if (r != -ENOMEM)
            r = sfs_strbuf_add_string(out, xdg != NULL ? xdg : value);
    }
    return r < 0 ? no_memory(err) : 0;
}

/* *at is behind the "${" of a variable; afterwards behind its '}'. */
static int expand_one(const char **at, struct sfs_strbuf *out, struct sfs_error **err)
{
    size_t length = strcspn(*at, "}");
    SFS_CLEANUP_FREE char *name = strndup(*at, length);
    if (name == NULL)
        return no_memory(err);
    if (strstr(name, "${") != NULL)
        return sfs_error_set(err, SFS_STATUS_USAGE,
                             "a variable inside a variable is not possible (write the inner one as it is)");
    if ((*at)[length] == '\0')
        return sfs_error_set(err, SFS_STATUS_USAGE, "${%s has no } (write ${NAME}, and $${ for a ${ as it stands)",
                             name);
    *at += length + 1;
    return add_variable(name, out, err);
}

int sfs_vars_expand(const char *text, char **ret, struct sfs_error **err)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf out = SFS_STRBUF_INIT;
    while (*text != '\0') {
        sfs_err r = 0;
        if (strncmp(text, "$${", 3) == 0) {
            r = sfs_strbuf_add_string(&out, "${");
            text += 3;
        } else if (strncmp(text, "${", 2) == 0) {
            text += 2;
            if (expand_one(&text, &out, err) < 0)
                return -1;
        } else {
            size_t length = 1 + strcspn(text + 1, "$");
            r = sfs_strbuf_add(&out, text, length);
            text += length;
        }
        if (r < 0)
            return no_memory(err);
        if (out.length > SFS_VARS_MOST)
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "it has more than %d bytes with its variables filled in (use shorter ones)",
                                 SFS_VARS_MOST);
    }
    char *made = sfs_strbuf_take(&out);
    if (made == NULL)
        return no_memory(err);
    *ret = made;
    return 0;
}
