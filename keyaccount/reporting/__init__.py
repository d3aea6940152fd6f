"""What is loaded, read through the public API: for programs as one JSON object, for people as tables."""
