"""The hand-written cells executed in Z/p^k: their gradients are the derivatives of their own forward passes, exactly.

One run along a random direction: <gradient, direction> = <cotangents, derivative of (outputs, final state)>.
"""

import zlib

import numpy as np
import pytest
from cell_cases import case, options_of
from planted import cells_with
from variants import EVERY, PADDED, target

from rnnproof.domains.dual import unknown
from rnnproof.domains.execution import execute
from rnnproof.domains.ring_array import RingArray
from rnnproof.tracing.namespaces import executed, namespaces

RAGGED = {"T": 3, "B": 3, "lengths": (2, 0, 3)}
FULL = {"T": 2, "B": 2}


def both_sides(subject, drawn, ring):
    """(<gradient, direction>, <cotangents, derivative>) as residues."""

    def lifted(name, array, moves):
        direction = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(array.shape) if moves else None
        return RingArray(unknown(ring, name, array, direction))

    def arguments(moves):
        params, state = (
            {name: lifted(f"{part} {name}", array, moves) for name, array in arrays.items()}
            for part, arrays in (("parameter", drawn.params), ("state", drawn.state))
        )
        return params, lifted("x", drawn.x, moves), state

    outputs = lifted("outputs", drawn.cotangents["outputs"], False)
    d_state = {name: lifted(f"final {name}", d, False) for name, d in drawn.cotangents["state"].items()}
    moved = arguments(True)
    with executed(ring, namespaces(subject)), np.errstate(all="ignore"):
        y, final = subject.run(*moved, lengths=drawn.lengths)
        found = subject.grad(*arguments(False), {"outputs": outputs, "state": d_state}, lengths=drawn.lengths)
    pairs = [(found["x"].dual.x, moved[1].dual.d)]
    pairs += [(found["params"][name].dual.x, p.dual.d) for name, p in moved[0].items()]
    pairs += [(found["state"][name].dual.x, s.dual.d) for name, s in moved[2].items()]
    given = [(outputs.dual.x, y.dual.d)] + [(d.dual.x, final[name].dual.d) for name, d in d_state.items()]
    return tuple(sum((a * b).sum() for a, b in each) % ring.residues.modulus for each in (pairs, given))


def agrees(subject, drawn):
    (gradient, derivative), _ = execute(lambda ring: both_sides(subject, drawn, ring), 0)
    return gradient == derivative


@pytest.mark.parametrize("network", (*EVERY, *PADDED))
def test_a_gradient_is_the_derivative_exactly(network):
    subject = target(network)
    assert agrees(subject, case(subject, **FULL))
    assert agrees(subject, case(subject, **RAGGED))


@pytest.mark.parametrize(
    ("module", "network", "right", "wrong"),
    [
        ("gru", "gru", "r * dz_n)", "r * dz_n * (1 + 1e-15))"),
        ("peephole", "peephole", " + dz_o * cache.out", ""),
        ("coupling", "lstm:coupled=input", "df - di", "df"),
        ("merge", "gru:direction=bidirectional,merge=mean", "(0.5 * dy, 0.5 * dy)", "(0.5 * dy, dy)"),
        ("ragged", "lstm", "rows[cache.order] for", "rows for"),
        ("padding", "gru:padding=repeat", "np.where(is_last, beyond, 0)", "0"),
        ("padding", "gru:padding=repeat", "valid(lengths - 1,", "valid(lengths - 2,"),
        ("running", "gru:padding=run", "d + np.where(end, d_final[name], 0)", "d + d_final[name]"),
        ("running", "gru:padding=run", "xp.where(end, now[name], rows)", "now[name]"),
    ],
)
def test_a_fault_is_refused_exactly(module, network, right, wrong):
    name, options = options_of(network)
    faulty = cells_with(module, right, wrong).plain_target(name, **options)
    assert not agrees(faulty, case(target(network), **RAGGED))
