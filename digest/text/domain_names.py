"""Names of hosts in any script: in ASCII for the wire, as IDNA 2008 has them (RFC 5891, UTS 46)."""


def ascii_host(host: str) -> str:
    """Return *host* in ASCII; ValueError where the domain name system knows no such name.

    >>> ascii_host("faß.example"), ascii_host("編輯部.tw"), ascii_host("example.org")
    ('xn--fa-hia.example', 'xn--jh0av76a2ib.tw', 'example.org')
    """
    if host.isascii():
        return host
    import idna

    return idna.encode(host.rstrip("."), uts46=True).decode("ascii")
