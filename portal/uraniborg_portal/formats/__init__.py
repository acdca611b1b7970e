"""A query result as bytes: VOTable, FITS, Parquet, Arrow, CSV, TSV, JSON, HTML."""

from uraniborg_portal.formats.table import FORMATS, Format, find, media_types

__all__ = ["FORMATS", "Format", "find", "media_types"]
