noinst_LIBRARIES += libsfs-view.a
libsfs_view_a_SOURCES = \
	%D%/map.c \
	%D%/map.h \
	%D%/stubs.c \
	%D%/stubs.h \
	%D%/view.c \
	%D%/view.h
