# Unit tests of src/base; see tests/unit/local.mk.

unit_tests += %D%/test_cleanup.t
%C%_test_cleanup_t_SOURCES = %D%/test_cleanup.c
%C%_test_cleanup_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_error.t
%C%_test_error_t_SOURCES = %D%/test_error.c
%C%_test_error_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_log.t
%C%_test_log_t_SOURCES = %D%/test_log.c
%C%_test_log_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_nearest.t
%C%_test_nearest_t_SOURCES = %D%/test_nearest.c
%C%_test_nearest_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_path.t
%C%_test_path_t_SOURCES = %D%/test_path.c
%C%_test_path_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_problems.t
%C%_test_problems_t_SOURCES = %D%/test_problems.c
%C%_test_problems_t_LDADD = $(sfs_base) $(CRITERION_LIBS)

unit_tests += %D%/test_strbuf.t
%C%_test_strbuf_t_SOURCES = %D%/test_strbuf.c
%C%_test_strbuf_t_LDADD = $(sfs_base) $(CRITERION_LIBS)
