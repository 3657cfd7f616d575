"""The pages of the reader: subscribe, confirm, choose, leave; and what providers report."""
