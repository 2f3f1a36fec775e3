/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/holders.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

Test(holders, maps_lines)
{
    dev_t device = makedev(0, 0x2a);
    cr_assert_str_eq(sfs_holders_maps_line("55d0c000-55d0d000 r-xp 00001000 00:2a 1234   /p/a b.so", device),
                     "/p/a b.so");
    cr_assert_str_eq(sfs_holders_maps_line("7f00-7f01 rw-s 00000000 00:2a 9 /p/x (deleted)", device), "/p/x (deleted)");
    cr_assert_null(sfs_holders_maps_line("55d0c000-55d0d000 r-xp 00001000 08:2a 1234   /p/a.so", device));
    cr_assert_null(sfs_holders_maps_line("55d0c000-55d0d000 r-xp 00001000 00:42 1234   /p/a.so", device), "hexadecimal");
    cr_assert_null(sfs_holders_maps_line("7ffd-7ffe rw-p 00000000 00:00 0   [stack]", makedev(0, 0)));
    cr_assert_null(sfs_holders_maps_line("7ffd-7ffe rw-p 00000000 00:00 0 ", makedev(0, 0)));
    cr_assert_null(sfs_holders_maps_line("", device));
    cr_assert_null(sfs_holders_maps_line("nonsense", device));
}

Test(holders, line_for_people)
{
    struct sfs_holder items[] = {{1234, "vim", (char *)"/p/a.c"}, {99, "sh", (char *)"/p"}};
    struct sfs_holders holders = {items, 2, false, false};
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_holders_print(&holders, &text), 0);
    cr_assert_str_eq(text.data, "1234 (vim, /p/a.c), 99 (sh, /p)");
    sfs_strbuf_truncate(&text, 0);
    holders.more = true;
    holders.count = 1;
    cr_assert_eq(sfs_holders_print(&holders, &text), 0);
    cr_assert_str_eq(text.data, "1234 (vim, /p/a.c), \xe2\x80\xa6");
    struct sfs_holders none = SFS_HOLDERS_INIT;
    sfs_strbuf_truncate(&text, 0);
    cr_assert_eq(sfs_holders_print(&none, &text), 0);
    cr_assert_str_eq(text.data, "");
}

/* A child with a file of /dev/shm open is found, this process is not. */
Test(holders, finds_a_process)
{
    char name[] = "/dev/shm/sfs-holders-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        cr_skip("no /dev/shm here");
    struct stat stat;
    cr_assert_eq(fstat(fd, &stat), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    SFS_CLEANUP_HOLDERS struct sfs_holders holders = SFS_HOLDERS_INIT;
    cr_assert_eq(sfs_holders_find(stat.st_dev, 1000, &holders), 0);
    bool found = false;
    for (size_t i = 0; i < holders.count; i++) {
        cr_assert_neq(holders.items[i].pid, getpid());
        if (holders.items[i].pid != child)
            continue;
        found = true;
        cr_assert(strncmp(holders.items[i].path, "/dev/shm/", 9) == 0, "%s", holders.items[i].path);
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)unlink(name);
    (void)close(fd);
    cr_assert(found);
}
