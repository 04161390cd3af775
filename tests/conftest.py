"""One thread in each process; and prints, after the tests, the tables that they made: what each property refused."""

import os

# There are as many processes as processors, and cases are small: a second thread only waits, at the cost of another.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write docs/derivations again where they are out of date")


def pytest_terminal_summary(terminalreporter):
    _kill_table(terminalreporter, _rows(terminalreporter, "kill table"))
    _mutation_table(terminalreporter, _rows(terminalreporter, "mutation table"))
    for piece, asked, changed in _rows(terminalreporter, "removal"):
        counted = ", ".join(f"{count} {word}" for word, count in changed.items())
        terminalreporter.write_line(f"without {piece}: of {asked} verdicts {counted}, the others as before, none wrong")
    for name, words in sorted(_rows(terminalreporter, "every function")):
        counted = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
        terminalreporter.write_line(f"calls on arrays of the ring, {name.replace('_', ' ')}: {counted}, none wrong")
    for name, made, missed in _summed(_rows(terminalreporter, "exact bank")):
        found = f"{made - missed} found exactly, whole and scaled by 2^-60; {missed} proved equivalent"
        terminalreporter.write_line(f"{name}: {made} faults of equations and adjoint, {found}")


def _summed(rows):
    """The rows of one name added."""
    for name in sorted({name for name, *_ in rows}):
        yield name, *(sum(each) for each in zip(*(row[1:] for row in rows if row[0] == name), strict=True))


def _rows(terminalreporter, table):
    reports = terminalreporter.stats.get("passed", [])
    return [value for report in reports for name, value in report.user_properties if name == table]


def _kill_table(terminalreporter, rows):
    if not rows:
        return
    terminalreporter.section("the kill table: single faults, and the law that refuses each")
    for name, count, by_law, steps, survivors in sorted(rows):
        terminalreporter.write_line(f"{name}: {count} faults, {count - len(survivors)} refused")
        for law, killed in sorted(by_law.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"    {law:26}{killed:5}")
        lengths = ", ".join(f"{killed} at T={T}" for T, killed in sorted(steps.items()))
        terminalreporter.write_line(f"    shortest counterexample: {lengths}")
        for text in survivors:
            terminalreporter.write_line(f"    proved equivalent: {text}")


FATES = {"crashed": "crashed", "failed": "found", "not_applicable": "refused by name", "passed": "equivalent"}


def _mutation_table(terminalreporter, rows):
    if not rows:
        return
    terminalreporter.section("single-token mutants of the hand-written backward passes, and what exact.gradient says")
    made = sum(sum(counted.values()) for _, counted, _, _ in rows)
    columns = (f"{sum(row[1].get(fate, 0) for row in rows)} {text}" for fate, text in FATES.items())
    unseen = sum(row[2] for row in rows)
    terminalreporter.write_line(f"{made} made: {', '.join(columns)}; {unseen} of those found are below 1e-6 in floats")
    for name, counted, unseen, why in sorted(rows):
        columns = ", ".join(f"{counted.get(fate, 0)} {text}" for fate, text in FATES.items())
        terminalreporter.write_line(f"{name}: {sum(counted.values())} made, {columns}; {unseen} below 1e-6")
        for text, reason in why.items():
            terminalreporter.write_line(f"    {text}    ({reason})")
