noinst_LIBRARIES += libsfs-conf.a
libsfs_conf_a_SOURCES = \
	%D%/conf.c \
	%D%/conf.h \
	%D%/digest.c \
	%D%/digest.h \
	%D%/draft.c \
	%D%/draft.h \
	%D%/find.c \
	%D%/find.h \
	%D%/keys.c \
	%D%/keys.h \
	%D%/load.c \
	%D%/options.c \
	%D%/options.h \
	%D%/print.c \
	%D%/reader.c \
	%D%/reader.h \
	%D%/report.c \
	%D%/report.h \
	%D%/validate.c \
	%D%/vars.c \
	%D%/vars.h
