"""What the lines of a business unit hand in to it, and whether that is final."""
