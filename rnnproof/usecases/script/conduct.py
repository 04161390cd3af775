"""Scripts of what is no wrong number: another dtype, an argument that was changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.domains.bounded import Bounded
from rnnproof.properties.laws import Law
from rnnproof.usecases.script.calls import called, place
from rnnproof.usecases.script.loading import Loaded
from rnnproof.usecases.script.recorded import Call
from rnnproof.usecases.script.text import plainly
from rnnproof.usecases.script.wrong import Scene

DTYPE, UNCHANGED = "numerics.dtype", "numerics.inputs_unchanged"

NOTHING = Bounded(np.zeros(0), np.zeros(0))  # of which only the name is asked
SAID = """
wrong = [line for line in told if line]
for line in wrong:
    print(line)
if wrong:
    print("WRONG: {wrong}.")
    sys.exit(1)
print("RIGHT: {right}.")
"""


def scripts(law: Law, calls: list[Call], implementation: PlainImplementation, loaded: Loaded) -> Iterator[str]:
    """A script for each call that shows the failure of one of these laws."""
    for call in calls:
        if law.id == DTYPE and (wrong := _of_another_dtype(call)):
            yield _of_dtype(law, call, wrong, implementation, loaded)
        if law.id == UNCHANGED and call.changed:
            yield _of_arguments(law, replace(call, pulled=False), implementation, loaded)
            yield _of_arguments(law, call, implementation, loaded)


def _of_another_dtype(call: Call) -> list[str]:
    """The results that have another dtype than the case; of a bias in two arrays, the first."""
    return [name for name, value in call.returned.items() if value.dtype.name != call.case.dtype and "@" not in name]


def _of_dtype(law: Law, call: Call, wrong: list[str], implementation: PlainImplementation, loaded: Loaded) -> str:
    dtype = call.case.dtype
    call = replace(call, pulled=call.pulled and any(name.startswith("d") for name in wrong))
    writer = called(implementation, loaded.expression, Scene(call, (), (), dict.fromkeys(wrong, NOTHING)))
    given = [f"{name!r}: {place(writer.dialect, call, name)}" for name in wrong]
    body = [
        *writer.body,
        f"results = {{{', '.join(given)}}}",
        "told = [",
        f'    "" if np.asarray(value).dtype == "{dtype}" else f"{{name}}: got {{np.asarray(value).dtype}}"',
        "    for name, value in results.items()",
        "]",
        *SAID.format(wrong=f"not every result is {dtype}", right=f"every result is {dtype}").splitlines(),
    ]
    first = wrong[0]
    title = f"{loaded.short}: {first} is {call.returned[first].dtype.name}, but should be {dtype}."
    return plainly(title, law, call.case, loaded, body)


def _of_arguments(law: Law, call: Call, implementation: PlainImplementation, loaded: Loaded) -> str:
    writer = called(implementation, loaded.expression, Scene(call, (), (), {}))
    given = ", ".join(f'"{name}": {name}' for name in writer.named.values())
    body = [
        *writer.lines,
        "",
        f"arguments = {{{given}}}",
        "before = copy.deepcopy(arguments)",
        "held = {name: dict(value) for name, value in arguments.items() if isinstance(value, dict)}",
        *writer.calls,
        *CHANGED.splitlines(),
        *TOLD.splitlines(),
        *SAID.format(wrong="what the call was given is not what it was", right="nothing is changed").splitlines(),
    ]
    title = f"{loaded.short}: a call changes what it was given."
    return plainly(title, law, call.case, loaded, body)


TOLD = """told = list(changed("", before, arguments))
told += [
    f"{name}[{key!r}] is another array now"
    for name, arrays in held.items()
    for key, array in arrays.items()
    if arguments[name].get(key) is not array
]"""
CHANGED = '''

def changed(where, old, new):
    """Every argument that is not what it was before the call."""
    if isinstance(old, (dict, tuple)):
        keys = old if isinstance(old, dict) else range(len(old))
        for key in keys:
            if isinstance(new, dict) and key not in new:
                yield f"{where}[{key!r}] is gone"
            else:
                yield from changed(f"{where}[{key!r}]" if where else key, old[key], new[key])
    elif not np.array_equal(old, new, equal_nan=True):
        yield f"{where}: was {old.tolist()}, is now {np.asarray(new).tolist()}"

'''
