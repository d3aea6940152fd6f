"""What is kept of customers to find them by, and questions to it."""
