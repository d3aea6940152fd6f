"""Questions about the whole base."""
