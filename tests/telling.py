"""What a test has to tell besides that it passed: figures, and what it did not judge; shown below all results."""

import pytest

TOLD = "told"
"""The property that a test records (`record_property`) to have it shown."""


def show(terminal: pytest.TerminalReporter) -> None:
    """Print what tests recorded."""
    for outcome in ("passed", "failed"):
        for report in terminal.getreports(outcome):
            lines = [str(value) for name, value in report.user_properties if name == TOLD]
            if lines and report.when == "call":
                terminal.section(report.nodeid)
                terminal.write_line("\n".join(line.rstrip() for line in lines))
