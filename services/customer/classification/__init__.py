"""Evaluating customers on weighted criteria, and the tiers that follow."""
