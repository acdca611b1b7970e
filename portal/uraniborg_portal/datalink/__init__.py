"""DataLink 1.1: what there is of a dataset, link by link."""
