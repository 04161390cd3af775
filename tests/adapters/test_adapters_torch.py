"""PyTorch's layers: the same numbers as the equations', both biases at work, the user's module never touched."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from adapter_cases import built, lstm, outside, results, small
from torch_targets import Own, layer, nn, ran, torch

from rnnproof.adapters.resolve import resolve
from rnnproof.dialects.named import torch_dialect
from rnnproof.errors import Unsupported
from rnnproof.model.network import Sizes

TORCH_LSTM = torch_dialect("lstm")

TARGETS = [("torch.nn:LSTM", "lstm"), ("torch.nn:RNN", "elman"), ("torch.nn:RNN", "elman:activation=relu")]
DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


@DTYPES
@pytest.mark.parametrize(("name", "of"), TARGETS)
def test_values_and_gradients_inside_the_bounds(name, of, dtype):
    case = small(of, dtype=dtype)
    found = resolve(name, of)
    assert found.network.name == of and found.versions["torch"].startswith(torch.__version__.partition("+")[0])
    assert found.implementation.claims.dtypes == ("float64", "float32")
    trace = ran(found.implementation, case, dtype)
    assert outside(trace, case, dtype) == set()
    assert {array.dtype for array in results(trace).values()} == {np.dtype(dtype)}


def test_the_same_as_an_lstm_written_apart():
    case = small()
    trace = ran(layer(nn.LSTM), case)
    outputs, final = lstm(case.parameters, case.x, case.state)
    assert outside(replace(trace, outputs=outputs, final=final), case) == set() == outside(trace, case)


@pytest.mark.parametrize("order", ["i f o g", "f i g o"])
def test_a_wrong_gate_order_is_seen(order):
    case = small()
    arrays = {name: replace(stack, gates=order) for name, stack in TORCH_LSTM.arrays.items()}
    trace = ran(layer(nn.LSTM, dialect=replace(TORCH_LSTM, arrays=arrays)), case)
    assert {"outputs", "final h", "final c", "dx"} <= outside(trace, case)


def test_states_in_the_other_order_are_seen():
    case = small()
    trace = ran(layer(nn.LSTM, dialect=replace(TORCH_LSTM, state=("c", "h"))), case)
    assert {"outputs", "final h", "final c"} <= outside(trace, case)


def test_both_biases_are_not_zero_and_their_gradients_are_both_there():
    case = small()
    case.parameters["b_f"][1] = 0
    subject = built(layer(nn.LSTM), case)
    for name in ("bias_ih_l0", "bias_hh_l0"):
        assert (getattr(subject.module, name) != 0).all()
    assert not torch.equal(subject.module.bias_ih_l0, subject.module.bias_hh_l0)
    trace = subject.run(case.x, case.state, cotangents=case.cotangents)
    second = {f"b_{gate}@bias_hh_l0" for gate in "ifgo"}
    assert set(trace.gradients.parameters) == set(case.parameters) | second
    assert outside(trace, case) == set()


def test_a_bias_that_gets_another_gradient_is_seen():
    class Doubled(nn.LSTM):
        def forward(self, x, hx):
            hold = self.bias_hh_l0.register_hook(lambda gradient: 2 * gradient)
            try:
                return super().forward(x, hx)
            finally:
                self.hold = hold

    case = small()
    trace = ran(layer(Doubled), case)
    assert outside(trace, case) == {f"db_{gate}@bias_hh_l0" for gate in "ifgo"}


def test_each_cotangent_reaches_its_result():
    case = small()
    subject = built(layer(nn.LSTM), case)
    nothing = 0 * case.cotangents.outputs, {name: 0 * array for name, array in case.cotangents.state.items()}
    for only in ("outputs", "h", "c"):
        given = replace(
            case.cotangents,
            outputs=case.cotangents.outputs if only == "outputs" else nothing[0],
            state={n: case.cotangents.state[n] if n == only else nothing[1][n] for n in "hc"},
        )
        trace = subject.run(case.x, case.state, cotangents=given)
        assert outside(trace, replace(case, cotangents=given)) == set()
        assert np.abs(trace.gradients.x).max() > 0


def test_no_state_is_a_state_of_zeros():
    case = small()
    subject = built(layer(nn.LSTM), case)
    zero = {name: 0 * array for name, array in case.state.items()}
    without = subject.run(case.x, None, cotangents=case.cotangents)
    assert np.array_equal(without.outputs, subject.run(case.x, zero).outputs)
    assert without.gradients.state is None and layer(nn.LSTM).claims.state_none


def test_without_cotangents_there_are_no_gradients():
    case = small()
    trace = built(layer(nn.LSTM), case).run(case.x, case.state)
    assert trace.gradients is None and trace.states is None and built(layer(nn.RNN), small("elman")).step is None


@pytest.mark.parametrize("cls", [nn.LSTM, nn.RNN])
def test_batch_first_is_handled(cls):
    case = small("lstm" if cls is nn.LSTM else "elman")
    module = cls(5, 7, batch_first=True)
    assert outside(ran(layer(module), case), case) == set()


def test_an_instance_is_built_anew_from_its_options_at_any_size():
    module = nn.RNN(5, 7, nonlinearity="relu")
    implementation = layer(module)
    assert implementation.claims.networks == ("elman:activation=relu",) and implementation.claims.sizes is None
    case = small("elman:activation=relu", Sizes(T=2, B=1, I=3, H=2))
    assert outside(ran(implementation, case), case) == set()


class Clipped(nn.LSTM):
    def forward(self, x, hx=None):
        outputs, (h, c) = super().forward(x, hx)
        return outputs, (h, c.clamp(-1, 1))


def test_an_instance_of_a_subclass_is_copied_and_keeps_its_sizes():
    implementation = layer(Own())
    assert implementation.claims.sizes == (("I", (2,)), ("H", (3,)))
    case = small()
    assert outside(ran(implementation, case), case) == set()
    subject = built(implementation, case)
    assert subject.module.same is subject.module.weight_hh_l0
    other = small(sizes=Sizes(T=2, B=1, I=2, H=4))
    with pytest.raises(Unsupported, match=r"^torch: this Own keeps its sizes: its weight_ih_l0 is \(12, 2\), the case"):
        built(implementation, other)


def test_a_subclass_is_verified_as_it_is():
    case = small()
    for target in (Clipped, Clipped(2, 3)):
        assert "final c" in outside(ran(layer(target), case), case)


@pytest.mark.parametrize("make", [lambda: nn.LSTM(2, 3), Own, lambda: nn.RNN(2, 3, batch_first=True)])
def test_the_user_s_module_is_never_changed(make):
    module = make()
    module.weight_ih_l0.requires_grad_(False)
    module.weight_hh_l0.grad = torch.ones_like(module.weight_hh_l0)
    module.eval()
    before = copy.deepcopy(module.state_dict())
    case = small("lstm" if isinstance(module, nn.LSTM) else "elman")
    implementation = layer(module)
    for dtype in ("float64", "float32"):
        ran(implementation, small(case.network.name, dtype=dtype), dtype)
    after = module.state_dict()
    assert {name: value.numpy().tobytes() for name, value in after.items()} == {
        name: value.numpy().tobytes() for name, value in before.items()
    }
    assert {value.dtype for value in after.values()} == {torch.float32}
    assert not module.weight_ih_l0.requires_grad and module.weight_hh_l0.requires_grad and not module.training
    assert torch.equal(module.weight_hh_l0.grad, torch.ones_like(module.weight_hh_l0))
    assert module.weight_ih_l0.grad is None and module.bias_hh_l0.grad is None


def test_nothing_global_is_changed():
    state, threads, gradients = torch.random.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()
    case = small()
    ran(layer(nn.LSTM), case)
    built(layer(nn.LSTM), case).run(case.x, case.state)
    assert torch.equal(state, torch.random.get_rng_state())
    assert (threads, gradients) == (torch.get_num_threads(), torch.is_grad_enabled())
    with torch.no_grad():
        assert outside(ran(layer(nn.LSTM), case), case) == set()
        assert not torch.is_grad_enabled()


def test_the_instance_s_own_weights_by_canonical_names():
    module = nn.LSTM(2, 3, dtype=torch.float64)
    own = layer(module).own
    case = replace(small(), parameters=own)
    x, state = torch.from_numpy(case.x), tuple(torch.from_numpy(case.state[name])[None] for name in "hc")
    with torch.no_grad():
        outputs, _ = module(x, state)
    assert own["b_f"].tolist() == (module.bias_ih_l0 + module.bias_hh_l0)[3:6].tolist()
    assert own["U_o"].tolist() == module.weight_hh_l0[9:].tolist()
    trace = ran(layer(module), case)
    assert outside(trace, case) == set() == outside(replace(trace, outputs=outputs.numpy()), case)
    assert layer(nn.LSTM).own is None


@pytest.mark.parametrize("detached", ["outputs", "all"])
def test_what_is_cut_off_has_no_gradient(detached):
    class Cut(nn.LSTM):
        def forward(self, x, hx):
            outputs, (h, c) = super().forward(x, hx)
            return outputs.detach(), (h.detach(), c.detach()) if detached == "all" else (h, c)

    case = small()
    found = ran(layer(Cut), case)
    if detached == "all":
        assert all((array == 0).all() for name, array in results(found).items() if name.startswith("d"))
    only = replace(case.cotangents, outputs=0 * case.cotangents.outputs)
    if detached == "outputs":
        assert outside(found, replace(case, cotangents=only)) == set()


def test_what_no_option_of_an_instance_tells_is_seen_at_its_own_sizes():
    """There a copy of it runs; at other sizes a module built anew, which has only its options."""
    module = nn.LSTM(2, 3)
    module.mask = torch.zeros(3)
    assert hasattr(built(layer(module), small()).module, "mask")
    assert not hasattr(built(layer(module), small(sizes=Sizes(T=2, B=1, I=4, H=5))).module, "mask")
