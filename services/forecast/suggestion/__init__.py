"""What a person's won history lets one expect, beside what is confirmed and never in its place."""
