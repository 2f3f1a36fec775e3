# Unit tests of src/fuse; see tests/unit/local.mk.

unit_tests += %D%/test_counters.t
%C%_test_counters_t_SOURCES = %D%/test_counters.c
%C%_test_counters_t_LDADD = $(sfs_fuse) $(CRITERION_LIBS)

unit_tests += %D%/test_lock_ranges.t
%C%_test_lock_ranges_t_SOURCES = %D%/test_lock_ranges.c
%C%_test_lock_ranges_t_LDADD = $(sfs_fuse) $(CRITERION_LIBS)

unit_tests += %D%/test_relist_queue.t
%C%_test_relist_queue_t_SOURCES = %D%/test_relist_queue.c
%C%_test_relist_queue_t_LDADD = $(sfs_fuse) $(CRITERION_LIBS)
