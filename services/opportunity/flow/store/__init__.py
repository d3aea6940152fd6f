"""Questions about the flow through the funnel, each one statement over everything in the scope."""
