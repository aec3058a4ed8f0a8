"""write_volume.py DEVICE FIRST: writes numbered blocks past the page cache, one after the other, and says which are on the
disk, until it is ended by SIGTERM. Checks first that block FIRST - 1 is there."""

import mmap
import os
import signal
import struct
import sys

_SIZE = 4096
_BLOCKS = 256


def main():
    device, number = sys.argv[1], int(sys.argv[2])
    end = []
    signal.signal(signal.SIGTERM, lambda *_: end.append(True))
    disk = os.open(device, os.O_RDWR | os.O_DIRECT | os.O_DSYNC)
    block = mmap.mmap(-1, _SIZE)
    if number:
        os.preadv(disk, [block], (number - 1) % _BLOCKS * _SIZE)
        found, = struct.unpack_from("=Q", block)
        if found != number - 1:
            sys.exit(f"{device}: block {number - 1} is {found}")
    print("open", flush=True)
    while not end:
        struct.pack_into("=Q", block, 0, number)
        os.pwritev(disk, [block], number % _BLOCKS * _SIZE)
        number += 1
    # So that whoever takes the volume away has to wait for this.
    signal.sigtimedwait([signal.SIGINT], 0.5)
    print(number, flush=True)


main()
