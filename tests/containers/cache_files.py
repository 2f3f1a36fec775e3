# SPDX-License-Identifier: MIT
"""cache_files.py DIR PACKAGE...: below DIR are cache files of Julia for exactly these packages, each of them whole, and
nothing else: no temporary file.  The last four bytes of a cache file are the CRC-32C of what is before them."""
import os
import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F63B78 * (byte & 1)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def wrong_with(path):
    with open(path, "rb") as file:
        data = file.read()
    if not path.endswith(".ji"):
        return "is no cache file"
    if not data.startswith(b"\373jli\r\n\032\n") or len(data) < 100:
        return f"is not a whole cache file ({len(data)} bytes)"
    if struct.unpack("=I", data[-4:])[0] != crc32c(data[:-4]):
        return "has a wrong checksum"
    return None


assert crc32c(b"123456789") == 0xE3069283
top, packages = sys.argv[1], sys.argv[2:]
found, failed = set(), False
for directory, _, names in os.walk(top):
    for name in names:
        path = os.path.join(directory, name)
        wrong = wrong_with(path)
        if wrong:
            print(f"{path} {wrong}", file=sys.stderr)
            failed = True
        found.add(os.path.relpath(directory, top))
if found != set(packages):
    print(f"cache files for {sorted(found)}, wanted for {sorted(packages)}", file=sys.stderr)
    failed = True
sys.exit(failed)
