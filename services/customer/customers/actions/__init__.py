"""What people do with customers."""
