"""Where posts come from, one adapter per file; the ``kind`` in the configuration is the file's name."""
