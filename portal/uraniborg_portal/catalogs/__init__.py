"""What is on disk: HATS collections and what describes them."""
