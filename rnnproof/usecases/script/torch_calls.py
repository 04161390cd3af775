"""The calls of a layer or cell of PyTorch, as Python: a function around it that takes and returns NumPy's arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnproof.adapters.loading import load
from rnnproof.adapters.torch_layers import TorchLayer
from rnnproof.adapters.torch_modules import is_own, layout, own_sizes
from rnnproof.adapters.torch_networks import CELLS, constructor, network_of
from rnnproof.adapters.torch_subject import layered
from rnnproof.dialects import fitted
from rnnproof.dialects.dialect import Dialect
from rnnproof.model.case import Case
from rnnproof.usecases.script.calls import Writer, cotangents_of
from rnnproof.usecases.script.loading import Loaded
from rnnproof.usecases.script.numbers import broken
from rnnproof.usecases.script.wrong import Scene

CALL = '''
def tensor(value):
    return torch.tensor(value, dtype=torch.{dtype})


def call(module, params, x, state, lengths=None, cotangents=None):
    """What the module returns, given these weights, and its gradients: NumPy's arrays."""
    with torch.no_grad():
        for name, value in params.items():
            getattr(module, name).copy_(tensor(value))
    x, given = tensor(x).requires_grad_(), [tensor(each).requires_grad_() for each in state or ()]
    now = None if state is None else {as_given}
{forward}
    final = {as_list}
    returned = outputs.detach().double().numpy(), [each.detach().double().numpy() for each in final]
    if cotangents is None:
        return *returned, None
    weights = [getattr(module, name) for name in params]
    ends = [tensor(each) for each in (cotangents["outputs"], *cotangents["state"])]
    found = torch.autograd.grad(
        [outputs, *final], [x, *weights, *given], ends, allow_unused=True, materialize_grads=True
    )
    dx, *found = [each.double().numpy() for each in found]
    by_state = found[len(weights) :]
    return *returned, {{"x": dx, "params": dict(zip(params, found)), "state": by_state}}

'''
LAYER = """    if lengths is None:
        outputs, now = module(x, now)
    else:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, {first}, enforce_sorted=False)
        outputs, now = module(packed, now)
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, {first}, total_length={steps})"""
CELL = """    every = []
    for x_t in x:
        now = module(x_t, now)
        every.append({hidden})
    outputs = torch.stack(every)"""


def seen(scene: Scene) -> Scene:
    """The scene, with what a module returns: no states of every step."""
    returned = {name: ball for name, ball in scene.expected.items() if not name.endswith("of every step")}
    return replace(scene, expected=returned)


def called(layer: TorchLayer, target: str, loaded: Loaded, scene: Scene) -> tuple[Writer, list[str]]:
    """The calls of a scene, and the function that makes them."""
    case, found = scene.call.case, load(target)
    module, dialect = _module(layer, found, loaded, case)
    writer = Writer(loaded.expression, dialect, False)
    for call in scene.calls:
        given = writer.arguments(call.case, call.stateless, False)
        if call.case.lengths is not None:
            given.append(f"lengths={writer.name('lengths', repr(call.case.lengths.tolist()))}")
        if call.pulled:
            given.append(f"cotangents={cotangents_of(writer, call.case)}")
        if call.subject not in writer.objects:
            writer.objects[call.subject] = f"module_{len(writer.objects) + 1}" if writer.objects else "module"
            writer.calls.append(f"{writer.objects[call.subject]} = {module}.to(torch.{case.dtype})")
        text = f"call({', '.join([writer.objects[call.subject], *given])})"
        writer.calls.extend(broken(f"outputs, final, gradients = {text}" if call is scene.call else text))
    return writer, _function(layer, dialect, case).splitlines()


def _function(layer: TorchLayer, dialect: Dialect, case: Case) -> str:
    alone, first = len(dialect.state or ()) == 1, dialect.layout == "BTI"
    forward = LAYER.format(first=first, steps="x.shape[1]" if first else "len(x)")
    if layer.module in CELLS:
        forward = CELL.format(hidden="now" if alone else "now[0]")
    as_given, as_list = ("given[0]", "[now]") if alone else ("tuple(given)", "list(now)")
    return CALL.format(dtype=case.dtype, as_given=as_given, as_list=as_list, forward=forward)


def _module(layer: TorchLayer, found: Any, loaded: Loaded, case: Case) -> tuple[str, Dialect]:
    """The expression that makes a module, and how it packs."""
    dialect = fitted(layer.dialect, case.network)
    dialect = dialect if layer.module in CELLS else layered(dialect)
    sizes = f"{case.sizes.I}, {case.sizes.H}"
    options = constructor(f"torch.nn.{layer.module}", layer.module, case.network, case.sizes)
    told = "".join(f", {name}={value!r}" for name, value in options.items())
    if isinstance(found, type):
        own = is_own(found)
        return f"torch.nn.{layer.module}({sizes}{told})" if own else f"{loaded.expression}({sizes})", dialect
    if layout(found) != dialect.layout:
        dialect, told = replace(dialect, layout=layout(found)), f"{told}, batch_first=True"
    here = {letter: getattr(case.sizes, letter) for letter in own_sizes(found)}
    kept = here == own_sizes(found) and network_of(found, layer.module).name == case.network.name
    if kept or not is_own(type(found)):
        return f"copy.deepcopy({loaded.expression})", dialect
    return f"torch.nn.{layer.module}({sizes}{told})", dialect
