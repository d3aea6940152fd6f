"""Settings, health and logs of a running service."""
