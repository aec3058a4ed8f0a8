"""Random sequences of faults: drawn from a seed, played on the lab, judged all the time, shrunk when they break something."""
