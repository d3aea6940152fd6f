"""Schemes and evaluations over the wire."""
