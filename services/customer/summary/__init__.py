"""What is known of one customer, in one answer."""
