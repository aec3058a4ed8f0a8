"""Waiting with a deadline, saying what takes long, and running programs."""

import contextlib
import subprocess
import sys
import time


class Failure(Exception):
    """Something that a user or a developer should read as one sentence."""


def say(text):
    print(text, flush=True)


@contextlib.contextmanager
def step(name):
    """One long step: its name when it begins, its seconds when it ends."""
    begin = time.monotonic()
    if sys.stdout.isatty():
        print(f"  {name} ...", end="\r", flush=True)
    yield
    say(f"  {name}: {time.monotonic() - begin:.0f} s")


def wait_until(what, probe, timeout, interval=0.5):
    """Calls probe until its result is true, and returns that result.

    For things that announce themselves nowhere; where there is an event, wait for that.
    """
    deadline = time.monotonic() + timeout
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"waited {timeout:.0f} s in vain for {what}")
        time.sleep(interval)


def run(*command, timeout=600, check=True):
    """Runs a program to its end and returns what it printed."""
    words = [str(word) for word in command]
    try:
        result = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(words)}: no end within {timeout} s") from None
    if check and result.returncode != 0:
        raise Failure(f"{' '.join(words)}: exit {result.returncode}: "
                      f"{(result.stderr or result.stdout).strip()[-2000:]}")
    return result.stdout
