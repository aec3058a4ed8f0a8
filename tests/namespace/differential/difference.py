"""What differs on purpose. A difference that no entry explains fails the test, and so does an entry that explains none."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Difference:
    name: str
    reason: str
    explains: Callable  # of a case, the shell agent's outcome and ours


def without_broadcast(outcome):
    words = [entry.split() for entry in outcome.facts]
    return [[word for at, word in enumerate(entry) if word != "brd" and (at == 0 or entry[at - 1] != "brd")]
            for entry in words]
