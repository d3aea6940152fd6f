"""The customer itself: names, identifiers, addresses, who looks after it, its tier, and the history of all that."""
