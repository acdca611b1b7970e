"""Instrument queries: one file per instrument, jobs, products."""
