"""What this service knows of customers: a copy, kept by event."""
