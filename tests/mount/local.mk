# The whole directory: its runner finds the cases by itself.
EXTRA_DIST += %D%
