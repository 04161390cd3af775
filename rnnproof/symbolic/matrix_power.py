"""U^n for any n >= 0 as a formula in n, from the eigenvalues of U: singular, nilpotent and not diagonalisable too.

With p(z) = det(z I - U), the resolvent (z I - U)^(-1) is adj(z I - U) / p(z), and U^n is the sum of the residues of
z^n adj(z I - U) / p(z): over the eigenvalues l of multiplicity m, and j = 0 .. m-1, of

    binomial(n, j) l^(n-j) M_j,    M_j = (d/dz)^(m-1-j) [adj(z I - U) (z - l)^m / p(z)] / (m-1-j)!  at  z = l.

Reference: N. J. Higham, Functions of Matrices (2008), section 1.2 (the definition by Jordan form and by the Cauchy
integral). What is used is proved for each U: M_0 add up to I, U M_j = l M_j + M_(j+1) and M_m = 0, so that one more
factor U makes n+1 of n, as binomial(n, j) + binomial(n, j-1) = binomial(n+1, j).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy

from rnnproof.errors import Unsupported, VerificationFailed
from rnnproof.symbolic.statement import Statement, Step

z = sympy.Symbol("z")


@dataclass(frozen=True)
class Term:
    """binomial(n, order) root^(n - order) matrix.

    ``exact``: the matrix as polynomials in z, modulo ``factor``. ``short``: the same as quotients, for printing.
    """

    root: sympy.Expr
    order: int
    matrix: sympy.ImmutableMatrix
    exact: sympy.ImmutableMatrix
    short: sympy.ImmutableMatrix
    factor: sympy.Poly

    def number(self, n: sympy.Expr) -> sympy.Expr:
        """binomial(n, order) root^(n - order): where the root is 0, 1 at n = order and 0 elsewhere."""
        if self.root == 0:
            return sympy.KroneckerDelta(n, self.order)
        return sympy.expand_func(sympy.binomial(n, self.order)) * self.root ** (n - self.order)

    def named(self, name: sympy.Symbol) -> Term:
        """The same with a name for the eigenvalue."""
        return replace(self, root=name, matrix=self.short.subs(z, name))


def terms(U: sympy.Matrix) -> tuple[Term, ...]:
    """What U^n is the sum of. U is square, of rational numbers, or up to (2,2) with symbols.

    Errors: Unsupported for symbols in a larger matrix: its eigenvalues have no formula of a readable size.
    """
    if U.free_symbols and U.rows > 2:
        raise Unsupported(f"a power of a matrix {U.shape} with symbols: its eigenvalues have no short formula")
    characteristic = U.charpoly(z)
    domain = characteristic.get_domain().get_field()
    adjoint = (z * sympy.eye(U.rows) - U).adjugate()
    return tuple(
        term
        for factor, multiplicity in sympy.Poly(characteristic.as_expr(), z, domain=domain).factor_list()[1]
        for term in _of_factor(characteristic.as_expr(), adjoint, factor, multiplicity)
    )


def _of_factor(p: sympy.Expr, adjoint: sympy.Matrix, factor: sympy.Poly, multiplicity: int) -> Iterator[Term]:
    """The terms of each root of one irreducible factor, which all have this multiplicity."""
    for order in range(multiplicity):
        exact = _residue(p, adjoint, factor, multiplicity, order)
        short = (adjoint / sympy.diff(p, z)).as_immutable() if multiplicity == 1 else exact
        for root in _roots(factor):
            yield Term(root, order, exact.applyfunc(lambda form, at=root: _at(form, at)), exact, short, factor)


def _at(form: sympy.Expr, root: sympy.Expr) -> sympy.Expr:
    """The form at an eigenvalue; the root of a cubic stays a name, which no expanding shortens."""
    value = form.subs(z, root)
    return value if root.has(sympy.CRootOf) else sympy.expand(value)


def _residue(p: sympy.Expr, adjoint: sympy.Matrix, factor: sympy.Poly, m: int, order: int) -> sympy.ImmutableMatrix:
    """M_order with z for the eigenvalue, modulo the factor."""
    # (z - w)^m / p(z) = 1 / (quotient^m rest), the quotient being factor / (z - w), a polynomial in z and w.
    w = sympy.Symbol("w")
    eigenvalue = factor.as_expr()
    quotient = sympy.cancel((eigenvalue - eigenvalue.subs(z, w)) / (z - w))  # factor(z) / (z - w), as factor(w) = 0
    rest = sympy.cancel(p / eigenvalue**m)
    depth = m - 1 - order

    def entry(form: sympy.Expr) -> sympy.Expr:
        slope = sympy.diff(form / (quotient**m * rest), z, depth).subs(w, z) / sympy.factorial(depth)
        above, below = (sympy.Poly(part, z, domain=factor.get_domain()) for part in sympy.fraction(sympy.cancel(slope)))
        return (above * below.invert(factor)).rem(factor).as_expr()

    return adjoint.applyfunc(entry).as_immutable()


def _roots(factor: sympy.Poly) -> list[sympy.Expr]:
    if factor.degree() <= 2:
        return sorted(sympy.roots(factor), key=sympy.default_sort_key)
    return [sympy.CRootOf(factor.as_expr(), index) for index in range(factor.degree())]


def power(found: tuple[Term, ...], n: sympy.Expr) -> sympy.ImmutableMatrix:
    """U^n, of the terms of U."""
    total = sympy.zeros(*found[0].matrix.shape)
    for term in found:
        total += term.number(n) * term.matrix
    return total.as_immutable()


def power_statement(U: sympy.Matrix, n: sympy.Expr, name: str) -> Statement:
    """U^n for this U, and the proof that it is. ``name`` is what the matrix is called.

    Errors: Unsupported as of ``terms``; VerificationFailed where an identity of the proof does not hold.
    """
    found = terms(U)
    for told, gap in _gaps(U, found):
        if gap != sympy.zeros(*gap.shape):
            raise VerificationFailed(f"the power of {name}: {told} is no identity: {gap}")
    names, found = _named(found)
    whole = sympy.Eq(sympy.MatrixSymbol(name, *U.shape) ** n, power(found, n), evaluate=False)
    first = [term.matrix for term in found if term.order == 0]
    total = sympy.MatAdd(*first, evaluate=False) if len(first) > 1 else first[0]
    start = sympy.Eq(total, sympy.ImmutableMatrix(sympy.eye(U.rows)), evaluate=False)
    return Statement(
        name=f"the power of `{name}`",
        claim=f"For every n >= 0, `{name}^n` is a sum of one matrix for each eigenvalue, times the eigenvalue's power.",
        formulas=(*names, whole),
        steps=(
            Step(
                f"The characteristic polynomial, `p(z) = det(z I - {name})`",
                sympy.Eq(sympy.Function("p")(z), U.charpoly(z).as_expr()),
            ),
            *(Step("A root of it, an eigenvalue", eigenvalue) for eigenvalue in names),
            Step(f"The residue of `z^n adj(z I - {name}) / p(z)` at each eigenvalue", _listed(found, n)),
            Step("At n = 0 the residues add up to the identity", start),
            Step(
                f"One more factor `{name}` multiplies each of these matrices by its eigenvalue, and of a multiple "
                "eigenvalue adds the next one: it makes n + 1 of n, so by induction",
                whole,
            ),
        ),
        conditions=tuple(_conditions(U, terms(U), n)),
    )


def _named(found: tuple[Term, ...]) -> tuple[tuple[sympy.Basic, ...], tuple[Term, ...]]:
    """Eigenvalues that are long are given names: roots with symbols under them, and the roots of a cubic."""
    roots = [root for root in dict.fromkeys(term.root for term in found) if _long(root)]
    names = {root: sympy.Symbol(f"lambda_{index}") for index, root in enumerate(roots, 1)}
    return (
        tuple(sympy.Eq(name, root) for root, name in names.items()),
        tuple(term.named(names[term.root]) if term.root in names else term for term in found),
    )


def _long(root: sympy.Expr) -> bool:
    return root.has(sympy.CRootOf) or any(part.free_symbols for part in root.atoms(sympy.Pow))


def _listed(found: tuple[Term, ...], n: sympy.Expr) -> sympy.Basic:
    return sympy.Tuple(*(sympy.Tuple(term.number(n), term.matrix) for term in found))


def _conditions(U: sympy.Matrix, found: tuple[Term, ...], n: sympy.Expr) -> Iterator[str]:
    """What symbols must not be, for the eigenvalues to have the multiplicities that they have as formulas; signs."""
    discriminant = sympy.factor(sympy.discriminant(U.charpoly(z).as_expr(), z))
    if not discriminant.is_number:
        yield f"The two eigenvalues differ: {_as_square(U, discriminant)} is not 0."
    for root in dict.fromkeys(term.root for term in found if term.order and not term.root.is_number):
        yield f"The eigenvalue `{root}` is not 0, or n is at least {U.rows}."
    for term in found:
        if term.root == 0:
            yield f"`{term.number(n)}` is 1 at n = {term.order} and 0 at every other n."


def _as_square(U: sympy.Matrix, discriminant: sympy.Expr) -> str:
    """Of a matrix of two rows, (a - d)^2 + 4 b c, which is shorter; the discriminant of another."""
    short = (U[0, 0] - U[1, 1]) ** 2 + 4 * U[0, 1] * U[1, 0] if U.rows == 2 else discriminant
    return f"`{short if sympy.expand(short - discriminant) == 0 else discriminant}`"


def _gaps(U: sympy.Matrix, found: tuple[Term, ...]) -> Iterator[tuple[str, sympy.Matrix]]:
    """What must be zero, modulo each factor: the two identities of the induction."""
    for term in found:
        after = [other for other in found if (other.root, other.order) == (term.root, term.order + 1)]
        follows = after[0].exact if after else sympy.zeros(*U.shape)
        gap = (U * term.exact - z * term.exact - follows).applyfunc(lambda form, of=term.factor: _reduced(form, of))
        yield f"U M = {term.root} M + what follows it", gap
        short = (term.short - term.exact).applyfunc(lambda form, of=term.factor: _reduced(_numerator(form), of))
        yield f"the quotient for {term.root}", short
    total = -sympy.eye(U.rows)
    for factor in {term.factor for term in found}:
        first = next(term for term in found if term.factor == factor and term.order == 0)
        total += first.exact.applyfunc(lambda form, of=factor: _trace(form, of))
    yield "the sum of M is the identity", total.applyfunc(sympy.cancel)


def _numerator(form: sympy.Expr) -> sympy.Expr:
    return sympy.fraction(sympy.cancel(form))[0]


def _reduced(form: sympy.Expr, factor: sympy.Poly) -> sympy.Expr:
    return sympy.Poly(form, z, domain=factor.get_domain()).rem(factor).as_expr()


def _trace(form: sympy.Expr, factor: sympy.Poly) -> sympy.Expr:
    """The sum of a polynomial over the roots of a factor: the trace of multiplying by it, modulo the factor."""
    total = sympy.Integer(0)
    for power in range(factor.degree()):
        product = sympy.Poly(form * z**power, z, domain=factor.get_domain()).rem(factor)
        total += product.coeff_monomial(z**power)
    return total
