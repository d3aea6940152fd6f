"""Whose opportunities a report is about, and who may ask for that."""
