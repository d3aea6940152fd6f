"""Looking back at a period, what past bias suggests, and the track of several periods."""
