"""Networks with one thing wrong, for the checks to refuse."""

from dataclasses import replace

from rnnproof.model.equation import Elementwise


def with_another_sign(page):
    """The network with the sign of its last equation changed."""
    *others, last = page.cell.equations
    return replace(page, cell=replace(page.cell, equations=(*others, Elementwise(last.target, -last.expression))))
