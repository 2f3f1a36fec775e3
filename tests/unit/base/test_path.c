/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/path.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static void clean_is(const char *path, const char *expected)
{
    char *clean = NULL;
    cr_assert_eq(sfs_path_clean(path, &clean), 0, "%s", path);
    cr_assert_str_eq(clean, expected, "%s gave %s", path, clean);
    free(clean);
}

Test(path, clean)
{
    clean_is("/", "/");
    clean_is("//", "/");
    clean_is("/a", "/a");
    clean_is("/a/", "/a");
    clean_is("//a///b//", "/a/b");
    clean_is("/./a/./b/.", "/a/b");
    clean_is("/a/../b", "/b");
    clean_is("/a/b/..", "/a");
    clean_is("/a/..", "/");
    clean_is("/..", "/");
    clean_is("/../../a", "/a");
    clean_is("/a/b/../../../c", "/c");
    clean_is("/...", "/...");
    clean_is("/a/..b/.c", "/a/..b/.c");
    clean_is("/a b/\xff", "/a b/\xff");
}

Test(path, clean_refuses_relative)
{
    char *clean = (char *)"untouched";
    cr_assert_eq(sfs_path_clean("a/b", &clean), -EINVAL);
    cr_assert_eq(sfs_path_clean("", &clean), -EINVAL);
    cr_assert_str_eq(clean, "untouched");
}

Test(path, absolute)
{
    cr_assert(sfs_path_is_absolute("/"));
    cr_assert(sfs_path_is_absolute("/a"));
    cr_assert_not(sfs_path_is_absolute(""));
    cr_assert_not(sfs_path_is_absolute("a/"));
    cr_assert_not(sfs_path_is_absolute("./a"));
}

Test(path, below)
{
    cr_assert_str_eq(sfs_path_below("/a/b/c", "/a"), "b/c");
    cr_assert_str_eq(sfs_path_below("/a", "/a"), "");
    cr_assert_str_eq(sfs_path_below("/a/b", "/"), "a/b");
    cr_assert_str_eq(sfs_path_below("/", "/"), "");
    cr_assert_null(sfs_path_below("/depot2", "/depot"));
    cr_assert_null(sfs_path_below("/depot", "/depot2"));
    cr_assert_null(sfs_path_below("/", "/a"));
    cr_assert_null(sfs_path_below("/b/a", "/a"));
}

static void join_is(const char *dir, const char *rest, const char *expected)
{
    char *joined = sfs_path_join(dir, rest);
    cr_assert_str_eq(joined, expected, "%s + %s gave %s", dir, rest, joined);
    free(joined);
}

Test(path, join)
{
    join_is("/a", "b", "/a/b");
    join_is("/a/", "/b", "/a/b");
    join_is("/a", "b/c", "/a/b/c");
    join_is("/a", "", "/a");
    join_is("/a/", "", "/a");
    join_is("/", "b", "/b");
    join_is("/", "", "/");
    join_is("/", "/", "/");
}

Test(path, base)
{
    cr_assert_str_eq(sfs_path_base("/a/b"), "b");
    cr_assert_str_eq(sfs_path_base("/a"), "a");
    cr_assert_str_eq(sfs_path_base("a"), "a");
    cr_assert_str_eq(sfs_path_base("/"), "/");
}

static void parent_is(const char *path, const char *expected)
{
    char *parent = sfs_path_parent(path);
    cr_assert_str_eq(parent, expected, "%s gave %s", path, parent);
    free(parent);
}

Test(path, parent)
{
    parent_is("/a/b/c", "/a/b");
    parent_is("/a", "/");
    parent_is("/", "/");
}

Test(path, name)
{
    cr_assert(sfs_path_is_name("a"));
    cr_assert(sfs_path_is_name("..."));
    cr_assert(sfs_path_is_name(".a"));
    cr_assert_not(sfs_path_is_name(""));
    cr_assert_not(sfs_path_is_name("."));
    cr_assert_not(sfs_path_is_name(".."));
    cr_assert_not(sfs_path_is_name("a/b"));
    cr_assert_not(sfs_path_is_name("/"));
}

Test(path, dots)
{
    cr_assert(sfs_path_is_dot("."));
    cr_assert(sfs_path_is_dot(".."));
    cr_assert_not(sfs_path_is_dot(""));
    cr_assert_not(sfs_path_is_dot("..."));
    cr_assert_not(sfs_path_is_dot(".a"));
}
