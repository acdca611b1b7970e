"""Runs a checked query over the shards."""
