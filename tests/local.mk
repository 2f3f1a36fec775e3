# "make check" runs what needs no mount: the checks of the source, and the unit, race, anomaly and fuzz tests.  The
# suites that mount have runners of their own (tests/mount/run, tests/real/run, tests/packages/run,
# tests/containers/run, tests/bench/run); packaging/check.sh runs all.
#
#   .sh     a script, by its exit status (77: skipped)
#   .t      a Criterion program; it speaks TAP
#   (none)  another program, by its exit status

TEST_EXTENSIONS = .sh .t
LOG_COMPILER = $(SHELL) $(srcdir)/tests/run-test.sh
SH_LOG_COMPILER = $(SHELL)
T_LOG_COMPILER = $(SHELL) $(srcdir)/tests/run-test.sh
T_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh

AM_TESTS_ENVIRONMENT = \
	STABLEFS='$(abs_top_builddir)/stablefs$(EXEEXT)'; export STABLEFS; \
	SFS_SOURCE='$(abs_top_srcdir)'; export SFS_SOURCE; \
	COMPILE='$(CC) -I$(abs_top_builddir) -I$(abs_top_srcdir)/src $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS)'; export COMPILE; \
	CC='$(CC)'; export CC; \
	MANDOC='$(MANDOC)'; export MANDOC; \
	FUZZ_TARGETS='$(fuzz_targets)'; export FUZZ_TARGETS; \
	srcdir='$(abs_top_srcdir)'; export srcdir;

static_checks = \
	%D%/check-banned.sh \
	%D%/check-headers.sh \
	%D%/check-includes.sh \
	%D%/check-lists.sh \
	%D%/check-man.sh

EXTRA_DIST += $(static_checks) %D%/strip-c.awk %D%/run-test.sh %D%/lsan.supp
# Here, not below the condition: make dist takes them, whether this tree runs tests or not.
EXTRA_DIST += \
	%D%/anomaly/anomaly.py \
	%D%/anomaly/anomaly.sh \
	%D%/anomaly/fault.c \
	%D%/anomaly/scenario.py \
	%D%/fuzz/corpus \
	%D%/fuzz/fuzz_conf.dict \
	%D%/fuzz/fuzz_options.dict \
	%D%/fuzz/fuzz_vars.dict \
	%D%/fuzz/replay.c \
	%D%/fuzz/run.sh \
	%D%/race/run.sh

if TESTS_ON
TESTS += $(static_checks)
include tests/link/local.mk
include tests/unit/local.mk
include tests/race/local.mk
include tests/anomaly/local.mk
include tests/fuzz/local.mk
endif
include tests/bench/local.mk
include tests/containers/local.mk
include tests/mount/local.mk
include tests/packages/local.mk
include tests/real/local.mk
