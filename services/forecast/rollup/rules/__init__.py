"""Decisions about records: what an adjustment comes to, how it spreads, what may happen next."""
