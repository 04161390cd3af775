"""Algebraically equal ways of writing what a cell is made of: all of them right, and rounded differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from rnnproof.model.case import Array

Summed = Callable[[Array], Array]  # terms (...,n) -> their sum (...)


def by_exp(z: Array) -> Array:
    """1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


def by_tanh(z: Array) -> Array:
    """(1 + tanh(z / 2)) / 2."""
    half = z.dtype.type(0.5)
    return np.asarray(half * (1 + np.tanh(half * z)))


def piecewise(z: Array) -> Array:
    """1 / (1 + exp(-z)) for z >= 0, exp(z) / (1 + exp(z)) below."""
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1 / (1 + small), small / (1 + small)).astype(z.dtype))


def by_complement(z: Array) -> Array:
    """1 - sigmoid(-z)."""
    return np.asarray(1 - by_exp(-z))


SIGMOIDS: Mapping[str, Callable[[Array], Array]] = {
    "exp": by_exp,
    "tanh": by_tanh,
    "piecewise": piecewise,
    "complement": by_complement,
}


def one_by_one(terms: Array) -> Array:
    """From the first term to the last, each sum rounded."""
    return np.asarray(reduce(add, np.moveaxis(terms, -1, 0)))


def from_the_last(terms: Array) -> Array:
    """From the last term to the first."""
    return one_by_one(terms[..., ::-1])


def shuffled(terms: Array) -> Array:
    """In an order of its own, the same for all rows."""
    return one_by_one(terms[..., np.random.default_rng(terms.shape[-1]).permutation(terms.shape[-1])])


def pairwise(terms: Array) -> Array:
    """Neighbours first, then the neighbouring sums."""
    while (n := terms.shape[-1]) > 1:
        even = terms[..., : n - n % 2]
        terms = np.concatenate([even[..., ::2] + even[..., 1::2], terms[..., n - n % 2 :]], axis=-1)
    return terms[..., 0]


def in_blocks(terms: Array) -> Array:
    """Eight sums beside each other, as a kernel with eight lanes has them, then those."""
    return one_by_one(np.stack([one_by_one(terms[..., k::8]) for k in range(min(8, terms.shape[-1]))], axis=-1))


def finer(terms: Array) -> Array:
    """In a finer format, rounded once at the end."""
    finest = np.longdouble if terms.dtype == np.float64 else np.float64
    return np.asarray(terms.astype(finest).sum(axis=-1).astype(terms.dtype))


def multiplied(summed: Summed, a: Array, b: Array) -> Array:
    """a b of (B,M) and (M,N), each product rounded, added up as said."""
    return summed(a[:, None, :] * b.T[None])


def rounded(product: Callable[[Array, Array], Array], a: Array, b: Array) -> Array:
    """The product in the format of a; that of bfloat16, which NumPy multiplies not at all, in float32, rounded."""
    if a.dtype.name != "bfloat16":
        return np.asarray(product(a, b))
    return np.asarray(product(a.astype(np.float32), b.astype(np.float32)).astype(a.dtype))


PRODUCTS: Mapping[str, Callable[[Array, Array], Array]] = {
    "library": partial(rounded, np.matmul),
    "transposed": partial(rounded, lambda a, b: np.matmul(np.asfortranarray(b).T, np.asfortranarray(a).T).T),
    "einsum": partial(rounded, lambda a, b: np.einsum("bm,mn->bn", a, b)),
    "one by one": partial(multiplied, one_by_one),
    "from the last": partial(multiplied, from_the_last),
    "shuffled": partial(multiplied, shuffled),
    "pairwise": partial(multiplied, pairwise),
    "in blocks": partial(multiplied, in_blocks),
    "finer": partial(multiplied, finer),
}


def bias_last(wx: Array, uh: Array, b: Array) -> Array:
    """(W x + U h) + b."""
    return wx + uh + b


def bias_first(wx: Array, uh: Array, b: Array) -> Array:
    """(b + W x) + U h."""
    return b + wx + uh


def bias_in_halves(wx: Array, uh: Array, b: Array) -> Array:
    """(W x + b/2) + (U h + b/2)."""
    half = b * b.dtype.type(0.5)
    return (wx + half) + (uh + half)


BIASES: Mapping[str, Callable[[Array, Array, Array], Array]] = {
    "last": bias_last,
    "first": bias_first,
    "in halves": bias_in_halves,
}
MIXES: Mapping[str, Callable[[Array, Array, Array], Array]] = {  # (1 - z) n + z h
    "as it is": lambda z, n, h: (1 - z) * n + z * h,
    "from n": lambda z, n, h: n + z * (h - n),
    "expanded": lambda z, n, h: z * h + (n - z * n),
}
SLOPES: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {  # of sigmoid s and of tanh t
    "factored": (lambda s: s * (1 - s), lambda t: (1 - t) * (1 + t)),
    "expanded": (lambda s: s - s * s, lambda t: 1 - t * t),
}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "sigmoid": SIGMOIDS,
    "product": PRODUCTS,
    "bias": BIASES,
    "mix": MIXES,
    "slope": SLOPES,
    "stacked": {"apart": False, "stacked": True},
}


@dataclass(frozen=True)
class Manner:
    """One way of each: the names in ``WAYS``."""

    sigmoid: str = "exp"
    product: str = "library"
    bias: str = "last"
    mix: str = "as it is"
    slope: str = "factored"
    stacked: str = "apart"

    def __str__(self) -> str:
        plain = Manner()
        told = [(way.name, getattr(self, way.name)) for way in fields(self)]
        return ", ".join(f"{way} {name}" for way, name in told if name != getattr(plain, way)) or "plain"

    def times(self, a: Array, b: Array) -> Array:
        """a b."""
        return PRODUCTS[self.product](a, b)

    def affine(self, weights: tuple[Array, Array, Array], x: Array, h: Array) -> Array:
        """W x + U h + b, in one product of what is stacked, or in two."""
        W, U, b = weights
        if WAYS["stacked"][self.stacked]:
            return self.times(np.concatenate([x, h], axis=1), np.concatenate([W, U], axis=1).T) + b
        return BIASES[self.bias](self.times(x, W.T), self.times(h, U.T), b)


def drawn(rng: np.random.Generator, dtype: str) -> Manner:
    """One of all the ways of each, as far as NumPy has them for the format."""
    found = Manner(**{way: str(rng.choice(list(names))) for way, names in WAYS.items()})
    return replace(found, product="library") if (dtype, found.product) in MISSING else found


MISSING = frozenset({("bfloat16", "einsum")})
