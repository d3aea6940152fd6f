"""Programs that sign in by themselves: what they may, and their secrets."""
