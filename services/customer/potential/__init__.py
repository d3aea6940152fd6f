"""Potential: which customers are worth more than they give today, and why."""
