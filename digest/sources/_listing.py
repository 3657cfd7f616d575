"""The hash by which an edit of a post is told: of what its source lists, in a normal form."""

import re
from hashlib import sha256
from unicodedata import normalize

_TAGS = re.compile(r"<[^<>]*>")
_PLAIN = str.maketrans("“”‘’–—…", "\"\"''---")


def listing(title: str, abstract: str, body: str) -> str:
    """Return a hash that stays when only markup, white space or typography changed."""
    parts = (title, abstract, _TAGS.sub(" ", body))
    normal = "\0".join("".join(normalize("NFKC", p).translate(_PLAIN).split()) for p in parts)
    return sha256(normal.encode("utf-8", "replace")).hexdigest()[:32]
