# Unit tests of src/view; see tests/unit/local.mk.

unit_tests += %D%/test_stubs.t
%C%_test_stubs_t_SOURCES = %D%/test_stubs.c $(os_scratch)
%C%_test_stubs_t_LDADD = $(sfs_view) $(CRITERION_LIBS)

unit_tests += %D%/test_view.t
%C%_test_view_t_SOURCES = %D%/test_view.c $(os_scratch)
%C%_test_view_t_LDADD = $(sfs_view) $(CRITERION_LIBS)
