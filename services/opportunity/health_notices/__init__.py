"""Who is told that a stage of their funnel turns bad, and when."""
