"""Prints, after the tests, the tables that they made: what each property was seen to refuse."""


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats.get("passed", [])
    rows = [value for report in reports for name, value in report.user_properties if name == "kill table"]
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
