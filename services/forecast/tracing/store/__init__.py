"""Questions about what went into a published plan: of what was submitted then, whatever has happened since."""
