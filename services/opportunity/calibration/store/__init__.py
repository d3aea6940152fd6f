"""Questions about calibrations, and the parts of queries that walk the stage history."""
