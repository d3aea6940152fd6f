"""What an opportunity is worth: the answers to twenty questions, by a model that is versioned."""
