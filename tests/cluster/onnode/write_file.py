"""write_file.py write FILE FROM | verify FILE UPTO: numbered records in a file, each on the disk before its number is printed.

write goes on from a number until it is ended; verify prints how many of the records up to a number are not as they were written.
"""

import os
import sys

SIZE = 4096


def record(number):
    return (f"record {number} ".encode() * SIZE)[:SIZE]


def write(name, number):
    file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o644)
    while True:
        os.pwrite(file, record(number), number * SIZE)
        os.fdatasync(file)
        print(number, flush=True)
        number = number + 1


def verify(name, upto):
    with open(name, "rb") as file:
        print(sum(file.read(SIZE) != record(number) for number in range(upto + 1)))


{"write": write, "verify": verify}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
