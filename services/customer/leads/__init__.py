"""Leads: what was heard of a need, and how it is handed over to `opportunity`."""
