"""What a scheme may be, what an evaluation comes to, who decides on it: pure functions."""
