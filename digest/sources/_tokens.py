"""What every generator's pattern of addresses may lack."""


class UnknownTokenError(ValueError):
    """A pattern holds a token that the generator does not know, or has no value for."""
