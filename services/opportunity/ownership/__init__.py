"""Who is principal owner of an opportunity, and who may replace them."""
