"""Outbox, relay, feed and consumers."""
