"""What may be sold: its name, customer, amount, product lines, and who sees it."""
