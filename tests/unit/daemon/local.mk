# Unit tests of src/daemon; see tests/unit/local.mk.

unit_tests += %D%/test_control.t
%C%_test_control_t_SOURCES = %D%/test_control.c
%C%_test_control_t_LDADD = $(sfs_daemon) $(CRITERION_LIBS)

unit_tests += %D%/test_doctor.t
%C%_test_doctor_t_SOURCES = %D%/test_doctor.c
%C%_test_doctor_t_LDADD = $(sfs_daemon) $(CRITERION_LIBS)

unit_tests += %D%/test_json.t
%C%_test_json_t_SOURCES = %D%/test_json.c
%C%_test_json_t_LDADD = $(sfs_daemon) $(CRITERION_LIBS)

unit_tests += %D%/test_mountpoint.t
%C%_test_mountpoint_t_SOURCES = %D%/test_mountpoint.c
%C%_test_mountpoint_t_LDADD = $(sfs_daemon) $(CRITERION_LIBS)

unit_tests += %D%/test_notify.t
%C%_test_notify_t_SOURCES = %D%/test_notify.c
%C%_test_notify_t_LDADD = $(sfs_daemon) $(CRITERION_LIBS)
