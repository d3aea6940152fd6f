"""How often customers are to be visited, and whether that is planned and done."""
