"""Questions about sources and what they forecast."""
