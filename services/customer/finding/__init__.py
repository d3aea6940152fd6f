"""Finding a company: whether the base has it already, and what somebody remembers of it."""
