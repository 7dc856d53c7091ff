"""Signatures given at an external signing service: ordered, followed, proved, kept."""
