"""Hand-over to ERP systems: what they call our products and places, plan files, and the orders they confirm."""
