"""Versions of the funnel: its stages, what must be done in each, how likely a win is."""
