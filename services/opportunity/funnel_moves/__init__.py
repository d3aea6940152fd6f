"""Moving running opportunities to a newer version of the funnel, along the mappings that its versions name."""
