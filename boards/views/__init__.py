"""The pages of meetings, by reader."""
