"""What moved in a scope's pipeline between two days: parts that add up exactly, and the opportunities behind each."""
