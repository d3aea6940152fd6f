"""Forecast cycles: what a forecast is about, and the seats and rates frozen when it opens."""
