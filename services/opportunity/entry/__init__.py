"""How opportunities come in: entered, by reference, in batches with their history."""
