"""Questions about comparisons."""
