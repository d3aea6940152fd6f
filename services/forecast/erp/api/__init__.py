"""Routes of the hand-over to ERP systems."""
