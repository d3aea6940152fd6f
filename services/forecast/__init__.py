"""What will be sold when."""
