# SFS_SANITIZERS
# --enable-sanitizer=LIST and --enable-fuzzing: SANITIZER_CFLAGS and SANITIZER_LDFLAGS for everything, FUZZ_LDFLAGS for
# the programs that bring libFuzzer's main().  Optimisation and debug information stay the caller's (CFLAGS).
AC_DEFUN([SFS_SANITIZERS], [
  AC_ARG_ENABLE([sanitizer],
    [AS_HELP_STRING([--enable-sanitizer=LIST], [build with sanitizers: address,undefined or thread])],
    [], [enable_sanitizer=no])
  AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing], [build the fuzz targets with libFuzzer (needs CC=clang)])],
    [], [enable_fuzzing=no])

  AS_CASE([$enable_sanitizer],
    [yes], [enable_sanitizer=address,undefined],
    [*thread*], [AS_CASE([$enable_sanitizer], [*address*],
      [AC_MSG_ERROR([--enable-sanitizer=$enable_sanitizer: thread and address exclude each other])])])
  AS_IF([test "x$enable_fuzzing" = xyes && test "x$enable_sanitizer" = xno], [enable_sanitizer=address,undefined])

  SANITIZER_CFLAGS=
  SANITIZER_LDFLAGS=
  FUZZ_LDFLAGS=
  AS_IF([test "x$enable_sanitizer" != xno], [
    SANITIZER_CFLAGS="-fsanitize=$enable_sanitizer -fno-omit-frame-pointer"
    AS_CASE([$enable_sanitizer], [*undefined*], [SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-sanitize-recover=all"])
    SANITIZER_LDFLAGS="-fsanitize=$enable_sanitizer"
    AC_MSG_CHECKING([whether $CC can link with $SANITIZER_LDFLAGS])
    sfs_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $SANITIZER_CFLAGS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([$CC cannot build with $SANITIZER_LDFLAGS (unknown sanitizer, or its runtime library is missing)])])
    CFLAGS=$sfs_saved_CFLAGS
  ])
  AS_IF([test "x$enable_fuzzing" = xyes], [
    AC_MSG_CHECKING([whether $CC has libFuzzer])
    sfs_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[
#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) { return data == NULL && size > 0; }
      ]])], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([--enable-fuzzing needs libFuzzer (try CC=clang, and Debian's libclang-rt-14-dev)])])
    CFLAGS=$sfs_saved_CFLAGS
    SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fsanitize=fuzzer-no-link"
    SANITIZER_LDFLAGS="$SANITIZER_LDFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS="-fsanitize=fuzzer"
  ])
  AC_SUBST([SANITIZER_CFLAGS])
  AC_SUBST([SANITIZER_LDFLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
  AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
  AM_CONDITIONAL([SANITIZE_THREAD], [AS_CASE([$enable_sanitizer], [*thread*], [true], [false])])
])
