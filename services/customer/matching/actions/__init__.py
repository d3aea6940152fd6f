"""Deriving what customers are found by, counting it, and checking companies against the base."""
