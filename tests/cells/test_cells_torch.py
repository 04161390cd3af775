"""The hand-written cells against PyTorch's layers, inside derived bounds; where nothing rounds, exactly."""

import numpy as np
import pytest
from cell_bounds import beyond, enclose, flat
from cell_cases import case, cases, options_of
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import target

torch = pytest.importorskip("torch")

GATES = {"lstm": "ifgo", "gru": "rzn", "elman": "h"}
NETWORKS = (
    "lstm",
    "elman",
    "gru",
    "lstm:projection=P",
    "lstm:layers=2",
    "gru:direction=bidirectional",
    "gru:layers=2,direction=bidirectional",
    "lstm:projection=P,layers=2,direction=bidirectional",
    "elman:activation=relu,layers=3,direction=bidirectional",
    "lstm:bias=false",
)


def layer_for(subject, drawn):
    """torch's layer of the network, with its own sizes."""
    name, options = options_of(subject.network)
    projected = next(len(w) for key, w in drawn.params.items() if key.endswith("W_p")) if "projection" in options else 0
    h = next(key for key in drawn.state if key.endswith("c" if projected else "h"))
    sizes = {
        "input_size": drawn.x.shape[2],
        "hidden_size": drawn.state[h].shape[1],
        "num_layers": int(options.get("layers", 1)),
        "bidirectional": options.get("direction") == "bidirectional",
        "bias": options.get("bias") != "false",
        "dtype": torch.float32 if drawn.x.dtype == np.float32 else torch.float64,
    }
    if name == "lstm":
        return torch.nn.LSTM(**sizes, proj_size=projected)
    if name == "gru":
        return torch.nn.GRU(**sizes)
    return torch.nn.RNN(**sizes, nonlinearity=options.get("activation", "tanh"))


def prefixes(subject):
    """[(ours, torch's)] of each layer and direction: ("0.backward.", "_l0_reverse")."""
    ours = list(dict.fromkeys(key.rpartition(".")[0] for key in subject.memory))
    if ours == [""]:
        return [("", "_l0")]
    return [(f"{p}.", f"_l{p.partition('.')[0]}{'_reverse' * p.endswith('backward')}") for p in ours]


def packed(arrays, gates, prefix):
    """Our parameters of one layer and direction as torch has them; a bias goes in as 3/4 and 1/4 of it."""

    def rows(kind, names=gates):
        return np.concatenate([arrays[f"{prefix}{kind}_{gate}"] for gate in names])

    made = {"weight_ih": rows("W"), "weight_hh": rows("U")}
    if f"{prefix}b_{gates[0]}" in arrays:
        made |= {"bias_ih": 0.75 * rows("b"), "bias_hh": 0.25 * rows("b")}
    if gates == "rzn":  # b_n stands outside of the reset, b_hn inside
        made["bias_ih"] = np.concatenate((0.75 * rows("b", "rz"), arrays[f"{prefix}b_n"]))
        made["bias_hh"] = np.concatenate((0.25 * rows("b", "rz"), arrays[f"{prefix}b_hn"]))
    if f"{prefix}W_p" in arrays:
        made["weight_hr"] = arrays[f"{prefix}W_p"]
    return made


def unpacked(found, gates, prefix):
    """Gradients of torch's parameters of one layer and direction under our names."""
    kinds = {"W": "weight_ih", "U": "weight_hh", "b": "bias_ih"}
    ours = {
        f"{prefix}{kind}_{gate}": rows
        for kind, theirs in kinds.items()
        if theirs in found
        for gate, rows in zip(gates, np.split(found[theirs], len(gates)), strict=True)
    }
    if gates == "rzn":
        ours[f"{prefix}b_hn"] = np.split(found["bias_hh"], 3)[2]
    if "weight_hr" in found:
        ours[f"{prefix}W_p"] = found["weight_hr"]
    return ours


def by_torch(subject, drawn):
    """A run and its gradients, under our names; with lengths as a packed sequence."""
    layer, gates = layer_for(subject, drawn), GATES[options_of(subject.network)[0]]
    loaded = {
        f"{name}{end}": array
        for ours, end in prefixes(subject)
        for name, array in packed(drawn.params, gates, ours).items()
    }
    layer.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in loaded.items()})
    kinds = ("h", "c") if gates == "ifgo" else ("h",)

    def stacked(arrays):
        every = (np.stack([arrays[f"{ours}{kind}"] for ours, _ in prefixes(subject)]) for kind in kinds)
        return [torch.from_numpy(each) for each in every]

    x, state = torch.from_numpy(drawn.x).requires_grad_(), [s.requires_grad_() for s in stacked(drawn.state)]
    given, n = x, drawn.lengths
    if n is not None:
        given = torch.nn.utils.rnn.pack_padded_sequence(x, torch.from_numpy(n), enforce_sorted=False)
    outputs, final = layer(given, tuple(state) if len(state) > 1 else state[0])
    if n is not None:
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, total_length=len(x))
    final = list(final) if len(state) > 1 else [final]
    names = [name for name, _ in layer.named_parameters()]
    pulled = [torch.from_numpy(drawn.cotangents["outputs"]), *stacked(drawn.cotangents["state"])]
    found = torch.autograd.grad([outputs, *final], [*layer.parameters(), x, *state], pulled)
    by_name = dict(zip(names, (d.numpy() for d in found), strict=False))

    def unstacked(arrays):
        return {
            f"{ours}{kind}": each[k]
            for kind, each in zip(kinds, arrays, strict=True)
            for k, (ours, _) in enumerate(prefixes(subject))
        }

    params = {}
    for ours, end in prefixes(subject):
        own = {name.removesuffix(end): d for name, d in by_name.items() if name.endswith(end)}
        params |= unpacked(own, gates, ours)
    run = outputs.detach().numpy(), unstacked([value.detach().numpy() for value in final])
    states = unstacked([d.numpy() for d in found[len(names) + 1 :]])
    return flat(run, {"params": params, "x": found[len(names)].numpy(), "state": states})


def by_hand(subject, drawn):
    arguments, lengths = drawn.arguments, drawn.lengths
    run = subject.run(*arguments, lengths=lengths)
    return flat(run, subject.grad(*arguments, drawn.cotangents, lengths=lengths))


def torch_takes(drawn):
    """No empty sequence, and a projection only to fewer numbers."""
    lengths = drawn.lengths if drawn.lengths is not None else [len(drawn.x)]
    h, c = (next((s.shape[1] for name, s in drawn.state.items() if name[-1] == key), 0) for key in "hc")
    projected = any(name.endswith("W_p") for name in drawn.params)
    return min(lengths) > 0 and (not projected or h < c)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("network", NETWORKS)
def test_run_and_gradient_equal_those_of_torch(network, dtype):
    subject = target(network)

    @settings(deadline=None, max_examples=10)
    @given(cases(subject, longest=6).filter(torch_takes))
    def check(drawn):
        drawn = drawn.cast(dtype)
        assert not beyond(by_hand(subject, drawn), by_torch(subject, drawn), enclose(subject, drawn, dtype))

    check()


@pytest.mark.parametrize("network", NETWORKS)
def test_ragged_rows_equal_packed_sequences_of_torch(network):
    subject = target(network)

    @settings(deadline=None, max_examples=6)
    @given(st.integers(0, 2**32 - 1), st.permutations((1, 2, 5, 3)))
    def check(seed, lengths):
        drawn = case(subject, T=6, B=4, seed=seed, lengths=lengths)
        padded = drawn.with_padding(7.0)
        bounds = enclose(subject, drawn, "float64")
        assert not beyond(by_hand(subject, padded), by_torch(subject, padded), bounds)

    check()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_whole_numbers_are_exact_in_torch_too(T, seed, two):
    subject = target("elman:activation=relu" + ",direction=bidirectional" * two)
    drawn = case(subject, T=T)
    rng = np.random.default_rng(seed)

    def whole(arrays):
        # Multiples of 4, because the bias is split into 3/4 and 1/4.
        return {name: 4.0 * rng.integers(-2, 3, size=array.shape) for name, array in arrays.items()}

    x, outputs = (whole({"": array})[""] for array in (drawn.x, drawn.cotangents["outputs"]))
    cotangents = {"outputs": outputs, "state": whole(drawn.state)}
    drawn = type(drawn)(whole(drawn.params), x, whole(drawn.state), cotangents)
    np.testing.assert_equal(by_hand(subject, drawn), by_torch(subject, drawn))


@pytest.mark.parametrize(
    ("network", "first", "second"),
    [
        ("lstm", "W_i", "W_f"),
        ("gru", "b_n", "b_hn"),
        ("gru:direction=bidirectional", "0.forward.U_z", "0.backward.U_z"),
        ("lstm:layers=2", "0.forward.U_o", "1.forward.U_o"),
    ],
)
def test_exchanged_parameters_are_refused(network, first, second):
    subject = target(network)
    drawn = case(subject)
    exchanged = {first: drawn.params[second], second: drawn.params[first]}
    faulty = type(drawn)({**drawn.params, **exchanged}, drawn.x, drawn.state, drawn.cotangents)
    theirs = by_torch(subject, faulty)
    assert "outputs" in beyond(by_hand(subject, drawn), theirs, enclose(subject, drawn, "float64"))


def test_lengths_ignored_are_refused():
    subject = target("gru:direction=bidirectional")
    drawn = case(subject, T=4, lengths=(4, 2, 3))
    ignored = type(drawn)(drawn.params, drawn.x, drawn.state, drawn.cotangents)
    found = beyond(by_hand(subject, drawn), by_torch(subject, ignored), enclose(subject, drawn, "float64"))
    assert {"outputs", "final 0.forward.h", "dx"} <= set(found)
