"""Questions about schemes, evaluations and what is missing."""
