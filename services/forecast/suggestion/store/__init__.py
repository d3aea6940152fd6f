"""What suggestions rest on, and how they are kept."""
