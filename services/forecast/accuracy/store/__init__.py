"""Questions about what was forecast and what came of it."""
