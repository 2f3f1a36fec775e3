# Unit tests of src/os; see tests/unit/local.mk.

unit_tests += %D%/test_holders.t
%C%_test_holders_t_SOURCES = %D%/test_holders.c
%C%_test_holders_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_mounts.t
%C%_test_mounts_t_SOURCES = %D%/test_mounts.c
%C%_test_mounts_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_process.t
%C%_test_process_t_SOURCES = %D%/test_process.c
%C%_test_process_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_rundir.t
%C%_test_rundir_t_SOURCES = %D%/test_rundir.c
%C%_test_rundir_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_open.t
%C%_test_open_t_SOURCES = %D%/test_open.c $(os_scratch)
%C%_test_open_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_file.t
%C%_test_file_t_SOURCES = %D%/test_file.c $(os_scratch)
%C%_test_file_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

unit_tests += %D%/test_cred.t
%C%_test_cred_t_SOURCES = %D%/test_cred.c $(os_scratch)
%C%_test_cred_t_LDADD = $(sfs_os) $(CRITERION_LIBS)

os_scratch = %D%/scratch.c %D%/scratch.h
