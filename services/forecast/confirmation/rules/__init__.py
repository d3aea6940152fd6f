"""Decisions about confirming: what may be confirmed, what it stands for, what a change of the opportunity does."""
