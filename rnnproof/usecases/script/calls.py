"""The calls of a plain target, as Python: its arguments, the calls, and where each result is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.dialects import fitted
from rnnproof.dialects.dialect import CANONICAL_LAYOUT, Dialect
from rnnproof.model.case import Case
from rnnproof.usecases.script import packed
from rnnproof.usecases.script.numbers import broken, ends, literal
from rnnproof.usecases.script.recorded import STEP, Call
from rnnproof.usecases.script.wrong import Scene

LAST_AXES = "BI"


@dataclass(frozen=True, eq=False)
class Writer:
    """What has been written so far: a value that was given a name before is called by it.

    ``makes``: the target is a class, called without arguments for each object.
    """

    target: str
    dialect: Dialect
    makes: bool
    named: dict[str, str] = field(default_factory=dict)
    objects: dict[int, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)  # the arguments
    calls: list[str] = field(default_factory=list)

    @property
    def body(self) -> list[str]:
        """The arguments, then the calls."""
        return [*self.lines, "", *self.calls]

    def name(self, wanted: str, expression: str) -> str:
        """The variable that holds the expression: an older one, or a new line."""
        if expression not in self.named:
            taken = set(self.named.values())
            fresh = (wanted if not n else f"{wanted}_{n + 1}" for n in range(len(taken) + 1))
            self.named[expression] = next(each for each in fresh if each not in taken)
            self.lines.extend(broken(f"{self.named[expression]} = {expression}"))
        return self.named[expression]

    def arguments(self, case: Case, stateless: bool, step: bool) -> list[str]:
        """params, x, state, as names of variables."""
        made = packed.parameters(self.dialect, case.parameters, case.dtype, "params")
        text = "\n".join(made)
        if text not in self.named:
            count = sum(name.startswith("params") for name in self.named.values())
            self.named[text] = "params" if not count else f"params_{count + 1}"
            self.lines.extend([line.replace("params = {", f"{self.named[text]} = {{") for line in made])
        x, axes = (case.x[0], LAST_AXES) if step else (case.x, CANONICAL_LAYOUT)
        given = [self.named[text], self.name("x", literal(x) + packed.turned(self.dialect, axes))]
        return [*given, "None" if stateless else self.name("state", packed.state(self.dialect, case.state))]

    def object(self, subject: int) -> str:
        """The object that is called: a class is called once for each."""
        if not self.makes:
            return self.target
        if subject not in self.objects:
            self.objects[subject] = "target" if not self.objects else f"target_{len(self.objects) + 1}"
            self.calls.append(f"{self.objects[subject]} = {self.target}()")
        return self.objects[subject]


def called(implementation: PlainImplementation, expression: str, scene: Scene) -> Writer:
    """The calls of a scene, whose results are in ``outputs``, ``final`` and so on."""
    dialect = fitted(implementation.dialect, scene.call.case.network)
    writer = Writer(expression, dialect, isinstance(implementation.target, type))
    for call in scene.calls:
        _call(writer, call, call is scene.call, scene, hasattr(implementation.target, "run"))
    return writer


def _call(writer: Writer, call: Call, kept: bool, scene: Scene, has_run: bool) -> None:
    """One call; its results are given names where it is the one to be looked at."""
    given = writer.arguments(call.case, call.stateless, call.what == STEP)
    if call.case.lengths is not None:
        given.append(f"lengths={writer.name('lengths', f'np.array({call.case.lengths.tolist()})')}")
    target = writer.object(call.subject)
    run = f"{target}.run" if has_run else target
    every = any(name.endswith("of every step") and name[0] != "d" for name in scene.expected)
    if call.what == STEP:
        lines = [("output, new", f"{target}.step({', '.join(given)})")]
    else:
        lines = [("outputs, final", f"{run}({', '.join(given)})")]
    if call.pulled:
        pulled = [*given[:3], cotangents_of(writer, call.case), *given[3:]]
        lines.append(("gradients", f"{target}.grad({', '.join(pulled)})"))
    if kept and every:
        lines.append(("states", f"{target}.states({', '.join(given)})"))
    for names, expression in lines:
        writer.calls.extend(broken(f"{names} = {expression}" if kept else expression))


def cotangents_of(writer: Writer, case: Case) -> str:
    """The variable that holds the cotangents."""
    outputs = literal(case.cotangents.outputs) + packed.turned(writer.dialect)
    given = packed.state(writer.dialect, case.cotangents.state)
    if not any(name.startswith("cotangents") for name in writer.named.values()):
        writer.lines.append("# The loss, of which there are gradients: the sum of these times what the run returns.")
    return writer.name("cotangents", f'{{"outputs": {outputs}, "state": {given}}}')


def checks(dialect: Dialect, scene: Scene) -> Iterator[tuple[str, str, packed.Ends]]:
    """(label, expression, what it should be) for each array that is wrong."""
    found = {name: ends(ball) for name, ball in scene.expected.items()}
    parameters = {n: v for n, v in found.items() if _is_parameter(scene.call.case, n)}
    for name, between in found.items():
        if name not in parameters:
            yield name, place(dialect, scene.call, name), between
    if not dialect.arrays:
        yield from ((name, place(dialect, scene.call, name), between) for name, between in parameters.items())
    elif parameters:
        yield from _packed_gradients(dialect, scene, parameters)


def _is_parameter(case: Case, name: str) -> bool:
    return name[0] == "d" and name[1:].split("@")[0] in case.parameters


def _packed_gradients(
    dialect: Dialect, scene: Scene, wrong: Mapping[str, packed.Ends]
) -> Iterator[tuple[str, str, packed.Ends]]:
    """The gradient of each of the target's arrays in which a wrong one stands; of that, nothing else is judged."""
    names = {name[1:].split("@")[0]: value for name, value in wrong.items()}
    for array, stacks in dialect.stacks.items():
        members = [name for stack in stacks for name in stack.names]
        if not set(members) & set(names):
            continue
        every = {n: names.get(n, _anything(scene.call.case.parameters[n].shape)) for n in members}
        label = f"d{array} ({' '.join(members)})"
        yield label, f'gradients["params"]["{array}"]', packed.as_packed(stacks, every)


def _anything(shape: tuple[int, ...]) -> packed.Ends:
    return np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)


def place(dialect: Dialect, call: Call, name: str) -> str:
    """Where a result stands in what was returned, brought to the axes (T,B,.)."""
    if call.what == STEP:
        return (
            f"output{packed.turned_back(dialect, LAST_AXES)}"
            if name == "output"
            else packed.state_of(dialect, name, "new")
        )
    if name in ("outputs", "last output"):
        return f"outputs{packed.turned_back(dialect, CANONICAL_LAYOUT if name == 'outputs' else LAST_AXES)}"
    if _is_parameter(call.case, name):
        return f'gradients["params"]["{_array_of(dialect, name[1:])}"]'
    if name == "dx":
        return f'gradients["x"]{packed.turned_back(dialect)}'
    if name.startswith("final "):
        return packed.state_of(dialect, name.removeprefix("final "), "final")
    if name.endswith(" initial"):
        return packed.state_of(dialect, name[1:].removesuffix(" initial"), 'gradients["state"]')
    state = name.removesuffix(" of every step")
    held = f'gradients["states"]["{state[1:]}"]' if name[0] == "d" and state not in call.case.state else ""
    return (held or f'states["{state}"]') + packed.turned_back(dialect)


def _array_of(dialect: Dialect, name: str) -> str:
    """The target's array in which a canonical parameter stands, or that after the @."""
    parameter, _, array = name.partition("@")
    held = (each for each, stacks in dialect.stacks.items() if any(parameter in stack.names for stack in stacks))
    return array or next(held, parameter)
