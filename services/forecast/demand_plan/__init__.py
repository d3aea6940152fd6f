"""Demand plans: the decided forecast by product, month and place, as production reads it."""
