"""Tracing: of what a figure of a published plan consists, down to opportunities and adjustments."""
