"""The ring Z/p^k with an exponential: arrays of python-flint integers, entry by entry.

exp(x) = (1+p)^x is a homomorphism from addition to multiplication, and log(u) = Log(u) / Log(1+p), with Iwasawa's
logarithm Log, one from multiplication to addition:

    exp(x + y) = exp(x) exp(y)      exp(0) = 1      log(u v) = log(u) + log(v)      log(exp(x)) = x

For a unit u, exp(log(u)) = u / w, where w is the root of unity with w = u modulo p; so a logarithm comes with u mod p.

Reference: A. M. Robert, A Course in p-adic Analysis, Springer 2000, chapter 5, section 4 (exponential, logarithm,
and the logarithm extended to units).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpz
from numpy.typing import NDArray

Entries = NDArray[np.object_]  # of fmpz


WINDOW = 32  # the base of the digits by which a small power is looked up


class NonUnit(ArithmeticError):
    """A division by a multiple of p: nothing is known of the quotient; another prime is to be taken."""


class Untold(ArithmeticError):
    """A system of equations that leaves its solution open, as far as its numbers are known."""


@dataclass(frozen=True)
class Residues:
    """Z/p^k, for an odd prime p larger than k."""

    p: int
    k: int

    @cached_property
    def modulus(self) -> Any:
        """p^k."""
        return fmpz(self.p) ** self.k

    def reduced(self, x: Entries) -> Entries:
        """The entries modulo p^k."""
        return entries(x % self.modulus)

    def inverse(self, x: Entries) -> Entries:
        """1 / x, for units."""
        return each(lambda e: pow(e, -1, self.modulus), x)

    def exp(self, x: Entries) -> Entries:
        """(1+p)^x = (1+p)^low (1+p)^high, where low is x modulo p^j, and high the rest, a multiple of p^j.

        (1+p)^high = sum over n of (high Log(1+p))^n / n!, whose n-th term is a multiple of p^(n (j+1)), for n < p: so
        there are few, and what is multiplied by (high Log(1+p))^n need be known modulo p^(k - n (j+1)) alone.
        """
        low = x % fmpz(self.p) ** self._low_digits
        y = (x - low) * self._log_of_base % self.modulus
        (first, _), *others = self._exp_terms
        total = entries(np.full(np.shape(x), first, dtype=object))
        for coefficient, enough in others:
            total = (total * y + coefficient) % enough
        return entries(total * each(self._small_power, low) % self.modulus)

    def log(self, x: Entries) -> Entries:
        """Log(x) / Log(1+p) of units, known modulo p^(k-1)."""
        power = each(lambda e: pow(e, self.p - 1, self.modulus), x)
        return entries(self._log_near_one(power) // self.p * self._log_scale % self.modulus)

    def root(self, residues: NDArray[np.int64]) -> Entries:
        """The root of unity w with w = r modulo p, for each residue r that is not 0."""
        exponent = fmpz(self.p) ** (self.k - 1)
        return each(lambda r: pow(fmpz(int(r)), exponent, self.modulus), residues.astype(object))

    def exhausted(self, x: Entries, digits: int) -> NDArray[np.bool_]:
        """Which entries are multiples of p^(k - digits): fewer than ``digits`` digits are left of them."""
        return np.asarray(np.logical_not(x % fmpz(self.p) ** max(self.k - digits, 1)), dtype=bool)

    def _log_near_one(self, x: Entries) -> Entries:
        """Log(1 + u) = u - u^2/2 + u^3/3 - ..., for multiples u of p."""
        u = (x - 1) % self.modulus
        total = entries(np.zeros(np.shape(x), dtype=object))
        for coefficient in self._log_series[::-1]:
            total = (total + coefficient) * u % self.modulus
        return entries(total)

    @cached_property
    def _log_series(self) -> list[Any]:
        return [(-1) ** (n + 1) * self._inverse_of(n) for n in range(1, self.k + 1)]

    @property
    def _low_digits(self) -> int:
        """j: about as many products for the low digits as for the series."""
        return max(math.isqrt(self.k) // 3, 1)

    @cached_property
    def _exp_terms(self) -> list[tuple[Any, Any]]:
        """1/n!, and the modulus up to which a sum is to be known there, from the last n to 0."""
        step, found = self._low_digits + 1, [(fmpz(1), self.modulus)]
        for n in range(1, (self.k - 1) // step + 1):
            found.append((found[-1][0] * self._inverse_of(n) % self.modulus, fmpz(self.p) ** (self.k - n * step)))
        return found[::-1]

    def _small_power(self, exponent: Any) -> Any:
        """(1+p)^e for 0 <= e < p^j, a product of table entries."""
        left, made = int(exponent), fmpz(1)
        for row in self._power_table:
            made = made * row[left % WINDOW] % self.modulus
            left //= WINDOW
        return made

    @cached_property
    def _power_table(self) -> list[list[Any]]:
        """(1+p)^(d b^i), for each digit d to the base b, and as many i as e has digits."""
        table, base, covered = [], fmpz(1 + self.p), 1
        while covered < self.p**self._low_digits:
            row = [fmpz(1)]
            for _ in range(WINDOW):
                row.append(row[-1] * base % self.modulus)
            base, covered = row.pop(), covered * WINDOW
            table.append(row)
        return table

    @cached_property
    def _log_of_base(self) -> Any:
        """Log(1+p), a multiple of p, but not of p^2."""
        return self._log_near_one(entries(fmpz(1 + self.p))).item()

    @cached_property
    def _log_scale(self) -> Any:
        """p / (Log(1+p) (p-1))."""
        return self._inverse_of((self._log_of_base // self.p) * (self.p - 1))

    def _inverse_of(self, n: Any) -> Any:
        return pow(fmpz(n), -1, self.modulus)


def entries(x: Any) -> Entries:
    """An object array, also of one number."""
    return np.asarray(x, dtype=object)


def each(function: Callable[[Any], Any], x: Entries) -> Entries:
    """A function of one number, entry by entry."""
    return entries(np.frompyfunc(function, 1, 1)(x))


def common_ratio(pairs: Sequence[tuple[int, int]], p: int, modulus: int) -> tuple[int, int] | None:
    """(r, m) where a = r b modulo m for all the pairs (a, b), m the modulus less the digits that all have lost.

    None where there is no such r, it is 0, or no b has a digit left to divide by.
    """
    while modulus > 1 and not any(a % p or b % p for a, b in pairs):
        pairs, modulus = [(a // p, b // p) for a, b in pairs], modulus // p
    unit = next(((a, b) for a, b in pairs if b % p), None)
    if unit is None or modulus == 1:
        return None
    ratio = unit[0] * pow(unit[1], -1, modulus) % modulus
    return None if ratio == 0 or any((a - ratio * b) % modulus for a, b in pairs) else (ratio, modulus)


def solved(rows: Sequence[Sequence[int]], modulus: int) -> tuple[list[int], int] | None:
    """(c, m) where a = c_1 q_1 + c_2 q_2 + ... for all the rows (a, q_1, q_2, ...), the c known modulo m.

    ``modulus``: a power of p. By elimination, each pivot the entry with the fewest factors p that is left: so every
    quotient is a whole number and the rows lose no digit; the c lose as many as the last pivot has. None where there
    are no such c.

    Errors: Untold where only zeros are left for a pivot.
    """
    left, columns, done = [list(row) for row in rows], list(range(1, len(rows[0]))), []
    while columns:
        scale, n, j = min((math.gcd(row[j], modulus), n, j) for n, row in enumerate(left) for j in columns)
        if any(row[0] % scale for row in left):
            return None
        if scale == modulus:
            raise Untold("a column of zeros, or a multiple of the others")
        own = left.pop(n)
        inverse = pow(own[j] // scale, -1, modulus)
        columns.remove(j)
        done.append((j, scale, inverse, own))
        left = [_without(row, own, row[j] // scale * inverse, modulus) for row in left]
    return None if any(row[0] for row in left) else _put_back(done, modulus)


def _without(row: list[int], own: list[int], times: int, modulus: int) -> list[int]:
    return [(each - times * other) % modulus for each, other in zip(row, own, strict=True)]


def _put_back(done: Sequence[tuple[int, int, int, list[int]]], modulus: int) -> tuple[list[int], int]:
    """The solution of a triangle, from its last row to its first."""
    known, found = modulus // done[-1][1], dict[int, int]()
    for j, scale, inverse, row in reversed(done):
        rest = row[0] - sum(row[other] * value for other, value in found.items())
        found[j] = rest // scale * inverse % known
    return [found[j] for j in sorted(found)], known
