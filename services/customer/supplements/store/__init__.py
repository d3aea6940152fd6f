"""Proposed changes, and how old what is known is."""
