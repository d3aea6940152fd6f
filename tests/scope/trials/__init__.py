"""For every operation of every service, requests of it and who is to be served."""
