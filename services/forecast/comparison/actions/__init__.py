"""What people do with comparisons: gather, set the tolerance, decide."""
