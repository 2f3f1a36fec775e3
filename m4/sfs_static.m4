# SFS_STATIC
# STATIC_LIBS: what "make static" links instead of the shared libraries.  STATIC_MISSING: what is missing for that, empty
# when it can be done.  To be called when all libraries are known.
AC_DEFUN([SFS_STATIC], [
  STATIC_LIBS=
  STATIC_MISSING=
  sfs_saved_LIBS=$LIBS
  sfs_saved_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS -static"
  AC_MSG_CHECKING([for static libraries])
  AS_IF([test "x$enable_sanitizer" != xno], [STATIC_MISSING=" a build without sanitizers"], [
    _SFS_STATIC_LIBRARY([the C library], [], [abort], [libc6-dev])
    # the linker would take another version's from elsewhere
    AS_IF([test -e "$sfs_fuse_libdir/libfuse3.a"],
      [_SFS_STATIC_LIBRARY([libfuse], [fuse3], [fuse_session_mount], [libfuse3-dev])],
      [AS_VAR_APPEND([STATIC_MISSING], [" $sfs_fuse_libdir/libfuse3.a"])])
    _SFS_STATIC_LIBRARY([inih], [inih], [ini_parse], [libinih-dev])
    _SFS_STATIC_LIBRARY([libcap-ng], [libcap-ng], [capng_apply], [libcap-ng-dev])
    _SFS_STATIC_LIBRARY([libcrypto], [libcrypto], [EVP_DigestInit_ex], [libssl-dev])
    _SFS_STATIC_LIBRARY([jansson], [jansson], [json_object], [libjansson-dev])
    AS_IF([test $have_seccomp = yes],
      [_SFS_STATIC_LIBRARY([libseccomp], [libseccomp], [seccomp_load], [libseccomp-dev])])
  ])
  AS_IF([test -z "$STATIC_MISSING"], [AC_MSG_RESULT([all])], [AC_MSG_RESULT([missing:$STATIC_MISSING])])
  LDFLAGS=$sfs_saved_LDFLAGS
  LIBS=$sfs_saved_LIBS
  AC_SUBST([STATIC_LIBS])
  AC_SUBST([STATIC_MISSING])
])

# _SFS_STATIC_LIBRARY(WHAT, PKG-CONFIG MODULE, FUNCTION, DEBIAN'S PACKAGE)
AC_DEFUN([_SFS_STATIC_LIBRARY], [
  sfs_static=m4_ifval([$2], [`$PKG_CONFIG --static --libs $2`])
  LIBS="$sfs_static $sfs_saved_LIBS"
  AC_LINK_IFELSE([AC_LANG_CALL([], [$3])],
    [STATIC_LIBS="$STATIC_LIBS $sfs_static"],
    [AS_VAR_APPEND([STATIC_MISSING], [" $1 (Debian: $4)"])])
])
