"""Measures how well companies are told apart and found again, on sets with known answers."""
