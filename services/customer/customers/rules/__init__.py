"""What a customer may be, and who may decide about it."""
