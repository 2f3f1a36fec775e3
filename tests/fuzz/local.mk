# Fuzz targets.  "make check" runs each over the inputs kept in corpus/TARGET; with --enable-fuzzing "make fuzz"
# searches for new ones (FUZZ_SECONDS for all of them together).  A target adds here:
#
#	fuzz_targets += %D%/fuzz_TARGET
#	%C%_fuzz_TARGET_SOURCES = %D%/fuzz_TARGET.c $(fuzz_main)
#	%C%_fuzz_TARGET_LDADD = $(sfs_RANK)
#	%C%_fuzz_TARGET_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

FUZZ_SECONDS = 60
fuzz_targets =
if FUZZING
fuzz_main =
else
fuzz_main = %D%/replay.c
endif

fuzz_targets += %D%/fuzz_conf
%C%_fuzz_conf_SOURCES = %D%/fuzz_conf.c $(fuzz_main)
%C%_fuzz_conf_LDADD = $(sfs_conf)
%C%_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += %D%/fuzz_options
%C%_fuzz_options_SOURCES = %D%/fuzz_options.c $(fuzz_main)
%C%_fuzz_options_LDADD = $(sfs_conf)
%C%_fuzz_options_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

fuzz_targets += %D%/fuzz_vars
%C%_fuzz_vars_SOURCES = %D%/fuzz_vars.c $(fuzz_main)
%C%_fuzz_vars_LDADD = $(sfs_conf)
%C%_fuzz_vars_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

check_PROGRAMS += $(fuzz_targets)
AM_TESTS_ENVIRONMENT += FUZZ_TARGETS='$(fuzz_targets)'; export FUZZ_TARGETS;
TESTS += %D%/run.sh

if FUZZING
fuzz: $(fuzz_targets)
	@FUZZ_TARGETS='$(fuzz_targets)' $(SHELL) $(srcdir)/%D%/run.sh $(FUZZ_SECONDS)
else
fuzz:
	@echo "make fuzz: needs libFuzzer (configure with CC=clang --enable-fuzzing)" >&2; exit 1
endif
