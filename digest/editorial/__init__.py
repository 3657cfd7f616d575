"""The pipeline: collect, curate, summarize, compose, edit."""
