"""Confirmation: what the principal of an opportunity says will be sold in a cycle's period."""
