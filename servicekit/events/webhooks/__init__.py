"""Signed webhooks: a service's events sent to whoever registered for them (Standard Webhooks)."""
