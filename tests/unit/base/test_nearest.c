/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/nearest.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const words[] = {"path", "source", "mode", "cache", "io", "symlinks", "immutable", NULL};

static void nearest_is(const char *wrong, const char *expected)
{
    const char *near = sfs_nearest(wrong, words);
    if (expected == NULL)
        cr_assert_null(near, "%s gave %s", wrong, near);
    else
        cr_assert(near != NULL && strcmp(near, expected) == 0, "%s gave %s", wrong, near != NULL ? near : "nothing");
}

Test(nearest, one_edit)
{
    nearest_is("pth", "path");   /* left out */
    nearest_is("paath", "path"); /* twice */
    nearest_is("oath", "path");  /* replaced */
    nearest_is("apth", "path");  /* swapped */
    nearest_is("iimmutable", "immutable");
}

Test(nearest, case_does_not_count)
{
    nearest_is("PATH", "path");
    nearest_is("Source", "source");
    nearest_is("IO", "io");
}

Test(nearest, a_third_of_the_longer_word)
{
    nearest_is("imutabel", "immutable"); /* three edits of nine */
    nearest_is("immxxxxxx", NULL);
    nearest_is("moed", "mode");
    nearest_is("xxcache", "cache");
    nearest_is("xxxcache", NULL);
}

Test(nearest, short_words_are_near_by_one_edit)
{
    nearest_is("i", "io");
    nearest_is("oi", "io");
    nearest_is("x", NULL);
    nearest_is("xy", NULL);
}

Test(nearest, nothing_and_too_much)
{
    char longest[200];
    memset(longest, 'p', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    nearest_is("", NULL);
    nearest_is(longest, NULL);
    longest[63] = '\0';
    nearest_is(longest, NULL);
    cr_assert_null(sfs_nearest("path", (const char *const[]){NULL}));
}

Test(nearest, long_words_are_never_near)
{
    char word[65];
    memset(word, 'p', sizeof word - 1);
    word[64] = '\0';
    const char *const list[] = {word, NULL};
    cr_assert_null(sfs_nearest(word + 2, list));
    word[63] = '\0';
    cr_assert_eq(sfs_nearest(word + 2, list), word);
}

Test(nearest, the_first_of_equals)
{
    const char *const list[] = {"abce", "abcd", NULL};
    cr_assert_eq(sfs_nearest("abcf", list), list[0]);
    cr_assert_eq(sfs_nearest("abcd", list), list[1]);
}
