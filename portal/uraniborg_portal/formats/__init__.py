"""A query result as bytes: VOTable, CSV, FITS, Parquet, Arrow."""

from uraniborg_portal.formats.table import FORMATS, Format, find

__all__ = ["FORMATS", "Format", "find"]
