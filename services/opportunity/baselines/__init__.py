"""Baselines set by hand: what a stage of a scope is compared with instead of its history."""
