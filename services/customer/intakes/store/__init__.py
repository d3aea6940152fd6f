"""Intakes as they are kept, and the customers that they may be of."""
