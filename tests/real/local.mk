# Real tools on a stable path: run by packaging/check.sh and by hand (tests/real/run), not by make check.  The whole
# directory: its runner finds the cases by itself.
EXTRA_DIST += %D%
