"""Questions about account plans."""
