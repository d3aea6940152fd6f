"""What a supplement adds, confirms and contradicts, and who decides on it."""
