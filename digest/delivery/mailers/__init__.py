"""Mailers, one a file: each makes a request of a finished mail, sends it, and reads the answer."""
