"""Results of catalog queries that browsers and notebooks page through."""
