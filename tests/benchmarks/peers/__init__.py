"""Peers that the benchmarks install and run: one module each."""
