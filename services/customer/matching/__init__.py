"""When two descriptions mean one company: normalised names and places, strong identifiers."""
