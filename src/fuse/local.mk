noinst_LIBRARIES += libsfs-fuse.a
libsfs_fuse_a_SOURCES = \
	%D%/counters.c \
	%D%/counters.h \
	%D%/init.c \
	%D%/lock-owners.c \
	%D%/lock-owners.h \
	%D%/lock-ranges.c \
	%D%/lock-ranges.h \
	%D%/locks.c \
	%D%/locks.h \
	%D%/open-state.c \
	%D%/open-state.h \
	%D%/ops-attr.c \
	%D%/ops-data.c \
	%D%/ops-dir.c \
	%D%/ops-internal.h \
	%D%/ops-lock.c \
	%D%/ops-lookup.c \
	%D%/ops-name.c \
	%D%/ops-open.c \
	%D%/ops-xattr.c \
	%D%/ops.c \
	%D%/relist-queue.c \
	%D%/relist-queue.h \
	%D%/relist.c \
	%D%/relist.h \
	%D%/reply.c \
	%D%/reply.h \
	%D%/session-internal.h \
	%D%/session.c \
	%D%/session.h \
	%D%/writer.c \
	%D%/writer.h
