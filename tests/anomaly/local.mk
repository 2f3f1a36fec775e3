# Anomaly tests: the N-th allocation and the N-th call of the system fail; see anomaly.py for longer runs than that of
# "make check".  The library of faults is a plain shared object: without libtool a rule of its own is the short way.

ANOMALY_FAULT = %D%/fault.so
check_DATA = $(ANOMALY_FAULT)
$(ANOMALY_FAULT): %D%/fault.c
	@$(MKDIR_P) '$(@D)'
	$(AM_V_CC)$(CC) -std=gnu11 -O1 -g $(WARN_CFLAGS) -fPIC -shared -o $@ $(srcdir)/%D%/fault.c -ldl

TESTS += %D%/anomaly.sh
AM_TESTS_ENVIRONMENT += SFS_FAULT='$(abs_top_builddir)/$(ANOMALY_FAULT)'; export SFS_FAULT;
CLEANFILES += $(ANOMALY_FAULT)
