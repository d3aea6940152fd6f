"""Which part of a movement an opportunity belongs to, and how the parts are added up and drawn."""
