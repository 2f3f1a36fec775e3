# Unit tests of src/conf; see tests/unit/local.mk.

unit_tests += %D%/test_find.t
%C%_test_find_t_SOURCES = %D%/test_find.c $(conf_world)
%C%_test_find_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_load.t
%C%_test_load_t_SOURCES = %D%/test_load.c $(conf_world)
%C%_test_load_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_options.t
%C%_test_options_t_SOURCES = %D%/test_options.c $(conf_world)
%C%_test_options_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_print.t
%C%_test_print_t_SOURCES = %D%/test_print.c $(conf_world)
%C%_test_print_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_reader.t
%C%_test_reader_t_SOURCES = %D%/test_reader.c
%C%_test_reader_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_validate.t
%C%_test_validate_t_SOURCES = %D%/test_validate.c $(conf_world)
%C%_test_validate_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

unit_tests += %D%/test_vars.t
%C%_test_vars_t_SOURCES = %D%/test_vars.c $(conf_world)
%C%_test_vars_t_LDADD = $(sfs_conf) $(CRITERION_LIBS)

conf_world = %D%/world.c %D%/world.h
