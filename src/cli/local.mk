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
	%D%/into.c \
	%D%/into.h \
	%D%/mount-helper.c

bin_PROGRAMS += stablefs
stablefs_SOURCES = %D%/main.c
stablefs_LDADD = $(sfs_cli)

# "make static": one file that needs no shared library, for containers and machines that have none of them.
# glibc's linker warns of functions that load modules at run time (users, hosts): libraries have them, stablefs calls none.
EXTRA_PROGRAMS += stablefs-unstripped
stablefs_unstripped_SOURCES = %D%/main.c
stablefs_unstripped_LDADD = $(sfs_archives) $(STATIC_LIBS)
stablefs_unstripped_LDFLAGS = $(AM_LDFLAGS) -static
CLEANFILES += stablefs-static stablefs-unstripped$(EXEEXT)

stablefs-static: stablefs-unstripped$(EXEEXT)
	$(AM_V_GEN)$(STRIP) -o $@ stablefs-unstripped$(EXEEXT)

static:
	@test -z '$(STATIC_MISSING)' || { echo 'make static needs what configure did not find:$(STATIC_MISSING)' >&2; exit 1; }
	@$(MAKE) $(AM_MAKEFLAGS) stablefs-static

.PHONY: static
