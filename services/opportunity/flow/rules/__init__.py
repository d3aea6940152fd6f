"""Decisions about the flow through the funnel as pure functions, one module per question."""
