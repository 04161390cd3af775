"""What a sum of n terms is likely to be off by: lambda sqrt(n) u, for n u where every rounding errs the same way.

Added up in any order, a sum that node by node was computed as s_1, s_2, ... is off by exactly

    sum over the nodes k of t_k delta_k,    t_k the exact sum, or product, of what the node was given,  |delta_k| <= u

and |t_k| <= (1 + u)^n S, S the sum of the terms' absolute values; the t_k of the products alone have squares that add
up to S^2 at the most, so those of n roundings to n (1 + u)^2n S^2. If each delta_k has the mean zero whatever the
roundings before it were, this is a martingale, and by Azuma's inequality

    |error| <= lambda sqrt(n) (1 + u)^n u S    but for a probability of 2 exp(-lambda^2 / 2)

so for N sums, each but for a share of the probability p of failing anywhere, lambda^2 = 2 log(2 N / p). That
roundings are such is a model: what is beyond this bound is suspicious, no more.

Reference: N. J. Higham and T. Mary, A new approach to probabilistic rounding error analysis, SIAM J. Sci. Comput. 41
(2019) A2815-A2835; I. C. F. Ipsen and H. Zhou, Probabilistic error analysis for inner products, arXiv:1906.10465 (the
martingale that follows the computation, and Azuma's inequality); M. P. Connolly, N. J. Higham and T. Mary, Stochastic
rounding and its probabilistic backward error analysis, MIMS EPrint (2020) (independence of the mean suffices).
"""

from __future__ import annotations

from math import exp, log, sqrt

FAILURE = 1e-6  # the probability p with which a right run is beyond the bound anywhere in a case


def confidence(sums: int, failure: float = FAILURE) -> float:
    """lambda, for so many sums all of which are within their bounds but for a probability ``failure``."""
    return sqrt(2 * log(2 * max(sums, 1) / failure))


def units(roundings: int, unit: float, confidence: float) -> float:
    """By how much of the sum of its absolute values a sum of n roundings is off: min(n, lambda sqrt(n) (1 + u)^n) u."""
    worst = roundings * unit
    return min(worst, confidence * sqrt(roundings) * unit * exp(worst)) if worst < 1 else worst
