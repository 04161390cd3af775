"""``rnnproof infer``: the network and the conventions of a target, told from its behaviour."""

from __future__ import annotations

import click


@click.command()
@click.argument("target")
@click.option("--network", metavar="N", help="What it is said to be; else any network of the catalogue.")
def infer(target: str, network: str | None) -> int:
    """Tell from its behaviour which conventions TARGET follows.

    Which of its arrays is what, however they are named and packed; the order of
    gates and of states, the direction, the axes. Printed as a dialect to paste.
    """
    from rnnproof.cli.screen import first_lines, screen
    from rnnproof.isolate.infer import infer as in_a_child
    from rnnproof.report.inferred import lines

    with screen(silent=False) as shown:
        found = in_a_child(target, network, first_lines(shown.printed), shown.working)
        shown.lines(lines(found))
    return found.code
