"""Decisions about lines: what differs too much, what a decision comes to, and how it spreads."""
