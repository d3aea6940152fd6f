"""Business units: a tree, each with a head."""
