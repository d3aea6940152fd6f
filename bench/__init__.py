"""Measurements: a data generator, a load generator, and the floors that what we built is compared with."""
