"""What is past a row's end: zeros, the last valid output again, or what runs on; by hand and against the witnesses."""

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import pytest
from cases_and_balls import cast, gradients_named, leaving, results_of

from rnnproof.autodiff import gradients
from rnnproof.catalogue import network
from rnnproof.cells.named import plain_target
from rnnproof.cells.plain import zero_biases
from rnnproof.domains.bounded import exact
from rnnproof.domains.execution import execute
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import ModelError
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.network import Sizes
from rnnproof.model.trace import Gradients, Trace
from rnnproof.properties.lifted import lift
from rnnproof.reference import rounding
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill
from rnnproof.strategies.regimes import RAGGED


@dataclass(frozen=True)
class Worked:
    """h' = 2 x + 3 h + 1 from h = 2 over x = 1, 5, -1; cotangents 1, 10, 100 of the outputs, 1000 of the final h."""

    padding: str
    length: int
    outputs: tuple
    final: float
    by_w: float
    by_u: float
    by_b: float
    by_x: tuple
    by_h: float

    def __str__(self):
        return f"{self.padding}, {self.length} steps"


WORKED = (
    Worked("zero", 1, (9, 0, 0), 9, 1001, 2002, 1001, (2002, 0, 0), 3003),  # dh1 = 1 + 1000
    Worked("repeat", 1, (9, 9, 9), 9, 1111, 2222, 1111, (2222, 0, 0), 3333),  # dh1 = 1 + 10 + 100 + 1000
    # dh3 = 100, dh2 = 10 + 3*100 = 310, dh1 = 1 + 3*310 + 1000 = 1931
    Worked("run", 1, (9, 38, 113), 9, 1931 + 1550 - 100, 3862 + 2790 + 3800, 2341, (3862, 620, 200), 5793),
    Worked("zero", 0, (0, 0, 0), 2, 0, 0, 0, (0, 0, 0), 1000),
    Worked("repeat", 0, (0, 0, 0), 2, 0, 0, 0, (0, 0, 0), 1000),
    # dh1 = 1 + 3*310 = 931, dh0 = 3*931 + 1000
    Worked("run", 0, (9, 38, 113), 2, 931 + 1550 - 100, 1862 + 2790 + 3800, 1341, (1862, 620, 200), 3793),
    # dh3 = 100 + 1000, dh2 = 10 + 3*1100 = 3310, dh1 = 1 + 3*3310 = 9931
    *(
        Worked(padding, 3, (9, 38, 113), 113, 25381, 19862 + 29790 + 41800, 14341, (19862, 6620, 2200), 29793)
        for padding in ("zero", "repeat", "run")
    ),
)


def column(numbers):
    return np.array(numbers, dtype=float).reshape(-1, 1, 1)


def case_of(worked) -> Case:
    page = network(f"elman:activation=identity,padding={worked.padding}")
    parameters = {"W_h": np.array([[2.0]]), "U_h": np.array([[3.0]]), "b_h": np.array([1.0])}
    cotangents = Cotangents(column((1, 10, 100)), {"h": np.array([[1000.0]])})
    sizes, x, state = Sizes(3, 1, 1, 1), column((1, 5, -1)), {"h": np.array([[2.0]])}
    return Case(page, sizes, parameters, x, state, cotangents, np.array([worked.length]))


def expected_of(worked) -> dict:
    found = {"outputs": column(worked.outputs), "final h": np.array([[worked.final]]), "dx": column(worked.by_x)}
    found |= {"dW_h": np.array([[worked.by_w]]), "dU_h": np.array([[worked.by_u]]), "db_h": np.array([worked.by_b])}
    return found | {"dh initial": np.array([[worked.by_h]])}


def reference(case):
    x, state, d = case.x.astype(case.dtype), cast(case.state, case.dtype), case.cotangents
    cotangents = Cotangents(d.outputs.astype(case.dtype), cast(d.state, case.dtype))
    return results_of(
        Reference().build(case.network, case.parameters, case.dtype).run(x, state, case.lengths, cotangents)
    )


def balls_of(case):
    state = {name: exact(value) for name, value in case.state.items()}
    ran = rounding.run_in_balls(case.network, case.parameters, case.x, state, FORMATS[case.dtype], case.lengths)
    found = {"outputs": ran.outputs} | {f"final {name}": ball for name, ball in ran.final.items()}
    return found | gradients_named(rounding.pull_in_balls(ran, case.cotangents))


@pytest.mark.parametrize("worked", WORKED, ids=str)
def test_numbers_worked_by_hand(worked):
    """In floats, where these are exact, and in balls."""
    case, expected = case_of(worked), expected_of(worked)
    found, balls = reference(case), balls_of(case)
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name], value) for name, value in expected.items())
    assert leaving(expected, balls) == []
    assert all(ball.radius.max() < 1e-9 for ball in balls.values())


@pytest.mark.parametrize("worked", WORKED, ids=str)
def test_the_same_numbers_are_the_shadows_in_the_ring(worked):

    def run(ring):
        lifted = lift(case_of(worked), ring)
        return results_of(lifted.run(lifted.build(ExactReference("reference")), pulled=True))

    found, _ = execute(run)
    for name, value in expected_of(worked).items():
        assert np.array_equal(found[name].dual.f, value), name


PADDED = (
    *("elman:padding=repeat", "elman:readout=tanh,layers=2,padding=repeat", "lstm:direction=backward,padding=repeat"),
    "gru:layers=2,direction=bidirectional,padding=repeat",
    "elman:readout=identity,direction=bidirectional,merge=product,padding=repeat",
    *("elman:padding=run", "elman:readout=tanh,layers=2,padding=run", "lstm:padding=run", "jordan:padding=run"),
)
RAGGED_DRAWS = [Draw(T, 4, 2, 3, 2, 2, seed, RAGGED, 18) for seed, T in enumerate((1, 2, 4, 6, 6, 9))]


def written(case):
    return plain_target(case.network.name.partition(":")[0], **dict(case.network.options))


def by_hand(case):
    target, d = written(case), case.cotangents
    given = cast(case.parameters, case.dtype), case.x.astype(case.dtype), cast(case.state, case.dtype)
    cotangents = {"outputs": d.outputs.astype(case.dtype), "state": cast(d.state, case.dtype)}
    outputs, final = target.run(*given, lengths=case.lengths)
    found = target.grad(*given, cotangents, lengths=case.lengths)
    return results_of(Trace(outputs, final, None, Gradients(found["params"], found["x"], found["state"])))


def by_autograd(case):
    target, d = written(case), case.cotangents

    def forward(params, x, state, **options):
        return target.forward(params, x, state, lengths=case.lengths, **options)

    parameters = zero_biases(case.parameters) | case.parameters
    found = gradients(forward, parameters, case.x, case.state, {"outputs": d.outputs, "state": d.state})
    return gradients_named(Gradients({n: found["params"][n] for n in case.parameters}, found["x"], found["state"]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PADDED)
def test_reference_hand_written_cells_and_autograd_lie_in_the_balls(name, dtype):
    for draw in RAGGED_DRAWS:
        case = fill(network(name), draw, dtype)
        balls = balls_of(case)
        assert leaving(reference(case), balls) == []
        assert leaving(by_hand(case), balls) == []
        assert dtype == "float32" or leaving(by_autograd(case), balls) == []


@pytest.mark.parametrize("name", PADDED)
def test_another_padding_leaves_the_balls(name):
    """Outputs and gradients of the same rows with zeros in the padding."""
    case = fill(network(name), RAGGED_DRAWS[3], "float64")
    assert case.lengths.min() < case.sizes.T
    zero = replace(case, network=replace(case.network, padding="zero"))
    assert {"outputs", "dx"} <= set(leaving(reference(zero), balls_of(case)))
    assert not [name for name in leaving(reference(zero), balls_of(case)) if name.startswith("final")]


@pytest.mark.parametrize("name", PADDED)
def test_without_lengths_every_padding_is_the_same_function(name):
    case = replace(fill(network(name), RAGGED_DRAWS[2], "float64"), lengths=None)
    zero = replace(case, network=replace(case.network, padding="zero"))
    found, same = reference(case), reference(zero)
    assert all(np.array_equal(found[name], value) for name, value in same.items())
    balls, same = balls_of(case), balls_of(zero)
    assert all(np.array_equal(balls[name].radius, ball.radius) for name, ball in same.items())


def test_the_cotangents_of_repeated_outputs_may_be_added_in_any_order():
    """In single precision, 2^24 + 1 - 2^24 is 0 or 1: every order of the four terms is in the ball."""
    case = replace(case_of(WORKED[1]), dtype="float32")
    given = Cotangents(column((2.0**24, 1, -(2.0**24))), {"h": np.array([[1.0]])})
    ball = balls_of(replace(case, cotangents=given))["db_h"]
    sums = set()
    for terms in permutations(np.float32((2.0**24, 1, -(2.0**24), 1))):
        total = np.float32(0)
        for term in terms:
            total = total + term
        sums.add(float(total))
        assert np.all(np.abs(float(total) - ball.value) <= ball.radius)
    assert len(sums) > 1


@pytest.mark.parametrize("direction", ["backward", "bidirectional"])
def test_what_begins_at_a_rows_end_cannot_run_on(direction):
    with pytest.raises(ModelError, match="padding=run needs direction=forward"):
        replace(network("elman:padding=run"), direction=direction)
    with pytest.raises(ModelError, match="keep is none of zero, repeat, run"):
        replace(network("elman"), padding="keep")
