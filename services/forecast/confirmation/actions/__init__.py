"""What principals do with their opportunities in a cycle, and what follows when an opportunity changes."""
