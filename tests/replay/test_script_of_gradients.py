"""A script of a gradient law shows a gradient that is wrong, also where the run is wrong too."""

import re

from test_script import ended, written

BOTH_WRONG = """
import numpy as np


def forward(params, x, state):
    hs = [state["h"]]
    for x_t in x:
        hs.append(np.tanh(x_t @ params["W_h"].T + hs[-1] @ params["U_h"].T + params["b_h"]) + LATE)
    return hs


def run(params, x, state):
    hs = forward(params, x, state)
    return np.stack(hs[1:]), {"h": hs[-1]}


def grad(params, x, state, cotangents):
    hs, dh = forward(params, x, state), cotangents["state"]["h"]
    gradients = {name: np.zeros_like(value) for name, value in params.items()}
    for t in reversed(range(len(x))):
        dz = (dh + cotangents["outputs"][t]) * (1 - (hs[t + 1] - LATE) ** 2)
        gradients["W_h"] += dz.T @ x[t]
        gradients["U_h"] += dz.T @ hs[t]
        gradients["b_h"] += FACTOR * dz.sum(axis=0)
        dh = dz @ params["U_h"]
    return {"params": gradients}
"""


def test_of_a_gradient_law_the_wrong_gradient_is_shown_also_where_the_run_is_wrong_too(tmp_path, capsys):
    file = tmp_path / "both_wrong.py"
    file.write_text(BOTH_WRONG.replace("LATE", "0.5").replace("FACTOR", "2"))
    text = written(f"{file}", "gradient.parameters", "elman")
    shown = re.findall(r'check\(\s*"([^"]+)"', text)
    assert shown and all(name.startswith("d") for name in shown)
    assert ended(text, tmp_path, capsys)[0] == 1
    file.write_text(BOTH_WRONG.replace("LATE", "0").replace("FACTOR", "1"))
    assert ended(text, tmp_path, capsys)[0] == 0
