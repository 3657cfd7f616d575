"""Where posts come from, one adapter per file; its name is the ``kind`` in the configuration."""
