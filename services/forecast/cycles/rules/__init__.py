"""Decisions about cycles: their definition, their seats, their frozen rates."""
