EXTRA_DIST += \
	%D%/check.sh \
	%D%/deb.sh \
	%D%/debian \
	%D%/deps.sh \
	%D%/dist.sh \
	%D%/fresh-rootfs.sh \
	%D%/julia-rootfs.sh \
	%D%/lib.sh \
	%D%/libfuse318.sh \
	%D%/quickstart.sh \
	%D%/rpm.sh \
	%D%/rpm/stablefs.spec

include packaging/completions/local.mk
include packaging/systemd/local.mk
