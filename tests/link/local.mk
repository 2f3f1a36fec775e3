# See main.c.  The whole library comes first: the linker then sees all of the rank, wanted or not.

check_PROGRAMS += %D%/link-base
TESTS += %D%/link-base
%C%_link_base_SOURCES = %D%/main.c
%C%_link_base_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-base.a,--no-whole-archive
%C%_link_base_LDADD = $(sfs_base)

check_PROGRAMS += %D%/link-os
TESTS += %D%/link-os
%C%_link_os_SOURCES = %D%/main.c
%C%_link_os_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-os.a,--no-whole-archive
%C%_link_os_LDADD = $(sfs_os)

check_PROGRAMS += %D%/link-conf
TESTS += %D%/link-conf
%C%_link_conf_SOURCES = %D%/main.c
%C%_link_conf_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-conf.a,--no-whole-archive
%C%_link_conf_LDADD = $(sfs_conf)

check_PROGRAMS += %D%/link-layer
TESTS += %D%/link-layer
%C%_link_layer_SOURCES = %D%/main.c
%C%_link_layer_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-layer.a,--no-whole-archive
%C%_link_layer_LDADD = $(sfs_layer)

check_PROGRAMS += %D%/link-view
TESTS += %D%/link-view
%C%_link_view_SOURCES = %D%/main.c
%C%_link_view_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-view.a,--no-whole-archive
%C%_link_view_LDADD = $(sfs_view)

check_PROGRAMS += %D%/link-fuse
TESTS += %D%/link-fuse
%C%_link_fuse_SOURCES = %D%/main.c
%C%_link_fuse_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-fuse.a,--no-whole-archive
%C%_link_fuse_LDADD = $(sfs_fuse)

check_PROGRAMS += %D%/link-daemon
TESTS += %D%/link-daemon
%C%_link_daemon_SOURCES = %D%/main.c
%C%_link_daemon_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-daemon.a,--no-whole-archive
%C%_link_daemon_LDADD = $(sfs_daemon)

check_PROGRAMS += %D%/link-cli
TESTS += %D%/link-cli
%C%_link_cli_SOURCES = %D%/main.c
%C%_link_cli_LDFLAGS = $(AM_LDFLAGS) -Wl,--whole-archive,libsfs-cli.a,--no-whole-archive
%C%_link_cli_LDADD = $(sfs_cli)
