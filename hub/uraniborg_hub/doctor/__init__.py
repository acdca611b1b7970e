"""What is wrong with this installation, and the fix."""
