"""digest: the best of a blog, every week, as an email and as thread drafts."""
