"""Taking in what arrives, and deciding what it is."""
