# The benchmark: never part of "make check" (nothing here asserts a time).
#
#   make bench          all of it, some minutes, as root
#   make bench-quick    one round

EXTRA_PROGRAMS += %D%/sfsbench
CLEANFILES += %D%/sfsbench$(EXEEXT)
%C%_sfsbench_SOURCES = %D%/sfsbench.c

EXTRA_DIST += \
	%D%/README.md \
	%D%/lib/machine.py \
	%D%/lib/measure.py \
	%D%/lib/report.py \
	%D%/lib/trees.py \
	%D%/lib/variants.py \
	%D%/run

BENCH_ENVIRONMENT = STABLEFS=$(abs_top_builddir)/stablefs$(EXEEXT) SFS_SOURCE=$(abs_top_srcdir) \
	SFSBENCH=$(abs_builddir)/%D%/sfsbench$(EXEEXT)

.PHONY: bench bench-quick
bench: stablefs$(EXEEXT) %D%/sfsbench$(EXEEXT)
	$(BENCH_ENVIRONMENT) $(srcdir)/%D%/run $(BENCH_FLAGS)
bench-quick: stablefs$(EXEEXT) %D%/sfsbench$(EXEEXT)
	$(BENCH_ENVIRONMENT) $(srcdir)/%D%/run --quick $(BENCH_FLAGS)
