"""The whole base: how it is made up, on whom the house depends, what nobody sells to, how well it is known."""
