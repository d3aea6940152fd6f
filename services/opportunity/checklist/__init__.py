"""The duties of an opportunity: who sees to each until when, what is done, and what is open everywhere."""
