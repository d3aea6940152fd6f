"""What an intake may be, what the uniqueness check makes of it, and who may decide."""
