noinst_LIBRARIES += libsfs-cli.a
libsfs_cli_a_SOURCES = \
	%D%/cli.c \
	%D%/cli.h \
	%D%/client.c \
	%D%/client.h \
	%D%/cmd-check.c \
	%D%/cmd-doctor.c \
	%D%/cmd-mount.c \
	%D%/cmd-resolve.c \
	%D%/cmd-run.c \
	%D%/cmd-status.c \
	%D%/cmd-umount.c \
	%D%/commands.h \
	%D%/environment.c \
	%D%/environment.h \
	%D%/mount-helper.c

bin_PROGRAMS += stablefs
stablefs_SOURCES = %D%/main.c
stablefs_LDADD = $(sfs_cli)
