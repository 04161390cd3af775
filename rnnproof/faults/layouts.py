"""Packed parameters read in another layout than they are stored in, the same everywhere; one of two biases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import permutations

from rnnproof.domains.split import halves
from rnnproof.faults.arrangement import (
    Arrangement,
    Grid,
    Move,
    as_stored,
    in_blocks,
    in_turn,
    reshaped,
    transpose_reshaped,
)
from rnnproof.faults.fault import Fault
from rnnproof.faults.groups import affines
from rnnproof.faults.wrapped import Conduct, right
from rnnproof.model.case import Arrays
from rnnproof.model.network import Network

Sides = tuple[str, ...]  # what stands side by side in one array
Layer = dict[str, tuple[str, ...]]  # the names of W, of U, of b, gate after gate; of what every gate has
SIDES: tuple[Sides, ...] = (("W", "U"), ("U", "W"))
FOUR = 4  # gates: the orders of more are too many to be tried


def layouts(network: Network) -> Iterator[Fault]:
    """Rows read in turn, columns exchanged, arrays reshaped in place of transposed, one of two biases."""
    gates, layers = _packed(network)
    if layers:
        yield from _interleaved(network, gates, layers)
        yield from _exchanged(network, layers)
        yield from _reshaped(network, layers)
    yield from _one_of_two(network)


def _packed(network: Network) -> tuple[tuple[str, ...], list[Layer]]:
    """The gates of a layer, in the order of its equations, and of every layer what is packed of them."""
    weights = {name: shape for name, shape in network.cell.parameters.items() if len(shape) > 1}
    height = next((shape[0] for shape in weights.values()), "")
    gates = tuple(dict.fromkeys(name.partition("_")[2] for name, shape in weights.items() if shape[0] == height))
    each = ({of: tuple(f"{within}{of}_{gate}" for gate in gates) for of in "WUb"} for within in _within(network))
    packed = [{of: names for of, names in layer.items() if _alike(network, of, names, height)} for layer in each]
    return gates, [layer for layer in packed if layer]


def _alike(network: Network, of: str, names: Sequence[str], height: str) -> bool:
    """Whether the network has all of them, of one shape, so that they can be stacked and set side by side."""
    shapes = {network.parameters.get(name, ()) for name in names}
    return all(len(shape) == (1 if of == "b" else 2) and shape[0] == height for shape in shapes) and len(shapes) == 1


def _within(network: Network) -> list[str]:
    """What stands before the names of each layer's parameters, and of each direction's."""
    names = network.parameters
    found = dict.fromkeys(name.removesuffix(one) for one in network.cell.parameters for name in names)
    return [within for within in found if all(within + one in names for one in network.cell.parameters)]


def _interleaved(network: Network, gates: tuple[str, ...], layers: list[Layer]) -> Iterator[Fault]:
    """Blocks read in turn, and what is stored in turn read as blocks: W, U and b alike, in every order of the gates."""
    for order in permutations(range(len(gates))) if 1 < len(gates) <= FOUR else ():
        grids = [tuple((names[k],) for k in order) for layer in layers for names in layer.values()]
        words = f"the gates {' '.join(gates[k] for k in order)}, stored"
        for move, how in (
            (in_turn, "one after the other, are read as if interleaved"),
            (in_blocks, "interleaved, are read as if one after the other"),
        ):
            yield _arranged(network, "interleaved", f"{words} {how}", grids, partial(move, len(gates)))


def _exchanged(network: Network, layers: list[Layer]) -> Iterator[Fault]:
    """[W U], the weights of [x,h], split as if it were [U W], and the other way round."""
    for sides in SIDES if "U" in layers[0] and "W" in layers[0] else ():
        grids = [_grid(layer, sides) for layer in layers]
        other = [_grid(layer, sides[::-1]) for layer in layers]
        text = f"the weights {_array(sides)} are split as if they were {_array(sides[::-1])}"
        yield _arranged(network, "columns exchanged", text, grids, as_stored, other)


def _reshaped(network: Network, layers: list[Layer]) -> Iterator[Fault]:
    """Arrays (R,C) taken for their transposes by a reshape: those of all gates, stacked, or those of each gate."""
    kinds: list[Sides] = [(of,) for of in "WU" if of in layers[0]]
    every: list[list[Sides]] = [[kind] for kind in kinds]
    if len(kinds) > 1:
        every += [kinds, [SIDES[0]], [SIDES[1]]]
    for arrays in every:
        stacked = [_grid(layer, sides) for layer in layers for sides in arrays]
        several = len(stacked[0]) > 1
        if several:
            yield from _turned(network, arrays, stacked, ", stacked,")
        each = [(row,) for row in sum(zip(*stacked, strict=True), ())]
        if any(rows != columns for rows, columns in (_shape(network, grid) for grid in each)):  # else a transpose
            yield from _turned(network, arrays, each, " of each gate" * several)


def _turned(network: Network, arrays: Sequence[Sides], grids: Sequence[Grid], which: str) -> Iterator[Fault]:
    """The arrays as they are stored, or their transposes, read by a reshape to the other shape."""
    shapes = [_shape(network, grid) for grid in grids[: len(arrays)]]
    verb = "are" if len(arrays) > 1 else "is"
    for move, back in ((reshaped, 1), (transpose_reshaped, -1)):
        told = (f"{_array(sides)} ({','.join(shape[::back])})" for sides, shape in zip(arrays, shapes, strict=True))
        text = f"{' and '.join(told)}{which} {verb} reshaped, not transposed"
        yield _arranged(network, "reshaped", text, grids, move)


def _grid(layer: Layer, sides: Sides) -> Grid:
    """The gates below one another, of each its arrays side by side."""
    return tuple(zip(*(layer[of] for of in sides), strict=True))


def _array(sides: Sides) -> str:
    """W, or [W U]."""
    return sides[0] if len(sides) == 1 else f"[{' '.join(sides)}]"


def _shape(network: Network, grid: Grid) -> tuple[str, str]:
    """The letters of a packed array: 4H and I+H."""
    rows, _ = network.parameters[grid[0][0]]
    columns = "+".join(network.parameters[name][1] for name in grid[0])
    return f"{len(grid) if len(grid) > 1 else ''}{rows}", columns


def _arranged(
    network: Network, operator: str, text: str, stored: Sequence[Grid], move: Move, read: Sequence[Grid] = ()
) -> Fault:
    """Arrays stored as one grid each and read as another: the same one, where there is none."""
    ranks = {name: len(shape) for name, shape in network.parameters.items()}
    made = Arrangement(ranks, tuple(zip(stored, read or stored, strict=True)), move)
    return Fault(operator, text, conduct=Conduct("sequence", right, made.read, made.given_back))


def _one_of_two(network: Network) -> Iterator[Fault]:
    """Where b is stored as two arrays that are added up: one of them is left out, or is in the place of both.

    A bias beside x alone is the first's own, one beside h alone the second's. The backward pass is right.
    """
    cell = network.cell
    biased = {e.bias: [name for _, name in e.terms] for e in affines(cell) if e.bias is not None}
    every = [(within, bias) for within in _within(network) for bias in biased]
    both = [within + bias for within, bias in every if len(biased[bias]) > 1]
    of_x = [within + bias for within, bias in every if biased[bias] == [cell.input]]
    of_h = [
        within + bias for within, bias in every if len(biased[bias]) == 1 and {*biased[bias]} <= {*cell.state_names}
    ]
    for n, which, own, others in ((0, "first", of_x, of_h), (1, "second", of_h, of_x)) if both else ():
        left_out = partial(_taken, n, 1, both, dict.fromkeys(others))
        yield _of_biases(f"of two biases only the {which} is added", left_out)
        if len(own) == len(others):
            twice = partial(_taken, n, 2, both, dict(zip(others, own, strict=True)))
            yield _of_biases(f"of two biases the {which} is added twice, the other not at all", twice)


def _of_biases(text: str, read: Callable[[Arrays], Arrays]) -> Fault:
    return Fault("one of two biases", text, conduct=Conduct("sequence", right, read))


def _taken(n: int, times: int, both: Sequence[str], instead: Mapping[str, str | None], arrays: Arrays) -> Arrays:
    """One half of each bias, so many times; of the other half's own biases others instead, or none."""
    found = {name: halves(name, arrays[name])[n] * times for name in both}
    return {**arrays, **found, **{name: arrays[one] if one else 0 * arrays[name] for name, one in instead.items()}}
