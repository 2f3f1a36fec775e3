dist_man_MANS += \
	%D%/mount.stablefs.8 \
	%D%/stablefs-semantics.7 \
	%D%/stablefs.1 \
	%D%/stablefs.ini.5
