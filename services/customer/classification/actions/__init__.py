"""What people do with schemes and evaluations."""
