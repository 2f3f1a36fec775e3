noinst_LIBRARIES += libsfs-daemon.a
libsfs_daemon_a_SOURCES = \
	%D%/background.c \
	%D%/background.h \
	%D%/commands.c \
	%D%/commands.h \
	%D%/control.c \
	%D%/control.h \
	%D%/daemon.h \
	%D%/instance.c \
	%D%/instance.h \
	%D%/json.c \
	%D%/json.h \
	%D%/loop.c \
	%D%/loop.h \
	%D%/made-dirs.c \
	%D%/made-dirs.h \
	%D%/mountpoint.c \
	%D%/mountpoint.h \
	%D%/notify.c \
	%D%/notify.h \
	%D%/preflight.c \
	%D%/preflight.h \
	%D%/privileges.c \
	%D%/privileges.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/start.c \
	%D%/unmounter.c \
	%D%/unmounter.h
