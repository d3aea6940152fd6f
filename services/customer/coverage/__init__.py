"""The coverage plan: who of ours covers whom of theirs, how often, and whether it happens."""
