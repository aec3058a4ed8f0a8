"""write_file.py write FILE FROM | verify FILE UPTO: numbered records in a file, each on the disk before its number is printed.

write goes on from a number until it is ended, and begins again at the start of the file when SLOTS of them are there; verify
prints how many of the last SLOTS records up to a number are not as they were written.
"""

import os
import sys
import time

SIZE = 4096
SLOTS = 4096
PACE = 0.02  # seconds; an emulated node has more to do


def record(number):
    return (f"record {number} ".encode() * SIZE)[:SIZE]


def write(put, number):
    """put(offset, record) returns when it is on the disk."""
    while True:
        put(number % SLOTS * SIZE, record(number))
        print(number, flush=True)
        number = number + 1
        time.sleep(PACE)


def is_there(found, number, upto):
    """The next one may have been written over it when the writer was ended, and never have been told."""
    return found in (record(number), record(number + SLOTS) if number + SLOTS == upto + 1 else None)


def verify(get, upto):
    """get(offset, size) is what is there."""
    print(sum(not is_there(get(number % SLOTS * SIZE, SIZE), number, upto) for number in range(max(0, upto + 1 - SLOTS), upto + 1)))


def main(verb, name, number):
    file = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)

    def put(offset, data):
        os.pwrite(file, data, offset)
        os.fdatasync(file)

    if verb == "write":
        write(put, number)
    else:
        verify(lambda offset, size: os.pread(file, size, offset), number)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
