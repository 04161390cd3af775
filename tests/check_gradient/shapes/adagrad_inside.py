"""Adagrad inside the training step; nothing is returned but the loss."""

import numpy as np

H, V = 4, 3
learning_rate = 0.1


def make():
    rng = np.random.RandomState(2)
    return rng.randn(H, V) * 0.1, rng.randn(H, H) * 0.1, rng.randn(V, H) * 0.1, np.zeros((H, 1)), np.zeros((V, 1))


Wxh, Whh, Why, bh, by = make()
mWxh, mWhh, mWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
mbh, mby = np.zeros_like(bh), np.zeros_like(by)


def step(inputs, targets, h):
    hs, ps, loss = {-1: h}, {}, 0
    for t, (i, k) in enumerate(zip(inputs, targets)):
        hs[t] = np.tanh(Wxh[:, [i]] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        ps[t] = np.exp(y) / np.exp(y).sum()
        loss -= np.log(ps[t][k, 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby, dh_next = np.zeros_like(bh), np.zeros_like(by), np.zeros_like(h)
    for t in reversed(range(len(inputs))):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        dby += dy
        dz = (Why.T @ dy + dh_next) * (1 - hs[t] ** 2)
        dWxh[:, [inputs[t]]] += dz
        dWhh += dz @ hs[t - 1].T
        dbh += dz
        dh_next = Whh.T @ dz
    for param, dparam, mem in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby], [mWxh, mWhh, mWhy, mbh, mby]):
        mem += dparam * dparam
        param += -learning_rate * dparam / np.sqrt(mem + 1e-8)
    return loss


def arguments():
    h = np.random.default_rng(0).normal(size=(H, 1))
    here = globals()
    weights = {name: here[name] for name in ("Wxh", "Whh", "Why", "bh", "by")}
    memories = {f"m{name}": here[f"m{name}"] for name in weights}
    return {"inputs": [0, 1, 2, 1], "targets": [1, 2, 0, 0], "h": h, **weights, **memories}
