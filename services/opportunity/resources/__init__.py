"""Asking for sales resources, approved up the reporting line."""
