# Unit tests of src/cli; see tests/unit/local.mk.
