"""What this service knows of opportunities, product lines and exchange rates: copies, kept by event."""
