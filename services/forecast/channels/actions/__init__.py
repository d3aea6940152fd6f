"""What people and machine clients do with sources and their forecasts."""
