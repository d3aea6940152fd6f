"""Everybody who takes part in making an opportunity happen, and their shares."""
