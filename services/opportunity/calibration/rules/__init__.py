"""Decisions about figures from own history as pure functions, one module per question."""
