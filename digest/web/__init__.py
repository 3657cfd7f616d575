"""What runs in a browser: the review desk of the editor, the pages of the reader."""
