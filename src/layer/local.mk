noinst_LIBRARIES += libsfs-layer.a
libsfs_layer_a_SOURCES = \
	%D%/dir-attr.c \
	%D%/dir-file.c \
	%D%/dir-internal.h \
	%D%/dir-list.c \
	%D%/dir-lookup.c \
	%D%/dir-name.c \
	%D%/dir-reach.c \
	%D%/dir-statahead.c \
	%D%/dir-statahead.h \
	%D%/dir.c \
	%D%/dir.h \
	%D%/fdcache.c \
	%D%/fdcache.h \
	%D%/inode-number.c \
	%D%/inode-number.h \
	%D%/layer.h \
	%D%/node.c \
	%D%/node.h \
	%D%/own-devices.c \
	%D%/own-devices.h
