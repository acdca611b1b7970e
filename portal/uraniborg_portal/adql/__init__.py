"""ADQL 2.1: text to a checked tree, and that tree to SQL of the engine; pure, no input or output."""
