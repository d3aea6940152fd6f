"""Who reports to whom, from and until when."""
