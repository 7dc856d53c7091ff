"""Stored files, the guard over what people upload, and the documents the portal makes."""
