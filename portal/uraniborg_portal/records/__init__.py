"""VOResource 1.1 records: what a registry of the Virtual Observatory is told of the service and of its catalogs."""
