"""A look outside before a mail leaves: do its links answer, may its sender send, is it spam?

Each look is bounded and none blocks: what cannot be looked at is no finding. What is wrong with
the mail itself is found without a network, by ``render.preflight``.
"""
