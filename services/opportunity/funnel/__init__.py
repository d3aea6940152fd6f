"""The stages of an opportunity: moves, outcomes, history, counts, amounts and health."""
