"""Decisions of the funnel as pure functions, one module per question."""
