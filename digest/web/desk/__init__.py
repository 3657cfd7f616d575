"""The review desk: a local web app in which an editor sees, changes and approves an issue.

    serving ─> guard ─> routes ─> desk (what may be done) ─> app, pipeline
                          └─> sheet, feeds, frames (what is shown) ─> templates

The handlers hold no rules: what is chosen, quoted, split or sent is decided by the stages. See
``digest/web/README.md`` for the rules of the screen.
"""
