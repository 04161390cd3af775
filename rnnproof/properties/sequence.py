"""Laws of the sequence: where a row ends, from which end it is read, how layers stand on each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Array, Arrays, Case, Cotangents, rows
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, alike, place_of, within
from rnnproof.properties.forward import compared, radii, results
from rnnproof.properties.gradient import everything, radii_of
from rnnproof.properties.trial import Trial, start


def a_step(claims: Claims, network: Network) -> str:
    """Why there is no single step."""
    if network.direction == "forward":
        return ""
    told = "it reads from the end, so its runs are judged whole, by the bound of the whole run"
    return f"{network.name} has no step of its own: {told}"


def one_direction(claims: Claims, network: Network) -> str:
    """Why there is no order of reading."""
    return f"{network.name} reads from both ends" if network.direction == "bidirectional" else ""


def rows_end(claims: Claims, network: Network) -> str:
    """Why no row can end early."""
    return "" if claims.lengths else "the target takes no lengths"


def both_directions(claims: Claims, network: Network) -> str:
    """Why nothing can be exchanged."""
    return "" if network.direction == "bidirectional" else f"{network.name} reads in one direction"


def in_both_directions(network: Network) -> Network:
    """The network's cell in both directions, without a readout."""
    name = f"{network.name}, both directions"
    return replace(network, direction="bidirectional", layers=1, readout=None, padding="zero", name=name)


def in_two_layers(network: Network) -> Network:
    """Two layers of the network's cell, without a readout."""
    return replace(network, direction="forward", layers=2, readout=None, name=f"{network.name}, two layers")


def single_layers(claims: Claims, network: Network) -> str:
    """Why its layers cannot be run one by one."""
    if network.layers == 1:
        return f"{network.name} has one layer"
    if network.readout is not None:
        return f"{network.name} has a readout on its layers"
    single = network.single_layer.name
    claimed = claims.networks is None or single in claims.networks
    return "" if claimed else f"a single layer, {single}, cannot be built: it is not claimed"


def lengths(trial: Trial) -> Verdict:
    """A padded row equals that row alone; values in the padding change nothing; length 0 gives the initial state.

    Where the padding is run, they change the outputs there, and nothing else.
    """
    verdict = agree(compared(trial.base, trial.bounds), trial.bounds.form, place_of(trial.case))
    if verdict.outcome is Outcome.FAILED:
        return verdict
    for k in range(trial.case.sizes.B):
        alone = _alone(trial, k)
        if alone.outcome is Outcome.FAILED:
            return alone
    padded = _padding_changed(trial)
    return padded if padded.outcome is not Outcome.PASSED else verdict


def _alone(trial: Trial, k: int) -> Verdict:
    """Row k of the batch, against the same row by itself, cut where it ends; what is after its end, against zero."""
    case, length = trial.case, int(_lengths(trial.case)[k])
    if length < max(trial.implementation.claims.min_length, 1):
        return Verdict(Outcome.PASSED)
    one = np.array([k])
    single = replace(rows(case, one), lengths=None)
    cut = Cotangents(single.cotangents.outputs[:length], single.cotangents.state)
    single = replace(single, sizes=replace(single.sizes, T=length), x=single.x[:length], cotangents=cut)

    def row(part: dict[str, Array]) -> dict[str, Array]:
        return {name: value[:length, one] if name == "outputs" else value[one] for name, value in part.items()}

    what = f"row {k} of the batch, {length} steps long, against the same row alone"
    alone, together = results(trial.run(single)), row(results(trial.base))
    both = {name: value for name, value in alone.items() if name in together}  # a last output alone is not
    return within({n: together[n] for n in both}, both, lambda: row(radii(trial.bounds)), place_of(case), what)


def _padding_changed(trial: Trial) -> Verdict:
    """Other inputs after the end of each row, and other cotangents there if they are those of no output."""
    if trial.case.network.padding == "run":
        return _running_padding_changed(trial)
    case, full, padding = trial.case, trial.case.cotangents, _padding(trial.case)
    of_nothing = padding if case.network.padding == "zero" else padding & (_lengths(case) == 0)[None, :, None]
    cotangents = replace(full, outputs=np.where(of_nothing, 1 - full.outputs, full.outputs))
    what = "the inputs after the end of each row were changed, and the cotangents there of outputs that are zero"
    first, other = _both(trial, replace(_other_padding(case), cotangents=cotangents))
    return alike(other, first, lambda: radii_of(trial.bounds, first), place_of(case), what)


def _running_padding_changed(trial: Trial) -> Verdict:
    """Other inputs after the end of each row: the outputs there may change, and what has no cotangent but theirs."""
    full, padding = trial.case.cotangents, _padding(trial.case)
    case = replace(trial.case, cotangents=replace(full, outputs=np.where(padding, 0, full.outputs)))
    trial = start(case, trial.implementation)
    first, other = _both(trial, _other_padding(case))
    for part in (first, other):
        part |= {"outputs": np.where(padding, 0, part["outputs"])} if "outputs" in part else {}
    what = "the inputs after the end of each row were changed, where no output has a cotangent; those outputs aside"
    return alike(other, first, lambda: radii_of(trial.bounds, first), place_of(case), what)


def _other_padding(case: Case) -> Case:
    return replace(case, x=np.where(_padding(case), 1 - case.x, case.x))


def _both(trial: Trial, changed: Case) -> tuple[dict[str, Array], dict[str, Array]]:
    """Everything that the case gives, and a changed one; the gradients too, where the target has them."""
    only = None if trial.implementation.claims.gradients else ""
    first = trial.pulled(None) if only is None else trial.base
    return everything(first), everything(trial.run(changed, only))


def _lengths(case: Case) -> NDArray[np.integer]:
    return np.full(case.sizes.B, case.sizes.T) if case.lengths is None else case.lengths


def _padding(case: Case) -> Array:
    """Where a row has ended, (T,B,1)."""
    return np.asarray(np.arange(case.sizes.T)[:, None, None] >= _lengths(case)[None, :, None])


def reverse(trial: Trial) -> Verdict:
    """With both directions exchanged, x flipped within each row: outputs flipped, their halves exchanged."""
    case = trial.case
    flipped = replace(
        case,
        parameters=_exchanged(case.network, case.parameters),
        x=_flipped(case, case.x),
        state={name: case.state[_other(name)] for name in case.state},
    )
    got = start(flipped, trial.implementation).run()
    base = results(trial.base)

    def mirrored(part: dict[str, Array]) -> dict[str, Array]:
        return {name: _mirrored(case, name, part) for name in base}

    what = "both directions exchanged and x flipped, against the outputs flipped and the halves exchanged"
    return within(results(got), mirrored(base), lambda: mirrored(radii(trial.bounds)), place_of(case), what)


def _other(name: str) -> str:
    """0.backward.h for 0.forward.h."""
    for one, other in ((".forward.", ".backward."), (".backward.", ".forward.")):
        if one in name:
            return name.replace(one, other)
    return name


def _exchanged(network: Network, parameters: Arrays) -> dict[str, Array]:
    """Each direction's parameters under the other's names; columns that read two outputs, their halves exchanged."""
    found: dict[str, Array] = {}
    for name, letters in network.parameters.items():
        value = parameters[_other(name)]
        halves = len(letters) == 2 and letters[1].startswith("2")
        found[name] = _halves_exchanged(value) if halves else value
    return found


def _halves_exchanged(value: Array) -> Array:
    half = value.shape[-1] // 2
    return np.concatenate([value[..., half:], value[..., :half]], axis=-1)


def _flipped(case: Case, sequence: Array) -> Array:
    """Each row from its last valid step back; the padding as it is."""
    found = sequence.copy()
    for k, length in enumerate(_lengths(case)):
        found[:length, k] = sequence[:length, k][::-1]
    return found


def _repeated(case: Case, outputs: Array) -> Array:
    """Each row's last valid output again at every step after it."""
    found = outputs.copy()
    for k, length in enumerate(_lengths(case)):
        found[length:, k] = outputs[length - 1, k] if length else 0
    return found


def _mirrored(case: Case, name: str, part: Arrays) -> Array:
    """What a result becomes: outputs flipped, a state the other direction's."""
    if name != "outputs":
        return part[f"final {_other(name.removeprefix('final '))}"]
    network = case.network
    outputs = _flipped(case, part["outputs"])
    if network.padding == "repeat":
        outputs = _repeated(case, outputs)
    side_by_side = network.merge == "concat" and network.readout is None
    return _halves_exchanged(outputs) if side_by_side else outputs


def layers(trial: Trial) -> Verdict:
    """A stack equals the composition of its layers."""
    case, network = trial.case, trial.case.network
    single, x = network.single_layer, case.x
    final: dict[str, Array] = {}
    for layer in range(network.layers):
        try:
            trace = _layer(trial, single, layer, x)
        except (Unsupported, TargetError) as problem:
            return Verdict(Outcome.NOT_APPLICABLE, f"a single layer, {single.name}, cannot be built or run: {problem}")
        if trace.outputs is None:
            return Verdict(Outcome.NOT_APPLICABLE, "the target returns no outputs, only final states")
        x = trace.outputs.astype(np.float64)
        final |= {f"final {_of(network, layer, name)}": value for name, value in trace.final.items()}
    composed, whole = {"outputs": x} | final, results(trial.base)
    what = "its layers run one after the other, against the whole stack"
    return within({n: composed[n] for n in whole}, whole, lambda: radii(trial.bounds), place_of(case), what)


def _of(network: Network, layer: int, name: str) -> str:
    """A single layer's name in the stack."""
    if network.direction == "bidirectional":
        return f"{layer}{name.removeprefix('0')}"
    return f"{layer}.{network.direction}.{name}"


def _layer(trial: Trial, single: Network, layer: int, x: Array) -> Trace:
    case, network = trial.case, trial.case.network
    parameters = {name: case.parameters[_of(network, layer, name)] for name in single.parameters}
    state = {name: case.state[_of(network, layer, name)] for name in single.states}
    sizes = replace(case.sizes, I=x.shape[2])
    zero = np.zeros(sizes.shape(("T", "B", single.output_size)))
    cotangents = Cotangents(zero, {name: np.zeros_like(value) for name, value in state.items()})
    alone = Case(single, sizes, parameters, x, state, cotangents, case.lengths, case.dtype)
    return start(alone, trial.implementation).run()
