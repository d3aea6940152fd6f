"""Competition: how strong we are at a customer against named competitors, and what we make of it."""
