"""From what the user names to a target: implementation, network, dialect, versions."""

import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from adapter_cases import balls, built, lstm, outside, small

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Stack
from rnnproof.errors import Unsupported, UsageError

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


class Mine:
    claims = {"networks": ["lstm"]}

    def run(self, params, x, state):
        return lstm(params, x, state)


def test_a_file():
    name = f"{EXAMPLES}/lstm_plain.py:LSTM"
    target = resolve(name, "lstm")
    assert (target.name, target.network.name, target.dialect) == (name, "lstm", None)
    assert dict(target.versions) == {"numpy": np.__version__}
    case = small()
    trace = built(target.implementation, case).run(case.x, case.state, cotangents=case.cotangents)
    assert outside(trace, case) == set()


def test_a_wrong_file_is_seen():
    """It imports the right one, which stands beside it."""
    target = resolve(f"{EXAMPLES}/lstm_forgot_dc.py:LSTM", "lstm")
    case = small()
    trace = built(target.implementation, case).run(case.x, case.state, cotangents=case.cotangents)
    gradients = {name for name in balls(case) if name.startswith("d")}
    assert outside(trace, case) == gradients


def test_what_reads_from_the_end_has_no_step_whatever_has_that_name():
    """The example's ``step`` is a helper of its own, which takes other arguments."""
    found = resolve(EXAMPLES / "gru_bidirectional_ragged.py", "gru").implementation
    both, forward = (built(found, small(name)) for name in ("gru:layers=2,direction=bidirectional", "gru"))
    assert both.step is None and forward.step is not None


@pytest.mark.parametrize("name", ["lstm", "lstm:bias=false", "elman", "elman:activation=relu,readout=tanh", "lecture"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_hand_written_cells(name, dtype):
    target = resolve(f"numpy:{name}")
    assert target.network.name == network(name).name and target.dialect is None
    assert target.implementation.claims.dtypes == ("float64", "float32")
    case = small(target.network.name, dtype=dtype)
    subject = built(target.implementation, case, dtype)
    trace = subject.run(case.x, case.state, cotangents=case.cotangents)
    assert outside(trace, case, dtype) == set()
    assert subject.step is not None and set(trace.states) == set(case.state)


def test_a_hand_written_cell_is_one_network():
    assert resolve("numpy:elman:activation=tanh", "elman").network.name == "elman"
    deep = resolve("numpy:lstm", "lstm:layers=2,direction=bidirectional")
    assert (deep.name, deep.network.layers) == ("numpy:lstm", 2)
    assert deep.implementation.claims.networks == (deep.network.name, "lstm:direction=bidirectional")
    told = r"^numpy:lstm:bias=false is lstm:bias=false, not lstm:layers=2; for that give numpy:lstm:layers=2$"
    with pytest.raises(UsageError, match=told):
        resolve("numpy:lstm:bias=false", "lstm:layers=2")
    with pytest.raises(UsageError, match=r"^numpy:lstm is lstm, not elman$"):
        resolve("numpy:lstm", "elman")
    with pytest.raises(UsageError, match=r"^unknown network 'lstn'; did you mean lstm\?$"):
        resolve("numpy:lstn")
    with pytest.raises(
        Unsupported, match=r"^numpy:mgu: mgu is in the catalogue, but not written by hand; written are el"
    ):
        resolve("numpy:mgu")


def test_live_objects():
    module = types.ModuleType("my.module")
    module.run = lstm
    for target, name in ((Mine, "Mine"), (Mine(), "Mine object"), (lstm, "lstm"), (module, "my.module")):
        assert resolve(target, "lstm").name == name
    assert resolve(types.SimpleNamespace(run=lstm), "lstm").name == "SimpleNamespace object"


def test_an_implementation_is_taken_as_it_is():
    implementation = resolve(Mine).implementation
    target = resolve(implementation)
    assert target.implementation is implementation and target.network.name == "lstm"


def test_a_network_may_be_one_of_the_user_s_own():
    own = network("lstm")
    assert resolve(lstm, own).network is own


def test_the_network_is_what_the_target_says_or_asked_for():
    assert resolve(Mine).network.name == "lstm"
    with pytest.raises(
        UsageError, match=r"^lstm does not say which network it is; give one with --network: elman, gru, [a-z_, ]*$"
    ):
        resolve(lstm)
    several = types.SimpleNamespace(run=lstm, claims={"networks": ["lstm", "elman"]})
    with pytest.raises(UsageError, match=r"give one with --network: lstm, elman$"):
        resolve(several)
    with pytest.raises(UsageError, match=r"^unknown network 'lsmt'; did you mean lstm\?$"):
        resolve(lstm, "lsmt")


PACKED = Dialect(
    {"W": Stack("f i g o", of="W"), "U": Stack("f i g o", of="U"), "b": Stack("f i g o", of="b")}, name="mine"
)


def test_dialects():
    assert resolve(lstm, "lstm", PACKED).dialect == "mine"
    unnamed = Dialect(PACKED.arrays)
    assert resolve(lstm, "lstm", unnamed).dialect == repr(unnamed)
    assert resolve(lstm, "lstm", "torch:lstm").dialect == "torch:lstm"
    assert resolve(lstm, "lstm", "plain").dialect is None
    own = types.SimpleNamespace(run=lstm, dialect=PACKED)
    assert resolve(own, "lstm").dialect == "mine" and resolve(own, "lstm", "torch:lstm").dialect == "torch:lstm"
    assert resolve(own, "lstm", "plain").implementation.dialect.arrays == {}
    assert resolve(types.SimpleNamespace(run=lstm, dialect="torch:lstm"), "lstm").dialect == "torch:lstm"


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        ("torch:lst", "unknown dialect 'torch:lst'; did you mean torch:lstm?"),
        ("torch:rnn", "the dialect torch:rnn has the parameters U_h, W_h, b_h; the network lstm has U_f, U_g"),
    ],
)
def test_dialects_that_do_not_fit(dialect, message):
    for given in ((lstm, "lstm", dialect), (types.SimpleNamespace(run=lstm, dialect=dialect), "lstm")):
        with pytest.raises(UsageError) as caught:
            resolve(*given)
        assert str(caught.value).startswith(message)


def test_a_dialect_that_is_none():
    with pytest.raises(UsageError, match=r"^SimpleNamespace object: dialect is a dict; expected a Dialect or the name"):
        resolve(types.SimpleNamespace(run=lstm, dialect={"W": "i f g o"}), "lstm")


def test_an_object_without_run():
    with pytest.raises(
        UsageError, match=r"^os.path:sep has no run \(it has capitalize, casefold, .*\); expected run\("
    ):
        resolve("os.path:sep", "lstm")
    with pytest.raises(UsageError, match=r"^dict object has no run \(it has clear, copy, "):
        resolve({"run": lstm}, "lstm")
    with pytest.raises(UsageError, match=r"^NoneType object has no run"):
        resolve(None, "lstm")


def test_pytorch_layers():
    nn = pytest.importorskip("torch").nn
    target = resolve("torch.nn:LSTM")
    assert (target.network.name, target.dialect) == ("lstm", "torch:lstm")
    assert resolve("torch.nn:RNN").network.name == "elman"
    assert resolve("torch.nn:RNN", "elman:activation=relu").network.name == "elman:activation=relu"
    assert resolve(nn.RNN(2, 3, nonlinearity="relu")).network.name == "elman:activation=relu"
    assert resolve(nn.LSTM(2, 3), dialect="torch:lstm").dialect == "torch:lstm"
    with_run = type("WithRun", (nn.Module,), {"run": staticmethod(lstm)})
    assert resolve(with_run, "lstm").implementation.target is with_run


@pytest.mark.parametrize(
    ("target", "of", "kind", "message"),
    [
        ("torch.nn:LSTM", "elman", UsageError, "torch.nn:LSTM is lstm, not elman"),
        (
            "torch.nn:RNN",
            "elman:activation=sigmoid",
            Unsupported,
            "torch.nn:RNN has no activation=sigmoid, so it does not compute elman:activation=sigmoid; of the network's "
            "options it has layers=N, direction=forward|bidirectional, bias=true|false, activation=tanh|relu",
        ),
        ("torch.nn:RNN", "elman:readout=identity", Unsupported, "torch.nn:RNN has no readout=identity, so it does not"),
        ("torch.nn:GRU", "gru:reset=before", Unsupported, "torch.nn:GRU has no reset=before, so it does not compute"),
        ("torch.nn:LSTM", "lstm:padding=repeat", Unsupported, "torch.nn:LSTM has no padding=repeat, so it does not"),
        ("torch.nn:LSTM", "lstm:direction=backward", Unsupported, "torch.nn:LSTM has no direction=backward, so it"),
        ("torch.nn:GRU", "gru:merge=sum,direction=bidirectional", Unsupported, "torch.nn:GRU has no merge=sum, so it"),
        ("torch.nn:LSTMCell", "lstm:layers=2", Unsupported, "torch.nn:LSTMCell has no layers=2, so it does not"),
        ("torch.nn:GRUCell", "elman", UsageError, "torch.nn:GRUCell is gru, not elman"),
        ("torch.nn:LSTMM", None, UsageError, "torch.nn has no LSTMM; did you mean LSTM?"),
        ("torch.nnn:LSTM", None, UsageError, "no module torch.nnn; did you mean nn?"),
    ],
)
def test_pytorch_layers_that_are_not_what_is_asked(target, of, kind, message):
    pytest.importorskip("torch")
    with pytest.raises(kind) as caught:
        resolve(target, of)
    assert str(caught.value).startswith(message)


def test_a_live_relu_layer_is_not_a_tanh_network():
    nn = pytest.importorskip("torch").nn
    with pytest.raises(UsageError, match=r"^RNN object is elman:activation=relu, not elman$"):
        resolve(nn.RNN(2, 3, nonlinearity="relu"), "elman")


def test_resolving_a_plain_target_imports_no_framework():
    code = (
        "import sys; from rnnproof.adapters.resolve import frameworks_found, resolve;"
        f"resolve({str(EXAMPLES / 'lstm_plain.py')!r} + ':LSTM', 'lstm'); frameworks_found();"
        "print([m for m in ('torch', 'hypothesis', 'autograd') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
