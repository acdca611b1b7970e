"""A query result as bytes: VOTable, CSV, FITS, Parquet, Arrow."""
