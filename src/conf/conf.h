/* SPDX-License-Identifier: MIT */
/*
 * What a person asked for, as a plain struct: from a config file (stablefs.ini(5)), from mount(8)-style options, or
 * from both.  Knows nothing of layers or FUSE.  A loaded struct sfs_conf is not changed any more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/log.h"
#include "base/problems.h"
#include "base/strbuf.h"

enum sfs_mode { SFS_MODE_RW, SFS_MODE_RO };
enum sfs_cache { SFS_CACHE_COHERENT, SFS_CACHE_IMMUTABLE, SFS_CACHE_TTL, SFS_CACHE_NONE };
/* Who writes to the source of a writable map while it is mounted: others too, or this map alone. */
enum sfs_writers { SFS_WRITERS_SHARED, SFS_WRITERS_EXCLUSIVE };
enum sfs_io { SFS_IO_AUTO, SFS_IO_CACHED, SFS_IO_PASSTHROUGH, SFS_IO_DIRECT };

/* A setting that mount(8) users know, when it was given at all. */
enum sfs_switch { SFS_UNSET = 0, SFS_OFF, SFS_ON };

/* The mount(8) options that are the kernel's business; the command line and fstab only. */
struct sfs_mount_flags {
    enum sfs_switch suid, dev, exec, atime, sync, dirsync;
    enum sfs_switch allow_other; /* unset: on for root, off for others */
};

struct sfs_conf_map {
    char *name;   /* of "[map NAME]"; the path's last component for one from the command line */
    char *path;   /* the stable path: clean, absolute */
    char *source; /* the real directory: clean, absolute, not resolved through links */
    enum sfs_mode mode;
    enum sfs_cache cache;
    unsigned ttl; /* seconds, for SFS_CACHE_TTL */
    enum sfs_io io;
    enum sfs_writers writers;
    enum sfs_switch io_uring; /* requests through io_uring; unset: where it is known to help */
    enum sfs_switch statahead; /* go ahead of who walks through directories; off or, when it is to be on, unset */
    struct sfs_mount_flags flags;
    char *origin; /* "FILE:LINE" of the section, or "command line", for messages */
};

struct sfs_conf {
    char *name; /* the instance */
    char *file; /* absolute path of the config file; NULL without one */
    enum sfs_log_level log;
    bool log_given; /* the config sets "log" */
    struct sfs_conf_map *maps;
    size_t map_count;
};

/*
 * Load the config file at path with everything resolved and checked: defaults filled in, variables expanded, sources
 * looked at (a missing source is an error).  All errors and warnings are added to problems as
 * "FILE:LINE: [map NAME] KEY = VALUE: WHY (HOW TO MEND)".
 * Returns 0 and a conf to be freed with sfs_conf_free(); -1 when problems->errors is not 0.
 */
int sfs_conf_load(const char *path, struct sfs_conf **ret, struct sfs_problems *problems);

/*
 * The config file to use without -c (stablefs.ini(5), FILES): $STABLEFS_CONFIG, ./stablefs.ini when here is true,
 * $XDG_CONFIG_HOME/stablefs/stablefs.ini (~/.config when unset), /etc/stablefs/stablefs.ini.  conf.d/\*.ini fragments
 * beside the last two are read by sfs_conf_load().  Returns 0 and a malloc()ed path, or -1 with *err (NOT_FOUND, naming
 * all the places).
 */
int sfs_conf_find(bool here, char **ret, struct sfs_error **err);

/*
 * A conf of one map from a command line: source and path may be relative (to the working directory); options is a
 * comma-separated list as after -o, or NULL, a backslash escapes ',' and '='.  Checked like a file.  The instance name
 * is made from the path ("/depot/a" -> "depot-a").
 */
int sfs_conf_from_mount(const char *source, const char *path, const char *options, struct sfs_conf **ret,
                        struct sfs_problems *problems);

/*
 * A conf of a file, unless that is NULL, and of count maps from a command line, each "PATH=SOURCE[,OPTION…]", where a
 * backslash escapes ',' and '='.  Checked together.  The instance has the file's name, or one made from the first path.
 */
int sfs_conf_for_run(const char *file, char *const maps[], size_t count, struct sfs_conf **ret,
                     struct sfs_problems *problems);

/*
 * Apply a list of options (as after -o) to every map of a loaded conf.  Returns 0, or -1 when problems->errors is not
 * 0: then no map has changed.
 */
int sfs_conf_apply_options(struct sfs_conf *conf, const char *options, struct sfs_problems *problems);

/* The innermost map whose stable path lies above path (that of path itself does not count), or NULL. Lives in conf. */
const struct sfs_conf_map *sfs_conf_enclosing(const struct sfs_conf *conf, const char *path);

/*
 * Append the conf as a config file with every value filled in.  Mount flags have no key and are left out.  Returns 0;
 * -EINVAL when the text is complete but would not load, since a config file cannot hold some value (a line longer
 * than inih's limit, or a path with " ;" in it or a blank at its end); -ENOMEM.
 */
sfs_err sfs_conf_print(const struct sfs_conf *conf, struct sfs_strbuf *out);

void sfs_conf_free(struct sfs_conf *conf);
void sfs_conf_freep(struct sfs_conf **conf);
#define SFS_CLEANUP_CONF __attribute__((cleanup(sfs_conf_freep)))

/* The words of config and status: "ro", "immutable", "auto", ... */
const char *sfs_mode_word(enum sfs_mode mode);
const char *sfs_cache_word(enum sfs_cache cache);
const char *sfs_io_word(enum sfs_io io);
const char *sfs_writers_word(enum sfs_writers writers);
