"""Questions about models and assessments."""
