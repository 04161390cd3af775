"""The hand-written cells against PyTorch's layers, inside derived bounds; where nothing rounds, exactly."""

import numpy as np
import pytest
from cell_bounds import beyond, enclose, flat
from cell_cases import case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.cells import plain_target

torch = pytest.importorskip("torch")


def packed(params, kind):
    gates = "ifgo" if f"{kind}_i" in params else "h"
    return np.concatenate([params[f"{kind}_{gate}"] for gate in gates])


def by_torch(layer, drawn):
    """A run and its gradients, under our names; the bias goes in as 3/4 and 1/4 of it."""
    tensors = {
        "weight_ih_l0": packed(drawn.params, "W"),
        "weight_hh_l0": packed(drawn.params, "U"),
        "bias_ih_l0": 0.75 * packed(drawn.params, "b"),
        "bias_hh_l0": 0.25 * packed(drawn.params, "b"),
    }
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    x = torch.from_numpy(drawn.x).requires_grad_()
    state = {name: torch.from_numpy(array)[None].requires_grad_() for name, array in drawn.state.items()}
    outputs, final = layer(x, tuple(state.values()) if len(state) > 1 else state["h"])
    final = dict(zip(state, final if len(state) > 1 else [final], strict=True))
    wanted = [*layer.parameters(), x, *state.values()]
    cotangents = [drawn.cotangents["outputs"], *(drawn.cotangents["state"][name][None] for name in state)]
    found = torch.autograd.grad(
        [outputs, *final.values()], wanted, [torch.from_numpy(cotangent) for cotangent in cotangents]
    )
    dW, dU, db, _, dx, *d_state = (gradient.numpy() for gradient in found)
    gates = "ifgo" if "W_i" in drawn.params else "h"
    params = {
        f"{kind}_{gate}": rows
        for kind, d in (("W", dW), ("U", dU), ("b", db))
        for gate, rows in zip(gates, np.split(d, len(gates)), strict=True)
    }
    run = outputs.detach().numpy(), {name: value.detach().numpy()[0] for name, value in final.items()}
    states = {name: d[0] for name, d in zip(state, d_state, strict=True)}
    return flat(run, {"params": params, "x": dx, "state": states})


def by_hand(target, drawn):
    return flat(target.run(*drawn.arguments), target.grad(*drawn.arguments, drawn.cotangents))


def layer_for(target, drawn):
    sizes = {"input_size": drawn.x.shape[2], "hidden_size": drawn.state["h"].shape[1]}
    dtype = torch.float32 if drawn.x.dtype == np.float32 else torch.float64
    if target.network == "lstm":
        return torch.nn.LSTM(**sizes, dtype=dtype)
    return torch.nn.RNN(**sizes, nonlinearity="relu" if "relu" in target.network else "tanh", dtype=dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", [plain_target("lstm"), plain_target("elman")], ids=lambda target: target.network)
def test_run_and_gradient_equal_those_of_torch(target, dtype):
    @settings(deadline=None, max_examples=25)
    @given(cases(target).filter(lambda drawn: len(drawn.x) > 0))  # torch refuses an empty sequence
    def check(drawn):
        drawn = drawn.cast(dtype)
        theirs = by_torch(layer_for(target, drawn), drawn)
        assert not beyond(by_hand(target, drawn), theirs, enclose(target, drawn, dtype))

    check()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_whole_numbers_are_exact_in_torch_too(T, seed):
    target = plain_target("elman", activation="relu")
    drawn = case(target, T=T)
    rng = np.random.default_rng(seed)

    def whole(arrays):
        # Multiples of 4, because the bias is split into 3/4 and 1/4.
        return {name: 4.0 * rng.integers(-2, 3, size=array.shape) for name, array in arrays.items()}

    x, outputs = (whole({"": array})[""] for array in (drawn.x, drawn.cotangents["outputs"]))
    cotangents = {"outputs": outputs, "state": whole(drawn.state)}
    drawn = type(drawn)(whole(drawn.params), x, whole(drawn.state), cotangents)
    np.testing.assert_equal(by_hand(target, drawn), by_torch(layer_for(target, drawn), drawn))


def test_exchanged_gates_are_refused():
    target = plain_target("lstm")
    drawn = case(target)
    exchanged = {"W_i": drawn.params["W_f"], "W_f": drawn.params["W_i"]}
    faulty = type(drawn)({**drawn.params, **exchanged}, drawn.x, drawn.state, drawn.cotangents)
    theirs = by_torch(layer_for(target, drawn), faulty)
    assert "outputs" in beyond(by_hand(target, drawn), theirs, enclose(target, drawn, "float64"))
