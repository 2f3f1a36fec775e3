/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/control.h"
#include "daemon/handover.h"
#include "daemon/made-dirs.h"
#include "daemon/mountpoint.h"
#include "os/fd.h"
#include "os/process.h"

/* What the owner says; its end without LET_LIVE means that it has died. */
struct word {
    enum { DAEMON = 'd', LET_LIVE = 'l' } what;
    pid_t pid;
};

/* What comes from the others. */
struct news {
    enum { ENTERED, ENDED } what;
    struct sfs_namespace space; /* ENTERED */
};

/* How often it looks whether the namespace is empty, at first and at last. */
enum { PAUSE_FIRST_MS = 5, PAUSE_MOST_MS = 1000 };
/* Keepers of runs inside of this one are given so many looks to tidy up before they are killed. */
enum { SPARED_LOOKS = 8 };

#define NAME "sfs-keeper"

struct post {
    const struct sfs_conf *conf;
    bool *rebuild;
    int owner;  /* to be read */
    int inside; /* to be read */
    int report;
    struct sfs_made_dirs made;
    struct sfs_namespace space;
    bool told;    /* space is known */
    bool ended;   /* the daemon says that everything is unmounted */
    pid_t daemon; /* 0: not known */
};

static int make_directories(struct post *post, struct sfs_error **err)
{
    (void)umask(0); /* as for everybody's maps: their mode is what they are for */
    for (size_t i = 0; i < post->conf->map_count; i++) {
        if (sfs_conf_enclosing(post->conf, post->conf->maps[i].path) == NULL &&
            sfs_mountpoint_prepare_private(post->conf->maps[i].path, &post->made, &post->rebuild[i], err) < 0)
            return -1;
    }
    return 0;
}

/* Take one message, which is there, or the end of all that could send any. */
static void hear(struct post *post)
{
    struct news news;
    if (recv(post->inside, &news, sizeof news, 0) != (ssize_t)sizeof news) {
        sfs_close(SFS_TAKE_FD(post->inside));
    } else if (news.what == ENDED) {
        post->ended = true;
    } else {
        post->space = news.space;
        post->told = true;
    }
}

/* Wait for the owner's end, and take note of the namespace when that is known. Returns whether it may live on. */
static bool wait_for_owner(struct post *post)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = post->owner, .events = POLLIN}, {.fd = post->inside, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents != 0) {
            hear(post);
            continue;
        }
        if (fds[0].revents != 0) {
            struct word word;
            if (read(post->owner, &word, sizeof word) != (ssize_t)sizeof word)
                return false;
            if (word.what == LET_LIVE)
                return true;
            post->daemon = word.pid;
        }
    }
}

/* Its numbers are those of no other namespace: known by its id, or because the daemon still serves it. */
static bool is_certain(const struct post *post)
{
    return post->space.id != 0 || (post->daemon > 0 && kill(post->daemon, 0) == 0);
}

/*
 * While the daemon serves, something holds the mounts: a namespace, be it a copy that was made inside, or a descriptor.
 * The daemon holds the other end of inside, too, and says so when everything has been unmounted, unless it is killed.
 */
static void wait_for_daemon(struct post *post)
{
    while (post->inside >= 0 && !post->ended)
        hear(post);
}

static void wait_until_empty(struct post *post, bool live)
{
    if (live)
        wait_for_daemon(post);
    int looks = 0;
    for (int pause = PAUSE_FIRST_MS; post->told && !post->ended;
         pause = pause < PAUSE_MOST_MS ? pause * 2 : PAUSE_MOST_MS) {
        if (!live && !is_certain(post))
            return; /* better one too many than the wrong one */
        sfs_err left = live ? sfs_namespace_count(&post->space)
                            : sfs_namespace_kill(&post->space, ++looks <= SPARED_LOOKS ? NAME : NULL);
        if (left <= 0)
            return;
        (void)poll(NULL, 0, pause);
    }
}

static void __attribute__((noreturn)) keeper_main(struct post *post)
{
    (void)setsid();
    (void)prctl(PR_SET_NAME, NAME);
    (void)chdir("/"); /* or it would keep that filesystem busy */
    int keep[] = {post->owner, post->inside, post->report};
    sfs_process_close_all_but(keep, sizeof keep / sizeof keep[0]);
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    int made = make_directories(post, &err);
    if (sfs_handover_answer(post->report, err) < 0)
        made = -1; /* nobody waits any more */
    size_t count = post->conf->map_count;
    if (made == 0 && send(post->report, post->rebuild, count * sizeof post->rebuild[0], MSG_NOSIGNAL) >= 0) {
        sfs_close(post->report);
        /* whoever waits for the end of these would wait as long as something of the command runs */
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int standard = STDIN_FILENO; null >= 0 && standard <= STDERR_FILENO; standard++)
            (void)dup2(null, standard);
        wait_until_empty(post, wait_for_owner(post));
        if (post->daemon > 0) /* it ends now, or was killed */
            sfs_control_remove(post->conf->name, (long)post->daemon);
    }
    sfs_made_dirs_remove(&post->made);
    _exit(0);
}

static int receive_report(const struct sfs_conf *conf, int report, bool rebuild[], struct sfs_error **err)
{
    if (sfs_handover_wait(report, err) < 0)
        return -1;
    ssize_t got;
    do {
        got = recv(report, rebuild, conf->map_count * sizeof rebuild[0], 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)(conf->map_count * sizeof rebuild[0]))
        return sfs_error_set(err, SFS_STATUS_FAILED, "the directories of the stable paths were not made (try again)");
    return 0;
}

static int cannot_start(struct sfs_error **err)
{
    return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start: %m (end some programs)");
}

int sfs_keeper_start(const struct sfs_conf *conf, bool rebuild[], struct sfs_keeper *ret, struct sfs_error **err)
{
    int owner[2] = {-1, -1}, inside[2] = {-1, -1}, report[2] = {-1, -1};
    int r = -1;
    pid_t pid = -1;
    if (pipe2(owner, O_CLOEXEC) < 0 || sfs_handover_channel(inside) < 0 || sfs_handover_channel(report) < 0 ||
        (pid = fork()) < 0) {
        (void)cannot_start(err);
    } else if (pid == 0) {
        struct post post = {.conf = conf,
                            .rebuild = rebuild,
                            .owner = owner[0],
                            .inside = inside[0],
                            .report = report[1],
                            .made = SFS_MADE_DIRS_INIT};
        keeper_main(&post);
    } else {
        sfs_close(SFS_TAKE_FD(report[1]));
        r = receive_report(conf, report[0], rebuild, err);
    }
    if (r == 0)
        *ret = (struct sfs_keeper){.pid = pid, .owner = SFS_TAKE_FD(owner[1]), .inside = SFS_TAKE_FD(inside[1])};
    const int ends[] = {owner[0], owner[1], inside[0], inside[1], report[0], report[1]};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sfs_close(ends[i]);
    if (r < 0 && pid > 0)
        (void)waitpid(pid, NULL, 0);
    return r;
}

sfs_err sfs_keeper_tell(const struct sfs_keeper *keeper, const struct sfs_namespace *space)
{
    struct news news = {.what = ENTERED, .space = *space};
    return send(keeper->inside, &news, sizeof news, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void sfs_keeper_tell_end(int inside)
{
    struct news news = {.what = ENDED};
    (void)send(inside, &news, sizeof news, MSG_NOSIGNAL);
}

void sfs_keeper_watch(const struct sfs_keeper *keeper, pid_t daemon)
{
    struct word word = {.what = DAEMON, .pid = daemon};
    if (keeper->owner >= 0)
        (void)sfs_fd_write_all(keeper->owner, &word, sizeof word);
}

void sfs_keeper_dismiss(struct sfs_keeper *keeper, bool kill)
{
    static const struct word live = {.what = LET_LIVE};
    if (keeper->owner >= 0 && !kill)
        (void)sfs_fd_write_all(keeper->owner, &live, sizeof live);
    sfs_close(SFS_TAKE_FD(keeper->owner));
    sfs_close(SFS_TAKE_FD(keeper->inside));
}
