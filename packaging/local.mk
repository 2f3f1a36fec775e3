EXTRA_DIST += \
	%D%/check.sh \
	%D%/deps.sh \
	%D%/julia-rootfs.sh \
	%D%/lib.sh \
	%D%/libfuse318.sh \
	%D%/quickstart.sh
