"""Tables from files: one file per format."""
