"""Accuracy over the wire: ratios to four decimals, money in the currency of the cycle that it rests on."""
