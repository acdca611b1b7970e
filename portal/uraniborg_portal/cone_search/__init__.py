"""Simple Cone Search 1.03: what of one catalog lies around a position, answered by the same engine as ADQL."""
