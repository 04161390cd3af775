"""Signals with a radius, and their cotangents with a radius: equations written one gate at a time differentiate
themselves, each use of a signal by itself.

A cotangent is the sum of all that comes back to a signal, in any order; what comes back through weights is one
sum of products, as is the gradient of a weight over all steps and rows.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import rounded_arrays as ra


class Signal:
    """A value, what pulls a cotangent back to the signals it is made of, and the cotangents that came back.

    Shapes: (B,N).
    """

    def __init__(self, tape, value, *pulls):
        self.tape, self.value, self.pulls = tape, value, pulls
        self.came_back, self.through_weights = [], []
        tape.signals.append(self)

    def made(self, value, *pulls):
        return Signal(self.tape, value, *pulls)

    def __add__(self, other):
        return self.made(self.value + other.value, (self, lambda d: d), (other, lambda d: d))

    def __mul__(self, other):
        return self.made(self.value * other.value, (self, lambda d: d * other.value), (other, lambda d: d * self.value))

    def scaled(self, number):
        factor = ra.exact(number, self.value.format)
        return self.made(self.value * factor, (self, lambda d: d * factor))

    def left_over(self):
        """1 - s."""
        one, minus = (ra.exact(number + 0 * self.value.value, self.value.format) for number in (1, -1))
        return self.made(one - self.value, (self, lambda d: d * minus))

    def through(self, function):
        """a(s), for (value, slope) of a."""
        value, slope = function
        return self.made(value(self.value), (self, lambda d: d * slope(self.value)))

    def softmax(self):
        return self.made(ra.softmax(self.value), (self, lambda d: ra.softmax_pullback(self.value, d)))

    def beside(self, other):
        """Both, on the last axis."""
        N = self.value.value.shape[1]
        whole = ra.join([self.value, other.value], axis=1)
        return self.made(whole, (self, lambda d: d[:, :N]), (other, lambda d: d[:, N:]))

    def cotangent(self):
        """The sum of what came back, or None."""
        back = list(self.came_back)
        if self.through_weights:
            back.append(ra.affine(*((W.T, d) for d, W in self.through_weights)))
        return ra.total(back) if back else None


class Tape:
    """Parameters, with all pairs (cotangent, signal) that make up their gradients, and signals in their order."""

    def __init__(self, params):
        self.params, self.signals = params, []
        self.weights, self.vectors = defaultdict(list), defaultdict(list)
        self.affine_signals = {}

    def affine(self, prefix, gate, offset=0.0, bias=None, **signals):
        """W s + ... + b for W, s among the signals: W_gate by W=s, b_gate or another bias.

        A bias may come as 3/4 b + 1/4 b, which is one term more: hence the offset also where it is zero.
        """
        weights = {f"{prefix}{kind}_{gate}": s for kind, s in signals.items()}
        some = next(iter(weights.values())).value
        terms = [(self.params[name], s.value) for name, s in weights.items()]
        b = f"{prefix}{bias or f'b_{gate}'}"
        if b in self.params:
            terms.append((self.params[b][:, np.newaxis], some.full(1.0)))
        rows = len(terms[0][0].value)
        terms.append((ra.exact(np.full((rows, 1), offset), some.format), some.full(1.0)))
        z = Signal(self, ra.affine(*terms))
        self.affine_signals[z] = (weights, b)
        return z

    def vector(self, name, signal):
        """p s, entry by entry. Shapes: p (H,)."""
        p = self.params[name][np.newaxis]
        z = signal.made(p * signal.value, (signal, lambda d: d * p))
        self.affine_signals[z] = ({}, (name, signal))
        return z

    def pull_back(self):
        """All cotangents, from the last signal to the first."""
        for signal in reversed(self.signals):
            d = signal.cotangent()
            if d is None:
                continue
            for below, pull in signal.pulls:
                below.came_back.append(pull(d))
            self._to_parameters(signal, d)

    def _to_parameters(self, signal, d):
        weights, other = self.affine_signals.get(signal, ({}, None))
        for name, s in weights.items():
            self.weights[name].append((d, s.value))
            s.through_weights.append((d, self.params[name]))
        if isinstance(other, tuple):
            self.vectors[other[0]].append(d * other[1].value)
        elif other is not None:
            self.vectors[other].append(d)

    def gradient(self, name):
        """d<parameter>: one sum over all steps and rows."""
        like = self.params[name]
        if self.weights[name]:
            d, s = (ra.join(each) for each in zip(*self.weights[name], strict=True))
            return d.T @ s
        if self.vectors[name]:
            d = ra.join(self.vectors[name])
            return (d.T @ d.full(1.0))[:, 0]
        return ra.exact(np.zeros_like(like.value), like.format)
