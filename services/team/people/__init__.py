"""People and machine clients: who they are, what roles they have, when they leave."""
