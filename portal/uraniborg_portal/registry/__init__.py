"""Data files by name: where they are, their hash, licence and citation."""
