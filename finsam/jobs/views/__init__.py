"""Pages of the background work."""
