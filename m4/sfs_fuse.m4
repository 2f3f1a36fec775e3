# SFS_FUSE
# libfuse3: FUSE_CFLAGS and FUSE_LIBS (with a run path when it is not in a system directory), FUSE_USE_VERSION and
# HAVE_FUSE_* in config.h.  Everything beyond 3.14 is found by trying, because distributions take back single changes.
AC_DEFUN([SFS_FUSE], [
  PKG_CHECK_MODULES([FUSE], [fuse3 >= 3.14])
  sfs_fuse_version=`$PKG_CONFIG --modversion fuse3`
  sfs_fuse_libdir=`$PKG_CONFIG --variable=libdir fuse3`
  sfs_multiarch=`$CC -print-multiarch 2>/dev/null`
  AS_CASE([$sfs_fuse_libdir],
    [''|/lib|/usr/lib|/lib64|/usr/lib64|/usr/local/lib|/lib/$sfs_multiarch|/usr/lib/$sfs_multiarch], [],
    [FUSE_LIBS="$FUSE_LIBS -Wl,--enable-new-dtags -Wl,-rpath,$sfs_fuse_libdir"])

  # The API level is what we ask for, not what is there.
  AS_IF([$PKG_CONFIG --atleast-version=3.18 fuse3], [sfs_fuse_api=318],
    [$PKG_CONFIG --atleast-version=3.17 fuse3], [sfs_fuse_api=317],
    [sfs_fuse_api=314])
  AC_DEFINE_UNQUOTED([FUSE_USE_VERSION], [$sfs_fuse_api], [The level of libfuse's API that the code is written for.])

  sfs_saved_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $FUSE_CFLAGS -D_FILE_OFFSET_BITS=64 -DFUSE_USE_VERSION=$sfs_fuse_api"
  sfs_saved_LIBS=$LIBS
  LIBS="$LIBS $FUSE_LIBS"
  _SFS_FUSE_FEATURE([PASSTHROUGH], [fuse_passthrough_open],
    [(void)fuse_passthrough_open((fuse_req_t)0, 0); (void)fuse_passthrough_close((fuse_req_t)0, 0);],
    [libfuse has fuse_passthrough_open().], [io=passthrough (3.17)])
  _SFS_FUSE_FEATURE([OP_TMPFILE], [the operation tmpfile],
    [struct fuse_lowlevel_ops ops; ops.tmpfile = 0; (void)ops;],
    [libfuse has the low-level operation tmpfile.], [O_TMPFILE on a map (3.17)])
  _SFS_FUSE_FEATURE([OP_STATX], [the operation statx],
    [struct fuse_lowlevel_ops ops; ops.statx = 0; (void)ops;],
    [libfuse has the low-level operation statx.], [creation times by statx (3.18)])
  _SFS_FUSE_FEATURE([SET_FEATURE_FLAG], [fuse_set_feature_flag],
    [struct fuse_conn_info *conn = 0; (void)fuse_set_feature_flag(conn, FUSE_CAP_ASYNC_READ);],
    [libfuse has fuse_set_feature_flag().], [kernel features beyond the first 32 (3.17)])
  _SFS_FUSE_FEATURE([CAP_DIRECT_IO_ALLOW_MMAP], [FUSE_CAP_DIRECT_IO_ALLOW_MMAP],
    [(void)FUSE_CAP_DIRECT_IO_ALLOW_MMAP;],
    [libfuse has FUSE_CAP_DIRECT_IO_ALLOW_MMAP.], [shared mmap with io=direct (3.17)])
  _SFS_FUSE_FEATURE([CAP_HANDLE_KILLPRIV_V2], [FUSE_CAP_HANDLE_KILLPRIV_V2],
    [(void)FUSE_CAP_HANDLE_KILLPRIV_V2;],
    [libfuse has FUSE_CAP_HANDLE_KILLPRIV_V2.], [writes without a question for capabilities before each (3.17)])
  _SFS_FUSE_FEATURE([KILL_SUIDGID], [kill_suidgid],
    [struct fuse_file_info fi; fi.kill_suidgid = 0; (void)fi;],
    [libfuse tells of callers who may not keep set-id bits.], [set-id bits cleared for root without CAP_FSETID (3.18)])
  _SFS_FUSE_FEATURE([IO_URING], [fuse_req_is_uring],
    [(void)FUSE_CAP_OVER_IO_URING; (void)fuse_req_is_uring((fuse_req_t)0);],
    [libfuse can take requests by io_uring and tell which.], [io_uring=on (3.18)])
  CPPFLAGS=$sfs_saved_CPPFLAGS
  LIBS=$sfs_saved_LIBS
])

# _SFS_FUSE_FEATURE(NAME, WHAT IS TRIED, STATEMENTS, COMMENT IN CONFIG.H, WHAT IT GIVES)
AC_DEFUN([_SFS_FUSE_FEATURE], [
  AC_MSG_CHECKING([whether libfuse has $2])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <fuse_lowlevel.h>]], [$3])], [sfs_found=yes], [sfs_found=no])
  AC_MSG_RESULT([$sfs_found])
  AS_IF([test $sfs_found = yes],
    [AC_DEFINE([HAVE_FUSE_$1], [1], [$4])],
    [AS_VAR_APPEND([sfs_fuse_missing], ["
                      $5"])])
])
