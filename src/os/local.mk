noinst_LIBRARIES += libsfs-os.a
libsfs_os_a_SOURCES = \
	%D%/clock.h \
	%D%/cred.c \
	%D%/cred.h \
	%D%/fd.c \
	%D%/fd.h \
	%D%/file.c \
	%D%/file.h \
	%D%/handle.c \
	%D%/handle.h \
	%D%/holders.c \
	%D%/holders.h \
	%D%/mounts.c \
	%D%/mounts.h \
	%D%/namespace.c \
	%D%/namespace.h \
	%D%/open.c \
	%D%/open.h \
	%D%/process.c \
	%D%/process.h \
	%D%/rundir.c \
	%D%/rundir.h \
	%D%/stat.c \
	%D%/stat.h \
	%D%/tree.c \
	%D%/tree.h \
	%D%/trial.c \
	%D%/trial.h \
	%D%/umount.c \
	%D%/umount.h
