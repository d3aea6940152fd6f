"""How far a cycle has come: who has handed in, who is missing, who is late."""
