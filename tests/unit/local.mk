# Unit tests: one Criterion program per module, linked with the library of its own rank and those below only.  A test of rank RANK adds to unit_tests in tests/unit/RANK/local.mk:
#
#	unit_tests += %D%/test_path.t
#	%C%_test_path_t_SOURCES = %D%/test_path.c
#	%C%_test_path_t_LDADD = $(sfs_RANK) $(CRITERION_LIBS)

unit_tests =

if HAVE_CRITERION
if !SANITIZE_THREAD
# Criterion does not run under the thread sanitizer.
AM_CPPFLAGS += $(CRITERION_CFLAGS)
include tests/unit/base/local.mk
include tests/unit/os/local.mk
include tests/unit/conf/local.mk
include tests/unit/layer/local.mk
include tests/unit/view/local.mk
include tests/unit/fuse/local.mk
include tests/unit/daemon/local.mk
include tests/unit/cli/local.mk
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
endif
