# Images built by dockerd and buildah, run by packaging/check.sh.  The whole directory.
EXTRA_DIST += %D%
