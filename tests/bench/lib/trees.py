# SPDX-License-Identifier: MIT
"""The trees that are measured: made once from a fixed seed, kept in the cache, used again when they are whole."""

import json
import os
import random
import shutil
import subprocess

from command import checked

FORMAT = 1  # raise when make_tree() makes something else

# The depot: most files a few hundred bytes to some KiB (source, documents), some large (libraries, data), 620 MB.
DEPOT = {"name": "bench-tree", "seed": 20481, "packages": 720, "files_per_package": 60, "median": 2200, "sigma": 1.3,
         "large": 90, "large_min": 1 << 20, "large_max": 8 << 20, "git": False}
# A repository for git status, which looks at names and attributes: small files, 12 to a directory (git: 18, linux: 16).
REPOSITORY = {"name": "bench-git", "seed": 7, "packages": 140, "files_per_package": 146, "median": 900, "sigma": 1.0,
              "large": 0, "large_min": 0, "large_max": 0, "git": True}

# The same in small, for a quick run.
DEPOT_QUICK = dict(DEPOT, name="bench-tree-quick", packages=150, large=10)
REPOSITORY_QUICK = dict(REPOSITORY, name="bench-git-quick", packages=35)

_WORDS = ("abstract base cache core data depot entry field graph index kernel layer matrix node option parse query "
          "range sparse state stream table token trace type union value vector view").split()
_SUFFIXES = (".jl", ".jl", ".jl", ".c", ".h", ".md", ".toml", ".py", ".txt", ".json")
_FOLDERS = ("src", "src", "src", "src/core", "src/core", "src/util/internal", "test", "test", "docs/src")


def _names(rng):
    return "%s_%s%d" % (rng.choice(_WORDS), rng.choice(_WORDS), rng.randrange(1000))


def _write(path, rng, size):
    with open(path, "wb") as file:
        file.write(rng.randbytes(size))


def make_files(root, spec, paths):
    """Fill root; append the relative paths of the regular files to paths; return (dirs, links, bytes)."""
    rng = random.Random(spec["seed"])
    total = links = 0
    for package in range(spec["packages"]):
        base = "packages/%s%d/%s" % (rng.choice(_WORDS).capitalize(), package,
                                     "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789", k=5)))
        seen = set()
        while len(seen) < spec["files_per_package"]:
            name = "%s/%s/%s%s" % (base, rng.choice(_FOLDERS), _names(rng), rng.choice(_SUFFIXES))
            if name in seen:
                continue
            seen.add(name)
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            size = min(int(rng.lognormvariate(0, spec["sigma"]) * spec["median"]), 1 << 20)
            _write(os.path.join(root, name), rng, size)
            paths.append(name)
            total += size
        if package % 8 == 0:
            os.symlink(os.path.relpath(paths[-1], base), os.path.join(root, base, "latest"))
            links += 1
    for number in range(spec["large"]):
        name = "artifacts/%040x/lib/lib%s%d.so" % (rng.getrandbits(160), rng.choice(_WORDS), number)
        size = rng.randrange(spec["large_min"], spec["large_max"])
        os.makedirs(os.path.dirname(os.path.join(root, name)))
        _write(os.path.join(root, name), rng, size)
        paths.append(name)
        total += size
    return sum(len(names) for _, names, _ in os.walk(root)), links, total


def git_environment():
    """git without the user's or the system's settings, in trees that belong to anybody."""
    return dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_COUNT="1",
                GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")


def _make_repository(root):
    for command in (["init", "-q", "-b", "main"], ["add", "-A"],
                    ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0",
                     "commit", "-q", "-m", "all"]):
        subprocess.run(["git", "-C", root] + command, env=git_environment(), check=True)


def count(root):
    """(regular files, their bytes), without .git."""
    files = total = 0
    for folder, folders, names in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                files += 1
                total += os.path.getsize(path)
    return files, total


def entries(root):
    """All that walking sees below root."""
    return sum(len(folders) + len(names) for _, folders, names in os.walk(root))


def copy(root, target):
    """All of it, times and links too; target is made."""
    checked(["cp", "-a", root, target])


def _load(place, spec):
    try:
        with open(os.path.join(place, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
    except (OSError, ValueError):
        return None
    if manifest.get("format") != FORMAT or manifest.get("spec") != spec:
        return None
    if count(os.path.join(place, "tree")) != (manifest["files"], manifest["bytes"]):
        return None
    return manifest


def get(cache, spec, say):
    """
    The tree of spec below the directory cache, made if it is not there or not whole.
    Returns its manifest with "root", "list", "files", "dirs", "links", "bytes".
    """
    place = os.path.join(cache, spec["name"])
    manifest = _load(place, spec)
    if manifest is None:
        say("making %s" % place)
        shutil.rmtree(place, ignore_errors=True)
        making = place + ".new"
        shutil.rmtree(making, ignore_errors=True)
        os.makedirs(os.path.join(making, "tree"))
        paths = []
        dirs, links, total = make_files(os.path.join(making, "tree"), spec, paths)
        with open(os.path.join(making, "list"), "w", encoding="utf-8") as file:
            file.writelines(path + "\n" for path in paths)
        if spec["git"]:
            _make_repository(os.path.join(making, "tree"))
        manifest = {"format": FORMAT, "spec": spec, "files": len(paths), "dirs": dirs, "links": links, "bytes": total}
        with open(os.path.join(making, "manifest.json"), "w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
        os.sync()
        os.rename(making, place)
    return dict(manifest, root=os.path.join(place, "tree"), list=os.path.join(place, "list"))


def copy_project(source, target):
    """Copy the source tree of stablefs itself (what git knows, else all but hidden files) to target."""
    listed = subprocess.run(["git", "-C", source, "ls-files", "-z", "-co", "--exclude-standard"],
                            env=git_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    os.makedirs(target)
    if listed.returncode != 0 or not listed.stdout:
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True,
                        ignore=lambda _, names: [name for name in names if name.startswith(".")])
        return
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        if not os.path.lexists(os.path.join(source, name)):
            continue  # deleted, but not committed yet
        os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
        shutil.copy2(os.path.join(source, name), os.path.join(target, name), follow_symlinks=False)
