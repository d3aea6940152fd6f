"""Questions about merges, and what a merge writes."""
