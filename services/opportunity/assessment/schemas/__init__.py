"""Assessment models, assessments and their reports over the wire."""
