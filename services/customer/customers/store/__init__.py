"""Questions about customers, each starting from what the viewer may see."""
