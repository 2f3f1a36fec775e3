# One static library per rank; a rank is linked with the lower ones only (see tests/link).
# The libraries of each rank with everything below it, in link order.

sfs_base = libsfs-base.a
sfs_os = libsfs-os.a $(sfs_base) $(CAPNG_LIBS) $(SECCOMP_LIBS)
sfs_conf = libsfs-conf.a $(sfs_os) $(INIH_LIBS) $(CRYPTO_LIBS)
sfs_layer = libsfs-layer.a $(sfs_conf)
sfs_view = libsfs-view.a $(sfs_layer)
sfs_fuse = libsfs-fuse.a $(sfs_view) $(FUSE_LIBS)
sfs_daemon = libsfs-daemon.a $(sfs_fuse) $(JANSSON_LIBS)
sfs_cli = libsfs-cli.a $(sfs_daemon)
# All of them without the libraries of others, in the same order.
sfs_archives = libsfs-cli.a libsfs-daemon.a libsfs-fuse.a libsfs-view.a libsfs-layer.a libsfs-conf.a libsfs-os.a \
	libsfs-base.a

include src/base/local.mk
include src/os/local.mk
include src/conf/local.mk
include src/layer/local.mk
include src/view/local.mk
include src/fuse/local.mk
include src/daemon/local.mk
include src/cli/local.mk
