"""Intakes: what arrives about a company, kept as it came, and what becomes of it."""
