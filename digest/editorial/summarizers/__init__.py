"""What reads a post, one adapter per file."""
