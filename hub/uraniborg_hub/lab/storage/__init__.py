"""How much a user's files take: measured by the lab itself, told on its page."""
