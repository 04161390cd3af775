"""A textbook's functions: W_xz, W_hz and so on, rows times matrices, H updated in place, reset before the product."""

import numpy as np

from rnnproof.dialects import Dialect, Stack

dialect = Dialect(
    arrays={
        "W_xz": Stack("z", of="W", transpose=True),
        "W_hz": Stack("z", of="U", transpose=True),
        "b_z": Stack("z", of="b"),
        "W_xr": Stack("r", of="W", transpose=True),
        "W_hr": Stack("r", of="U", transpose=True),
        "b_r": Stack("r", of="b"),
        "W_xh": Stack("n", of="W", transpose=True),
        "W_hh": Stack("n", of="U", transpose=True),
        "b_h": Stack("n", of="b"),
    },
)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forward(p, inputs, H):
    H = H.copy()
    tape, outputs = [], []
    for X in inputs:
        Z = sigmoid(X @ p["W_xz"] + H @ p["W_hz"] + p["b_z"])
        R = sigmoid(X @ p["W_xr"] + H @ p["W_hr"] + p["b_r"])
        A = X @ p["W_xh"] + (R * H) @ p["W_hh"] + p["b_h"]
        H_tilde = np.tanh(A)
        tape.append((X, H.copy(), Z, R, A, H_tilde))
        H *= Z
        H += (1 - Z) * H_tilde
        outputs.append(H.copy())
    return np.stack(outputs), H, tape


def run(params, x, state):
    outputs, H, _ = forward(params, x, state["h"])
    return outputs, {"h": H}


def grad(params, x, state, cotangents):
    _, _, tape = forward(params, x, state["h"])
    d = {name: np.zeros_like(value) for name, value in params.items()}
    dX = np.zeros_like(x)
    dH = cotangents["state"]["h"].copy()
    for t in range(len(tape) - 1, -1, -1):
        X, H, Z, R, A, H_tilde = tape[t]
        dH += cotangents["outputs"][t]
        dA = dH * (1 - Z) * (1 - np.tanh(A) ** 2)
        dZ = dH * (H - H_tilde) * Z * (1 - Z)
        dRH = dA @ params["W_hh"].T
        dR = dRH * H * R * (1 - R)
        d["W_xh"] += X.T @ dA
        d["W_hh"] += (R * H).T @ dA
        d["b_h"] += dA.sum(axis=0)
        d["W_xz"] += X.T @ dZ
        d["W_hz"] += H.T @ dZ
        d["b_z"] += dZ.sum(axis=0)
        d["W_xr"] += X.T @ dR
        d["W_hr"] += H.T @ dR
        d["b_r"] += dR.sum(axis=0)
        dX[t] = dA @ params["W_xh"].T + dZ @ params["W_xz"].T + dR @ params["W_xr"].T
        dH = dH * Z + dRH * R + dZ @ params["W_hz"].T + dR @ params["W_hr"].T
    return {"params": d, "x": dX, "state": {"h": dH}}
