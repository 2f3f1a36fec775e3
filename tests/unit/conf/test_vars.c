/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/vars.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "world.h"

TestSuite(vars, .init = world_make, .fini = world_remove);

static void gives(const char *text, const char *expected)
{
    char *made = NULL;
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_vars_expand(text, &made, &err), 0, "%s: %s", text, sfs_error_text(err));
    cr_assert_null(err);
    cr_assert_str_eq(made, expected, "%s gave %s", text, made);
    free(made);
}

static void fails(const char *text, const char *expected)
{
    char *made = NULL;
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_vars_expand(text, &made, &err), -1, "%s gave %s", text, made);
    cr_assert_null(made);
    cr_assert_str_eq(sfs_error_text(err), expected);
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_USAGE);
    sfs_error_free(err);
}

Test(vars, text_without_variables)
{
    gives("", "");
    gives("/a/b", "/a/b");
    gives("$", "$");
    gives("a$b$", "a$b$");
    gives("$HOME", "$HOME");
    gives("$$", "$$");
    gives("}{", "}{");
    cr_assert_not(sfs_vars_in("$HOME$"));
    cr_assert(sfs_vars_in("a${"));
}

Test(vars, environment)
{
    setenv("SFS_A", "one", 1);
    setenv("_b2", "two", 1);
    setenv("SFS_EMPTY", "", 1);
    gives("${SFS_A}", "one");
    gives("x${SFS_A}y${_b2}${SFS_A}", "xoneytwoone");
    gives("[${SFS_EMPTY}]", "[]");
}

Test(vars, escape)
{
    setenv("SFS_A", "one", 1);
    gives("$${SFS_A}", "${SFS_A}");
    gives("$$${SFS_A}", "$${SFS_A}");
    gives("$${", "${");
    gives("$${$${${SFS_A}", "${${one");
}

Test(vars, what_a_variable_holds_is_not_looked_at_again)
{
    setenv("SFS_A", "${SFS_B}$${x}", 1);
    setenv("SFS_B", "two", 1);
    gives("${SFS_A}", "${SFS_B}$${x}");
}

Test(vars, escaping_gives_the_text_back)
{
    static const char *const texts[] = {"",       "a",          "${A}", "$${A}", "$$${A}", "$",       "${",       "$${",
                                        "${${${", "a${b}c${d}", "$$$$", "x$",    "$$ {",   "\xff${}", "${digest:"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sfs_strbuf escaped = SFS_STRBUF_INIT;
        cr_assert_eq(sfs_vars_escape(texts[i], &escaped), 0);
        gives(escaped.data, texts[i]);
        sfs_strbuf_release(&escaped);
    }
}

Test(vars, uid_and_hostname)
{
    char expected[128];
    struct utsname system;
    cr_assert_eq(uname(&system), 0);
    (void)snprintf(expected, sizeof expected, "/run/%u/%s", (unsigned)geteuid(), system.nodename);
    gives("/run/${uid}/${hostname}", expected);
    setenv("uid", "no", 1);
    (void)snprintf(expected, sizeof expected, "%u", (unsigned)geteuid());
    gives("${uid}", expected);
}

Test(vars, xdg_defaults)
{
    setenv("HOME", "/home/me/", 1);
    gives("${XDG_CACHE_HOME}", "/home/me/.cache");
    gives("${XDG_CONFIG_HOME}", "/home/me/.config");
    gives("${XDG_DATA_HOME}", "/home/me/.local/share");
    gives("${XDG_STATE_HOME}", "/home/me/.local/state");
    setenv("XDG_CACHE_HOME", "/tmp/c", 1);
    gives("${XDG_CACHE_HOME}", "/tmp/c");
    setenv("XDG_CACHE_HOME", "", 1);
    gives("${XDG_CACHE_HOME}", "/home/me/.cache");
    unsetenv("HOME");
    unsetenv("XDG_DATA_HOME");
    fails("${XDG_DATA_HOME}", "neither XDG_DATA_HOME nor HOME is set (set one of them)");
}

Test(vars, unset)
{
    setenv("SFS_SOMETHING", "x", 1);
    unsetenv("SFS_UNKNOWN_ZQX");
    fails("/a/${SFS_SOMETHNG}", "the variable SFS_SOMETHNG is not set (did you mean ${SFS_SOMETHING}?)");
    fails("${UID_}", "the variable UID_ is not set (did you mean ${uid}?)");
    fails("${hostnam}", "the variable hostnam is not set (did you mean ${hostname}?)");
    fails("${digst}", "the variable digst is not set (did you mean ${digest:FILE}?)");
    fails("${QQQQQQQQQQQQQQQQQQQQ}",
          "the variable QQQQQQQQQQQQQQQQQQQQ is not set (set it before stablefs is started)");
}

Test(vars, not_well_formed)
{
    setenv("SFS_A", "one", 1);
    fails("${", "${ has no } (write ${NAME}, and $${ for a ${ as it stands)");
    fails("a${SFS_A", "${SFS_A has no } (write ${NAME}, and $${ for a ${ as it stands)");
    fails("${}", "${} is no variable (write ${NAME}, ${uid}, ${hostname} or ${digest:/FILE}, and $${ for a ${ as it "
                 "stands)");
    fails("${A-b}", "${A-b} is no variable (write ${NAME}, ${uid}, ${hostname} or ${digest:/FILE}, and $${ for a ${ as "
                    "it stands)");
    fails("${1}", "${1} is no variable (write ${NAME}, ${uid}, ${hostname} or ${digest:/FILE}, and $${ for a ${ as it "
                  "stands)");
    fails("${digest:${SFS_A}/x}", "a variable inside a variable is not possible (write the inner one as it is)");
}

Test(vars, bounded)
{
    static char large[32 * 1024 + 1], expected[64 * 1024 + 1];
    memset(large, 'x', sizeof large - 1);
    memset(expected, 'x', sizeof expected - 1);
    setenv("SFS_LARGE", large, 1);
    gives("${SFS_LARGE}${SFS_LARGE}", expected);
    fails("${SFS_LARGE}${SFS_LARGE}y", "it has more than 65536 bytes with its variables filled in (use shorter ones)");
}

/* ${digest:LIST} of absolute names, or NULL when it fails; static, four at a time. */
static const char *digest(const char *list)
{
    static char results[4][100];
    static unsigned next;
    char text[4096];
    (void)snprintf(text, sizeof text, "${digest:%s}", list);
    char *made = NULL;
    if (sfs_vars_expand(text, &made, NULL) < 0)
        return NULL;
    char *result = results[next++ % 4];
    (void)snprintf(result, sizeof results[0], "%s", made);
    free(made);
    return result;
}

Test(vars, digest_is_what_the_manual_says)
{
    /* SHA-256 of: 1 (8 bytes), 3 (8 bytes), SHA-256("abc"); computed with Python */
    char file[4200];
    write_file("abc", "abc");
    (void)snprintf(file, sizeof file, "%s/abc", world);
    cr_assert_str_eq(digest(file), "212825a5ab193409ccc99472acb0406f");
}

Test(vars, digest_of_contents)
{
    char a[4200], list[13000];
    write_file("a", "abc");
    write_file("b", "abc");
    write_file("c", "abd");
    write_file("empty", "%s", "");
    write_file("d", "ab");
    write_file("e", "cabc");
    (void)snprintf(a, sizeof a, "%s/a", world);
    const char *one = digest(a);
    cr_assert_eq(strlen(one), 32);
    cr_assert_eq(strspn(one, "0123456789abcdef"), 32);
    (void)snprintf(list, sizeof list, "%s/b", world);
    cr_assert_str_eq(digest(list), one, "the name does not count");
    (void)snprintf(list, sizeof list, "%s/c", world);
    cr_assert_str_neq(digest(list), one);
    (void)snprintf(list, sizeof list, "%s/a:%s/empty", world, world);
    cr_assert_str_neq(digest(list), one, "the number of files counts");
    (void)snprintf(list, sizeof list, "%s/a:%s/c", world, world);
    const char *two = digest(list);
    (void)snprintf(list, sizeof list, "%s/c:%s/a", world, world);
    cr_assert_str_neq(digest(list), two, "the order counts");
    (void)snprintf(list, sizeof list, "%s/a:%s/a", world, world);
    two = digest(list);
    (void)snprintf(list, sizeof list, "%s/d:%s/e", world, world);
    cr_assert_str_neq(digest(list), two, "where one file ends counts");
}

Test(vars, digest_errors)
{
    char text[8500], expected[9000];
    fails("${digest:}", "a digest needs the names of files (write ${digest:/DIR/FILE} or "
                        "${digest:/DIR/FILE:/DIR/OTHER})");
    fails("${digest:Manifest.toml}",
          "Manifest.toml is a relative path (write the file of a digest from the root, as in /DIR/FILE)");
    write_file("a", "abc");
    (void)snprintf(text, sizeof text, "${digest:%s/a:}", world);
    fails(text, "a digest needs the names of files (write ${digest:/DIR/FILE} or ${digest:/DIR/FILE:/DIR/OTHER})");
    (void)snprintf(text, sizeof text, "${digest:%s/a:%s/none}", world, world);
    (void)snprintf(expected, sizeof expected, "there is no file %s/none to make a digest of (correct the path)", world);
    fails(text, expected);
    (void)snprintf(text, sizeof text, "${digest:%s}", world);
    (void)snprintf(expected, sizeof expected, "%s is not a regular file (a digest needs regular files)", world);
    fails(text, expected);
    fails("${digest:/dev/zero}", "/dev/zero is not a regular file (a digest needs regular files)");
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    (void)snprintf(text, sizeof text, "${digest:%s/fifo}", world);
    (void)snprintf(expected, sizeof expected, "%s/fifo is not a regular file (a digest needs regular files)", world);
    fails(text, expected);
    cr_assert_eq(truncate("a", (64 << 20) + 1), 0);
    (void)snprintf(text, sizeof text, "${digest:%s/a}", world);
    (void)snprintf(expected, sizeof expected, "%s/a has more than 64 MiB (make the digest of a smaller file)", world);
    fails(text, expected);
    if (geteuid() == 0)
        return;
    cr_assert_eq(chmod("a", 0), 0);
    (void)snprintf(expected, sizeof expected, "%s/a cannot be read: Permission denied (a digest needs its content)",
                   world);
    fails(text, expected);
}

Test(vars, xdg_directory)
{
    char *dir = NULL;
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/h", 1);
    cr_assert_eq(sfs_vars_xdg("XDG_CONFIG_HOME", &dir), 0);
    cr_assert_str_eq(dir, "/h/.config");
    free(dir);
    cr_assert_eq(sfs_vars_xdg("XDG_RUNTIME_DIR", &dir), -ENOENT);
    unsetenv("HOME");
    cr_assert_eq(sfs_vars_xdg("XDG_CONFIG_HOME", &dir), -ENOENT);
}
