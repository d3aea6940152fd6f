"""The command line: up, down, import, report, doctor."""
