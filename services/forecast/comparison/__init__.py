"""Comparing what sales gathered for a unit with what its sources say, and deciding what becomes the plan."""
