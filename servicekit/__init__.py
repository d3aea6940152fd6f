"""What each service is built on; knows no word of the domain."""
