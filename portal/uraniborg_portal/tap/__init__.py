"""TAP 1.1 over HTTP."""
