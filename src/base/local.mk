noinst_LIBRARIES += libsfs-base.a
libsfs_base_a_SOURCES = \
	%D%/cleanup.h \
	%D%/error.c \
	%D%/error.h \
	%D%/hash.h \
	%D%/log.c \
	%D%/log.h \
	%D%/nearest.c \
	%D%/nearest.h \
	%D%/path.c \
	%D%/path.h \
	%D%/problems.c \
	%D%/problems.h \
	%D%/strbuf.c \
	%D%/strbuf.h
