"""Dated exchange rates and what they turn amounts into."""
