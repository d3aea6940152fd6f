"""Decisions about sources and what they forecast."""
