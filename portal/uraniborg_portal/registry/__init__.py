"""Data files by name: where they are, their hash, licence and citation."""

from uraniborg_portal.registry.entries import DataFile, entries
from uraniborg_portal.registry.registry import DataRegistry

__all__ = ["DataFile", "DataRegistry", "entries"]
