# SFS_WARNINGS
# WARN_CFLAGS: the warnings of this project, as far as the compiler knows them; fatal with --enable-werror.
AC_DEFUN([SFS_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])
  WARN_CFLAGS=
  sfs_saved_CFLAGS=$CFLAGS
  for sfs_flag in -Wall -Wextra -Wshadow -Wundef -Wvla -Wmissing-prototypes -Wstrict-prototypes \
      -Wold-style-definition -Wpointer-arith -Wformat=2 -Wwrite-strings -Wswitch-enum -Wint-conversion -fno-common; do
    AC_MSG_CHECKING([whether $CC knows $sfs_flag])
    # Only with -Werror an unknown warning is refused (clang), and the later compilation shows nothing new (gcc).
    CFLAGS="$sfs_saved_CFLAGS -Werror $sfs_flag"
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int sfs_nothing; ]])],
      [AC_MSG_RESULT([yes]); WARN_CFLAGS="$WARN_CFLAGS $sfs_flag"],
      [AC_MSG_RESULT([no])])
  done
  CFLAGS=$sfs_saved_CFLAGS
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])
