"""Questions about what stood at an instant, answered from what was handed in, which never changes."""
