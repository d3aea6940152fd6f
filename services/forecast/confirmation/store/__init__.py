"""Questions about opportunities as far as they are known here, and about what was confirmed of them."""
