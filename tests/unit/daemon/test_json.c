/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/json.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/cleanup.h"

static void expect_round_trip(const char *path, const char *shown, bool bytes_too)
{
    json_t *object = json_object();
    cr_assert_eq(sfs_json_set_path(object, "path", path), 0);
    cr_assert_str_eq(json_string_value(json_object_get(object, "path")), shown);
    cr_assert_eq(json_object_get(object, "path_base16") != NULL, bytes_too);
    SFS_CLEANUP_FREE char *back = sfs_json_get_path(object, "path");
    cr_assert_str_eq(back, path);
    json_decref(object);
}

Test(json, paths_are_bytes)
{
    expect_round_trip("/a b\n\"c\"", "/a b\n\"c\"", false);
    expect_round_trip("/t\xc3\xa4st/\xe2\x82\xac/\xf0\x9f\x98\x80", "/t\xc3\xa4st/\xe2\x82\xac/\xf0\x9f\x98\x80", false);
    expect_round_trip("/\xff\xfe", "/\xef\xbf\xbd\xef\xbf\xbd", true);
    expect_round_trip("/\xc3", "/\xef\xbf\xbd", true);
    expect_round_trip("/\xc0\xaf", "/\xef\xbf\xbd\xef\xbf\xbd", true);         /* overlong */
    expect_round_trip("/\xed\xa0\x80x", "/\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx", true); /* a surrogate */
}

Test(json, nothing_there)
{
    json_t *object = json_pack("{s:n, s:i, s:s, s:s, s:s}", "a", "b", 5, "c_base16", "2f6", "d_base16", "2f00", "e_base16",
                               "2fzz");
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        cr_assert_null(sfs_json_get_path(object, keys[i]), "%s", keys[i]);
    cr_assert_eq(sfs_json_set_path(object, "none", NULL), 0);
    cr_assert(json_is_null(json_object_get(object, "none")));
    json_decref(object);
}
