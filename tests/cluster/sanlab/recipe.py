"""Keys of what is cached: the same recipe gives the same key, any change of it another one."""

import hashlib

from . import settings


def _texts(paths):
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                yield file.relative_to(settings.HERE).as_posix(), file.read_bytes()


def key(*facts, sources):
    """A short name for these facts together with the text of these files and folders of tests/cluster."""
    digest = hashlib.sha256("\n".join([str(settings.CACHE), *facts]).encode())
    for name, content in _texts(settings.HERE / source for source in sources):
        digest.update(f"\n{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def tree_key(tree):
    """A short name for an install tree: paths, contents, links and modes."""
    digest = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(tree)} {path.lstat().st_mode:o} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
