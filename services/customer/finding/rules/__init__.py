"""How well a query fits a company, and how much of an answer whoever asks may know."""
