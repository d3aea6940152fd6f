"""What this service takes from its peers, one module for each."""
