# The benchmark: never part of "make check" (nothing here asserts a time).
#
#   make bench          all of it, as root; the report is bench.html
#   make bench-quick    one round

EXTRA_PROGRAMS += %D%/sfsbench
CLEANFILES += %D%/sfsbench$(EXEEXT) bench.html
%C%_sfsbench_SOURCES = \
	%D%/sfsbench-data.c \
	%D%/sfsbench-names.c \
	%D%/sfsbench-process.c \
	%D%/sfsbench-tree.c \
	%D%/sfsbench.c \
	%D%/sfsbench.h

EXTRA_DIST += \
	%D%/README.md \
	%D%/lib/bench.py \
	%D%/lib/command.py \
	%D%/lib/machine.py \
	%D%/lib/page.py \
	%D%/lib/places.py \
	%D%/lib/report.py \
	%D%/lib/suite_apps.py \
	%D%/lib/suite_files.py \
	%D%/lib/suite_julia.py \
	%D%/lib/suite_memory.py \
	%D%/lib/suite_process.py \
	%D%/lib/suite_scale.py \
	%D%/lib/suite_tree.py \
	%D%/lib/suites.py \
	%D%/lib/summary.py \
	%D%/lib/svg.py \
	%D%/lib/tables.py \
	%D%/lib/trees.py \
	%D%/lib/variants.py \
	%D%/lib/workload.py \
	%D%/run

BENCH_ENVIRONMENT = STABLEFS=$(abs_top_builddir)/stablefs$(EXEEXT) SFS_SOURCE=$(abs_top_srcdir) \
	SFSBENCH=$(abs_builddir)/%D%/sfsbench$(EXEEXT)

.PHONY: bench bench-quick
bench: stablefs$(EXEEXT) %D%/sfsbench$(EXEEXT)
	$(BENCH_ENVIRONMENT) $(srcdir)/%D%/run --html bench.html $(BENCH_FLAGS)
bench-quick: stablefs$(EXEEXT) %D%/sfsbench$(EXEEXT)
	$(BENCH_ENVIRONMENT) $(srcdir)/%D%/run --quick --html bench.html $(BENCH_FLAGS)
