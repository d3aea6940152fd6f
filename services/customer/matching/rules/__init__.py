"""Normalisation of names and places, and identifiers that decide alone."""
