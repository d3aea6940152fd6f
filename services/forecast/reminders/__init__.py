"""Who is reminded of a forecast that is not handed in, and when."""
