"""How a suggested figure arises from what models say, how good it was, and how the parts of a total add up to it."""
