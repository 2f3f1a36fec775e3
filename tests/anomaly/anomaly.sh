#!/bin/sh
# SPDX-License-Identifier: MIT
# For "make check"; anomaly.py says what can be set.
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
exec python3 -B "$(dirname "$0")/anomaly.py" "$@"
