"""What the portal holds of one person: found, handed out, erased where the law lets it."""
