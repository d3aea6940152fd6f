"""Decisions about accuracy as pure functions, one module per question."""
