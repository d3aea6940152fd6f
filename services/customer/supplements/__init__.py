"""Supplements: what is learned of a customer is added, and proposed where it contradicts what is known."""
