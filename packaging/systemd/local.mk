if SYSTEMD_SYSTEM
nodist_systemdsystemunit_DATA = %D%/stablefs@.service
endif
if SYSTEMD_USER
nodist_systemduserunit_DATA = %D%/user/stablefs@.service
endif
units = %D%/stablefs@.service %D%/user/stablefs@.service
EXTRA_DIST += $(units:=.in)
CLEANFILES += $(units)

$(units): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,@bindir[@],$(bindir),g' -e 's,@sysconfdir[@],$(sysconfdir),g' \
	    $(srcdir)/$@.in >$@.new && mv $@.new $@
%D%/stablefs@.service: %D%/stablefs@.service.in
%D%/user/stablefs@.service: %D%/user/stablefs@.service.in
