"""The public register (diarium) and the chain of events."""
