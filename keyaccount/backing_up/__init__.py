"""Backup, restore to an instant, and the drill that proves both."""
