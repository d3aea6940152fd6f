"""Questions about cycles, seats and what stands on them."""
