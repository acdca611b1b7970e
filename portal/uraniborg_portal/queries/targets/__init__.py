"""Lists of targets: names and positions, or a table with positions, to find in a catalog."""
