"""The dialects that have a name.

Reference: docs.pytorch.org, torch.nn.LSTM and torch.nn.RNN, section Variables: weight_ih_l0 is
(W_ii|W_if|W_ig|W_io), the biases b_ih and b_hh are added, states come as (h, c).
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnproof.dialects.dialect import FIRST, SECOND, Dialect, Stack
from rnnproof.errors import UsageError, nearest

PLAIN = Dialect({}, name="plain")


def _torch(gates: str, state: tuple[str, ...], name: str) -> Dialect:
    return Dialect(
        {
            "weight_ih_l0": Stack(gates, of="W"),
            "weight_hh_l0": Stack(gates, of="U"),
            "bias_ih_l0": Stack(gates, of="b", part=FIRST),
            "bias_hh_l0": Stack(gates, of="b", part=SECOND),
        },
        state=state,
        name=name,
    )


TORCH_LSTM = _torch("i f g o", ("h", "c"), "torch:lstm")
TORCH_RNN = _torch("h", ("h",), "torch:rnn")

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (PLAIN, TORCH_LSTM, TORCH_RNN)}


def get(name: str) -> Dialect:
    """The dialect of that name.

    Errors: UsageError, with the nearest name.
    """
    if name not in DIALECTS:
        raise UsageError(f"unknown dialect {name!r}{nearest(name, DIALECTS)}")
    return DIALECTS[name]
