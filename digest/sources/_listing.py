"""The hash by which an edit of a post is told: of what its source lists, in a normal form."""

import re
from hashlib import sha256

_TAGS = re.compile(r"<[^<>]*>")
_PLAIN = str.maketrans("“”‘’–—…", "\"\"''---")


def listing(title: str, abstract: str, body: str) -> str:
    """Return a hash that stays when only markup, white space or typography changed."""
    whole = f"{title}\0{abstract}\0{_TAGS.sub(' ', body) if '<' in body else body}"
    normal = "".join(whole.translate(_PLAIN).split())
    return sha256(normal.encode("utf-8", "replace")).hexdigest()[:32]
