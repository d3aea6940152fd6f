"""Who reports to whom, from and until when; and who stands in for whom meanwhile."""
