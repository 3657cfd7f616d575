"""Social networks, one adapter per file: limits, measure, cost."""
