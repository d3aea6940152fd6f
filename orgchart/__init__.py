"""Every service's read-only copy of people and reporting line, the viewer, what a viewer may see."""
