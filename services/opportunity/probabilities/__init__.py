"""What people say of the chance to win an opportunity, since when and why."""
