"""Routes: assessment models, assessments, their import and their reports."""
