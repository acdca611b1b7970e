"""The hub of Uraniborg: who may start what, on a laptop and on a cluster."""
