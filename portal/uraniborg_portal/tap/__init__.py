"""TAP 1.1: ADQL over HTTP, and the documents that describe the service."""
