"""Neglected customers go back to the queue: announced beforehand, and only if nothing happens meanwhile."""
