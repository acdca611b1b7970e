"""Files to a version of a catalog, in stages of small units: bounded in memory, parallel, and resumed after a kill."""
