"""What is done with assessment models and assessments."""
