"""Promised work: a row per piece of background work, carried out once whatever dies."""
