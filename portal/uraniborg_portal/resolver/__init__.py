"""Names to positions and times."""
