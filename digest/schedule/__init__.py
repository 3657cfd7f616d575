"""What is due, and what a tick does about it."""
