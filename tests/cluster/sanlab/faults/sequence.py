"""A sequence of faults as a value: drawn from a seed, written as a line, made smaller."""

import itertools
import json
import random
from dataclasses import asdict, dataclass

from . import catalogue

WHO = ("serving", "other")


@dataclass(frozen=True)
class Step:
    """One fault: whom it strikes, for how long, and whether the next one waits until all is whole again."""

    fault: str
    who: str
    values: dict
    seconds: int
    alone: bool

    def __str__(self):
        words = " ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.fault} of {self.who}{' ' + words if words else ''}, {self.seconds} s{'' if self.alone else ', and at once'}"


def draws(seed, names=None):
    """Step after step, without end. The same seed gives the same ones, as long as the catalogue is the same."""
    source = random.Random(seed)
    while True:
        fault = catalogue.FAULTS[source.choice(sorted(names or catalogue.FAULTS))]
        yield Step(fault.name, source.choice(WHO), fault.draw(source), source.choice((2, 5, 15, 40)), source.random() < 0.6)


def drawn(seed, count, names=None):
    return list(itertools.islice(draws(seed, names), count))


def written(steps):
    return json.dumps([asdict(step) for step in steps])


def read(text):
    return [Step(**step) for step in json.loads(text)]


def shrunk(steps, breaks):
    """The fewest steps that still break something, as far as leaving out one after the other finds them."""
    place = 0
    while place < len(steps):
        fewer = steps[:place] + steps[place + 1:]
        if fewer and breaks(fewer):
            steps = fewer
        else:
            place += 1
    return steps
