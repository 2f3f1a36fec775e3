# What is handed out: the static program and the packages, run by packaging/check.sh.  The whole directory.
EXTRA_DIST += %D%
