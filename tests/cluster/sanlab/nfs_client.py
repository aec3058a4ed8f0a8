"""-m sanlab.nfs_client write|verify SERVER DIRECTORY NUMBER: as onnode/write_file.py, by an NFS client in user space (libnfs, version
3), which retries for ever; a server that moves is a pause to it.
"""

import ctypes
import ctypes.util
import os
import sys

from onnode import write_file

_FOR_EVER = -1


class Directory:
    """One exported directory."""

    def __init__(self, server, path):
        self._lib = ctypes.CDLL(ctypes.util.find_library("nfs"))
        self._lib.nfs_init_context.restype = ctypes.c_void_p
        self._lib.nfs_get_error.restype = ctypes.c_char_p
        self._context = ctypes.c_void_p(self._lib.nfs_init_context())
        self._lib.nfs_set_autoreconnect(self._context, _FOR_EVER)
        self._must("mount", self._lib.nfs_mount(self._context, server.encode(), path.encode()))

    def _must(self, what, result):
        if result < 0:
            raise SystemExit(f"{what}: {self._lib.nfs_get_error(self._context).decode()}")
        return result

    def open(self, name, flags):
        file = ctypes.c_void_p()
        if flags & os.O_CREAT:
            self._must("create", self._lib.nfs_creat(self._context, name.encode(), 0o644, ctypes.byref(file)))
        else:
            self._must("open", self._lib.nfs_open(self._context, name.encode(), flags, ctypes.byref(file)))
        return file

    def write(self, file, offset, data):
        """The argument order is that of libnfs before version 6."""
        self._must("write", self._lib.nfs_pwrite(self._context, file, ctypes.c_uint64(offset), ctypes.c_uint64(len(data)), data))
        self._must("fsync", self._lib.nfs_fsync(self._context, file))

    def read(self, file, offset, size):
        data = ctypes.create_string_buffer(size)
        got = self._must("read", self._lib.nfs_pread(self._context, file, ctypes.c_uint64(offset), ctypes.c_uint64(size), data))
        return data.raw[:got]


def main(verb, server, path, number):
    directory = Directory(server, path)
    if verb == "write":
        file = directory.open("/records", os.O_CREAT | os.O_WRONLY)
        write_file.write(lambda offset, data: directory.write(file, offset, data), number)
    else:
        file = directory.open("/records", os.O_RDONLY)
        write_file.verify(lambda offset, size: directory.read(file, offset, size), number)


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
