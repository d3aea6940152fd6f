"""What this service asks of its peers, one module for each."""
