/* SPDX-License-Identifier: MIT */
/* Telling a service manager how we are: the protocol of sd_notify(3), without libsystemd. */
#pragma once

/*
 * Send lines such as "READY=1\nSTATUS=serving" to $NOTIFY_SOCKET; nothing happens when it is unset.  A failure is
 * logged at debug: a service manager that cannot be reached must not end the service.
 */
void sfs_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));
