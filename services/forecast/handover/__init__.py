"""Published demand plans on their way into the ERPs: what those answer by line, and who is told again."""
