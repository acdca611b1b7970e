"""Tables that users keep between queries, with CADC's youcat as the model: made, loaded, indexed, shared, removed."""
