/* SPDX-License-Identifier: MIT */
/* The race test's parts. Every thread has a random generator of its own, so a seed gives each the same choices again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct race {
    const char *map;    /* the mounted map (or any directory, to try the test itself) */
    const char *source; /* the directory behind it; NULL: nothing happens behind the back */
    uint64_t seed;
    unsigned stale_most; /* how often in a row opening what is being replaced may fail with ESTALE */
    int map_fd;
};

struct thread {
    struct race *race;
    const char *part; /* "own", "shared", "behind" */
    unsigned index;   /* among those of its part */
    uint64_t random;
    uint64_t steps;
};

/* A number below limit. */
uint64_t race_random(struct thread *thread, uint64_t limit);
/* Whether time is up. */
bool race_over(void);
/* Say what is wrong and end the whole program with status 1. errno, if not 0, is named. */
void race_fail(const struct thread *thread, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Fills buffer so that bytes of two versions never look like one: every 8 bytes depend on the key and the place. */
void race_pattern(unsigned char *buffer, size_t size, uint64_t key);

/* A file as a whole version: a head with its key, name number and length, then a pattern. */
enum { VERSION_MOST = 96 * 1024 };
struct version {
    uint64_t name, key, size, check; /* size: of the whole; check: of the three before */
};
size_t version_make(struct thread *thread, unsigned char *buffer, uint64_t name);
/* NULL when the bytes are one whole version of that name, else what is wrong. */
const char *version_check(const unsigned char *buffer, size_t size, uint64_t name);

void own_run(struct thread *thread);
void shared_prepare(struct race *race);
void shared_run(struct thread *thread);
void shared_finish(struct race *race);
void behind_prepare(struct race *race);
void behind_change(struct thread *thread);
void behind_read(struct thread *thread);
