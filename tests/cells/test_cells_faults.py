"""Every planted fault leaves the derived bounds: forward, backward, in stacks, in ragged batches."""

import pytest
from cell_bounds import beyond, enclose, flat
from cell_cases import case, options_of
from fault_table import CELL_FAULTS, RAGGED_FAULTS, STACK_FAULTS
from planted import cells_with
from variants import target


def listed(table):
    return [
        pytest.param(module, network, *fault, id=f"{module}: {fault[1]}")
        for (module, network), faults in table.items()
        for fault in faults
    ]


def refused(module, network, right, wrong, **sizes):
    """The names at which the network with that fault leaves the bounds of the right one."""
    name, options = options_of(network)
    faulty = cells_with(module, right, wrong).plain_target(name, **options)
    drawn = case(target(network), **sizes)
    bounds = enclose(target(network), drawn, "float64")
    return outside(faulty, drawn, bounds)


def outside(subject, drawn, bounds):
    """The names of what is not within the bounds: all of them where it raises, or returns other shapes."""
    arguments, lengths = drawn.arguments, drawn.lengths
    try:
        run = subject.run(*arguments, lengths=lengths)
        found = flat(run, subject.grad(*arguments, drawn.cotangents, lengths=lengths))
        return set(beyond(found, {name: bound.value for name, bound in bounds.items()}, bounds))
    except ValueError:
        return set(bounds)


@pytest.mark.parametrize(("module", "network", "right", "wrong"), listed(CELL_FAULTS))
def test_a_fault_in_a_cell_is_refused(module, network, right, wrong):
    assert refused(module, network, right, wrong, T=4)


@pytest.mark.parametrize(("module", "network", "right", "wrong"), listed(STACK_FAULTS))
def test_a_fault_in_a_stack_is_refused(module, network, right, wrong):
    assert refused(module, network, right, wrong, T=4)


@pytest.mark.parametrize(("module", "network", "right", "wrong"), listed(RAGGED_FAULTS))
def test_a_fault_in_a_ragged_batch_is_refused(module, network, right, wrong):
    assert refused(module, network, right, wrong, T=5, B=4, lengths=(2, 5, 0, 3))


@pytest.mark.parametrize("network", sorted({network for _, network in (*CELL_FAULTS, *STACK_FAULTS, *RAGGED_FAULTS)}))
def test_the_right_network_read_anew_is_accepted(network):
    name, options = options_of(network)
    again = cells_with("lstm", "PLAIN = Variant()", "PLAIN = Variant() ")
    for sizes in ({"T": 4}, {"T": 5, "B": 4, "lengths": (2, 5, 0, 3)}):
        drawn = case(target(network), **sizes)
        bounds = enclose(target(network), drawn, "float64")
        assert not outside(again.plain_target(name, **options), drawn, bounds)


def test_the_forgotten_carry_is_invisible_at_one_step_and_refused_at_two():
    """Why the cases are longer than one step: at T = 1 this fault leaves every parameter gradient right."""
    fault = "lstm", "lstm", "z), dc * f", "z), 0 * dc"
    assert refused(*fault, T=1) == {"dc"}
    assert "dW_i" in refused(*fault, T=2)
