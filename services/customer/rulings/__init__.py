"""What the assignment rules of `team` say, as plain values."""
