"""Decisions about ERP systems, as functions from values to a value or a refusal."""
