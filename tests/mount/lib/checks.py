#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks for shell cases, one per subcommand: checks.py NAME ARG…  (in lib.sh: check NAME ARG…)."""
from sfscheck import *


def expect_errno(name, call, *args):
    """expect_errno EROFS open:O_RDWR|O_CREAT PATH: call of the os module must fail like this."""
    function, _, flags = call.partition(":")
    values = [int(a) if a.lstrip("-").isdigit() else a for a in args]
    if function == "open":
        value = 0
        for flag in flags.split("|"):
            value |= getattr(os, flag)
        values.append(value)
    raises(name, getattr(os, function), *values)


def same_stat(first, second, *ignore):
    """Everything of lstat(2) but the fields named is equal; st_dev never is looked at."""
    a, b = statx_fields(first), statx_fields(second)
    for field in a:
        if field not in ignore:
            eq(a[field], b[field], f"{field} of {first}, {second}")


def same_tree(first, second, *ignore):
    """Names, contents, link texts and lstat(2) of two trees are equal (inode numbers aside; "nlink" etc. as asked)."""
    def walk(top):
        found = {}
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                path = os.path.join(folder, name)
                found[os.path.relpath(path, top)] = path
        return found
    a, b = walk(first), walk(second)
    eq(sorted(a), sorted(b), "names")
    for name in a:
        fields = {"ino", *ignore} | ({"size"} if os.path.isdir(a[name]) and not os.path.islink(a[name]) else set())
        same_stat(a[name], b[name], *fields)
        if os.path.islink(a[name]):
            eq(os.readlink(a[name]), os.readlink(b[name]), name)
        elif os.path.isfile(a[name]):
            ok(get(a[name]) == get(b[name]), f"content of {name} differs")


def make_tree(top, files, size="100", per="100"):
    """A tree of that many small files, so many in a directory; neighbours differ in content, 500 contents in all."""
    for n in range(int(files)):
        folder = os.path.join(top, f"d{n // int(per) // 50}", f"s{n // int(per)}")
        if n % int(per) == 0:
            os.makedirs(folder, exist_ok=True)
        fd = os.open(os.path.join(folder, f"file-{n}"), os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(fd, (b"%d " % (n % 500)) * (int(size) // 4))
        os.close(fd)


def replies(path):
    """The mount there answers: its root is a directory that can be read."""
    ok(stat.S_ISDIR(os.stat(path).st_mode), f"{path} is no directory")
    os.listdir(path)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
