"""Twelve small networks in twelve styles of NumPy, as sources of files, each with one change that makes it wrong."""

TANH_BACK = """
    def grad(self, params, x, state, cotangents):
        W, U, hs = params["W_h"], params["U_h"], [state["h"], *self.run(params, x, state)[0]]
        dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), np.zeros(len(W)), np.zeros(x.shape)
        dh = cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = (cotangents["outputs"][t] + dh) * SLOPE
            dW += dz.T @ x[t]
            dU += dz.T @ hs[t]
            db += np.sum(dz, 0)
            dx[t] = dz @ W
            dh = dz @ U
        return {"params": {"W_h": dW, "U_h": dU, "b_h": db}, "x": dx, "state": {"h": dh}}
"""
SIGMOID_BACK = TANH_BACK.replace("SLOPE", "hs[t + 1] * (1 - hs[t + 1])")
RELU_BACK = TANH_BACK.replace("SLOPE", "(hs[t + 1] > 0)")
TANH_BACK = TANH_BACK.replace("SLOPE", "(1 - hs[t + 1] * hs[t + 1])")
RUN = """
class Net:
    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = step(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}
"""
TANH, SIGMOID, RELU = "elman", "elman:activation=sigmoid", "elman:activation=relu"

BUFFERS = (
    TANH,
    """
import numpy as np

class Net:
    def run(self, params, x, state):
        hs = np.zeros((len(x) + 1, *state["h"].shape), dtype=np.float32)
        hs[0] = state["h"].astype(np.float32)
        for t in range(len(x)):
            z = np.zeros_like(hs[t])
            z[...] = np.dot(x[t], params["W_h"].T)
            z += np.dot(hs[t], params["U_h"].T)
            z += params["b_h"]
            np.tanh(z, out=hs[t + 1])
        return hs[1:], {"h": hs[-1]}
"""
    + TANH_BACK,
    ("dz.T @ hs[t]", "dz.T @ hs[t + 1]"),
)
COLUMNS = (
    TANH,
    """
import numpy as np

class Net:
    def run(self, params, x, state):
        T, B, _ = x.shape
        outputs = np.zeros((T, B, len(params["b_h"])))
        for b in range(B):
            h = state["h"][b].reshape(-1, 1)
            for t in range(T):
                column = np.vstack((h, x[t, b][:, None], [[1]]))
                whole = np.hstack((params["U_h"], params["W_h"], params["b_h"].reshape(-1, 1)))
                h = np.tanh(whole.dot(column))
                outputs[t, b, :] = np.array([h[n, 0] for n in range(len(h))])
        return outputs, {"h": outputs[-1].copy()}
""",
    ("[[1]]", "[[0]]"),
)
EINSUM = (
    TANH,
    """
import numpy as np

def step(params, x_t, h):
    z = np.einsum("bi,hi->bh", x_t, params["W_h"]) + np.einsum("bk,hk->bh", h, params["U_h"])
    return np.tanh(np.add(z, params["b_h"]))

def run(params, x, state):
    outputs = np.empty((len(x), *state["h"].shape))
    h = state["h"]
    for t, x_t in enumerate(x):
        h = outputs[t] = step(params, x_t, h)
    return outputs, {"h": h}

class Net:
    run = staticmethod(run)
""",
    ('"bk,hk->bh"', '"bk,kh->bh"'),
)
PIECEWISE = (
    SIGMOID,
    """
import numpy as np

def step(z):
    out = np.zeros(z.shape)
    positive = z >= 0
    out[positive] = 1.0 / (1.0 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    out[~positive] = e / (1.0 + e)
    return out
"""
    + RUN
    + SIGMOID_BACK,
    ("e / (1.0 + e)", "e / (2.0 + e)"),
)
MAXIMUM = (
    RELU,
    "import numpy as np\n\ndef step(z):\n    return np.maximum(0, z)\n" + RUN + RELU_BACK,
    ("(hs[t + 1] > 0)", "np.where(hs[t + 1] > 0, 1, 0.01)"),
)
LOG_SPACE = (
    SIGMOID,
    "import numpy as np\n\ndef step(z):\n    return np.exp(-np.log1p(np.exp(-z)))\n" + RUN + SIGMOID_BACK,
    ("np.exp(-np.log1p(np.exp(-z)))", "np.exp(-np.log(2 + np.exp(-z)))"),
)
SHIFTED = (
    SIGMOID,
    """
import numpy as np

def step(z):
    both = np.stack([z, np.zeros_like(z)], axis=-1)
    e = np.exp(both - np.max(both, axis=-1, keepdims=True))
    return (e / np.sum(e, axis=-1, keepdims=True))[..., 0]
"""
    + RUN
    + SIGMOID_BACK,
    ("[..., 0]", "[..., 1]"),
)
NORMED = (
    TANH,
    """
import numpy as np

def step(z):
    size = np.sqrt((z * z).sum(axis=1, keepdims=True) + 1)
    return np.tanh(z / size * size * np.mean([2, 0]))
"""
    + RUN
    + TANH_BACK,
    ("z / size * size", "z / size"),
)
DECIMALS = (
    TANH,
    """
import numpy as np

TENTH, STEPS = 0.1, 8209

def step(z):
    return np.tanh(z * TENTH * 10 / STEPS * 8209) * (np.exp(0.1) * np.exp(0.3) / np.exp(0.4))
"""
    + RUN
    + TANH_BACK,
    ("dx[t] = dz @ W", "dx[t] = dz @ W * (1 + 1e-3)"),
)
KEEPING = (
    TANH,
    """
from numpy import tanh, zeros
import numpy as np

cache = {"z": [], "buffer": zeros((2, 2))}

def step(z):
    global last
    cache["z"].append(z)
    cache["buffer"][:] = cache["z"][-1]
    last = np.clip(cache["buffer"], -100.0, 100.0)
    return tanh(last)
"""
    + RUN
    + TANH_BACK,
    ("dh = dz @ U\n", "dh = dz @ U + dh\n"),
)
ASKING = (
    TANH,
    """
import numpy as np

def step(z):
    import numpy as inner
    if not isinstance(z, np.ndarray):
        raise TypeError("an array is expected")
    order = np.argsort(z, axis=1)
    sorted_ = np.take_along_axis(z, order, axis=1)
    back = inner.zeros(z.shape)
    for row in range(len(z)):
        back[row, order[row]] = sorted_[row]
    return np.tanh(back)
"""
    + RUN
    + TANH_BACK,
    ("back[row, order[row]] = sorted_[row]", "back[row] = sorted_[row]"),
)
DRAWN = (
    TANH,
    """
import numpy as np

def step(z):
    return np.tanh(z)
"""
    + RUN.replace(
        "class Net:\n", "class Net:\n    def __init__(self):\n        self.W = np.random.randn(2, 2)\n\n"
    ).replace("= step", "= np.linalg.norm(x_t) * 0 + np.prod(h) * 0 + self.W.sum() * 0 + step")
    + TANH_BACK.replace(
        "dU += dz.T @ hs[t]", "dU += np.add.reduce(np.stack([np.outer(*each) for each in zip(dz, hs[t])]))"
    ),
    ("np.outer(*each)", "np.outer(*each).T"),
)
STYLES = {
    "buffers": BUFFERS,
    "columns": COLUMNS,
    "einsum": EINSUM,
    "piecewise": PIECEWISE,
    "maximum": MAXIMUM,
    "log space": LOG_SPACE,
    "shifted": SHIFTED,
    "normed": NORMED,
    "decimals": DECIMALS,
    "keeping": KEEPING,
    "asking": ASKING,
    "drawn": DRAWN,
}
