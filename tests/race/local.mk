# Race tests: plain programs, because the thread sanitizer and Criterion do not go together.  See run.sh for a longer
# run than that of "make check".
check_PROGRAMS += %D%/race
%C%_race_SOURCES = %D%/behind.c %D%/own.c %D%/race.c %D%/race.h %D%/shared.c
TESTS += %D%/run.sh
AM_TESTS_ENVIRONMENT += RACE='$(abs_top_builddir)/%D%/race$(EXEEXT)'; export RACE;
