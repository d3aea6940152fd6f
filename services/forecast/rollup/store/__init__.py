"""Questions about records, what they gathered, and what was submitted."""
