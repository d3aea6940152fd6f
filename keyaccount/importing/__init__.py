"""Imports by a declarative mapping: files in, items for the public batch API out (docs/importing.md)."""
