"""How many faults are named in the time of a user's search: those of the bank, random pairs, those written by hand.

    pytest tests/benchmarks/test_every_diagnosis.py -p no:xdist -s -o addopts=""

About half an hour on one core. A name that is not the planted one must behave like it; that is asserted.
"""

import time

import numpy as np
import pytest
from by_hand.every import EVERY
from by_hand2.every import EVERY as SECOND
from diagnosing import alike, diagnosed, of_hypothesis

from rnnproof.catalogue import network
from rnnproof.diagnosis.diagnose import SECONDS
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.faults.bank import bank
from rnnproof.faults.edges import edits

NETWORKS = ("elman", "gru", "lstm")


def told(what, seconds, named, every):
    print(f"{what}: {named} of {every} named, median {np.median(seconds):.2f} s, longest {max(seconds):.1f} s")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_fault_of_the_bank(name):
    net, seconds, named, shown = network(name), [], 0, 0
    for fault in (fault for fault in bank(net) if fault.place != "conduct" and fault.operator != "overflow"):
        planted = Hypothesis(net).with_fault(fault)
        if alike(Hypothesis(net), planted):  # what only rows of several lengths, or other sizes, would show
            continue
        begun = time.process_time()
        found = of_hypothesis(planted, seconds=SECONDS)
        seconds.append(time.process_time() - begun)
        shown += 1
        named += found is not None and found.whole
        if found is None or not found.whole:
            print(f"{name}, not named: {fault.text}")
        else:
            # numbers that grow without end are near to nothing, themselves included
            assert found.names == (fault.text,) or alike(found.hypothesis, planted), fault.text
    told(f"bank of {name}", seconds, named, shown)


@pytest.mark.parametrize("name", NETWORKS)
def test_random_pairs_of_the_backward_pass(name):
    rng, seconds, named = np.random.default_rng(1), [], 0
    for _ in range(40):
        planted = Hypothesis(network(name))
        for _ in range(2):
            every = list(edits(planted.adjoint))
            planted = planted.with_fault(every[rng.integers(len(every))])
        begun = time.process_time()
        found = of_hypothesis(planted, seconds=SECONDS)
        seconds.append(time.process_time() - begun)
        if alike(Hypothesis(network(name)), planted):
            named += found is None
        elif found is not None and found.whole:
            named += 1
            assert alike(found.hypothesis, planted)
        else:
            print(f"{name}, not named: {'; '.join(fault.text for fault in planted.faults)}")
    told(f"pairs of {name}", seconds, named, 40)


SETS = {"by hand": EVERY, "by hand, the second set": SECOND}


@pytest.mark.parametrize("which", SETS)
def test_those_written_by_hand(which):
    seconds, named = [], 0
    for name, net, target, sentence, *_ in SETS[which]:
        begun = time.process_time()
        found = diagnosed(target, net, seconds=SECONDS)
        seconds.append(time.process_time() - begun)
        whole = found is not None and (found.whole or not found.text.startswith(("no change", "equals, but")))
        named += whole
        print(f"{name}: {'; '.join(found.names) if found and found.names else 'not named'}   [{sentence}]")
    told(which, seconds, named, len(SETS[which]))
