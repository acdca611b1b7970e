"""ADQL text to a checked tree to SQL; pure, no input or output."""
