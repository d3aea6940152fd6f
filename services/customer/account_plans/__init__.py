"""Account plans: what is to be reached at a customer in a year, submitted, approved, carried out."""
