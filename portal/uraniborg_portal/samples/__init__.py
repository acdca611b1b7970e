"""Real data that the wheel carries, with licences and citations."""
