"""Targeting: which customers are chosen for a period, what they need, and whom that proposes as key customers."""
