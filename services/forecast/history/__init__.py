"""What was handed in and when: each figure by date, and what moved between two instants."""
