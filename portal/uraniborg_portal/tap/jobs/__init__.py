"""Asynchronous queries: TAP 1.1's `async`, jobs of a Universal Worker Service 1.1."""
