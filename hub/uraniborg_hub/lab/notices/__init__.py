"""What a lab tells its user on its own page: that it ends soon, that its folder is full."""
