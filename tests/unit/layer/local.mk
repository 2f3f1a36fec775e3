# Unit tests of src/layer; see tests/unit/local.mk.

unit_tests += %D%/test_dir.t
%C%_test_dir_t_SOURCES = %D%/test_dir.c $(layer_world)
%C%_test_dir_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_dir_list.t
%C%_test_dir_list_t_SOURCES = %D%/test_dir_list.c $(layer_world)
%C%_test_dir_list_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_dir_reach.t
%C%_test_dir_reach_t_SOURCES = %D%/test_dir_reach.c $(layer_world)
%C%_test_dir_reach_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_dir_statahead.t
%C%_test_dir_statahead_t_SOURCES = %D%/test_dir_statahead.c $(layer_world)
%C%_test_dir_statahead_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_fdcache.t
%C%_test_fdcache_t_SOURCES = %D%/test_fdcache.c
%C%_test_fdcache_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_inode_number.t
%C%_test_inode_number_t_SOURCES = %D%/test_inode_number.c
%C%_test_inode_number_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_node.t
%C%_test_node_t_SOURCES = %D%/test_node.c
%C%_test_node_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

unit_tests += %D%/test_own_devices.t
%C%_test_own_devices_t_SOURCES = %D%/test_own_devices.c
%C%_test_own_devices_t_LDADD = $(sfs_layer) $(CRITERION_LIBS)

layer_world = %D%/world.c %D%/world.h $(os_scratch)
