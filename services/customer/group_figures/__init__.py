"""What a group of companies adds up to: a customer's own figures, and with everything below it."""
