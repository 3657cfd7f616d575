"""Pages that ask for a browser, or a person, in the place of what was asked for.

Known by the headers that their makers document, else by the addresses and words of the page
itself. On a page that came with status 200 an address is not enough: some guards put their script
on every page, so its title must speak of the check too.
"""

import re
from collections.abc import Mapping

_HEADERS = (
    # https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    ("cf-mitigated", "challenge", "Cloudflare"),
    # https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html
    ("x-amzn-waf-action", "", "AWS WAF"),
    # https://vercel.com/docs/bot-management
    ("x-vercel-mitigated", "challenge", "Vercel"),
    ("sg-captcha", "challenge", "SiteGround"),
)
_MARKS = (
    (b"/cdn-cgi/challenge-platform/", "Cloudflare"),
    (b"_cf_chl_opt", "Cloudflare"),
    (b"cf-browser-verification", "Cloudflare"),
    (b"cf-error-details", "Cloudflare"),
    (b"_incapsula_resource", "Imperva"),
    (b"captcha-delivery.com", "DataDome"),
    (b"ddos-guard", "DDoS-Guard"),
    (b"sucuri_cloudproxy_js", "Sucuri"),
    (b"/.well-known/sgcaptcha", "SiteGround"),
    (b"anubis_challenge", "Anubis"),
    (b"/.within.website/x/cmd/anubis", "Anubis"),
    (b"/_guard/", "a guard"),
    (b"px-captcha", "PerimeterX"),
    (b"/.well-known/vercel/security/", "Vercel"),
    (b"awswafintegration", "AWS WAF"),
    (b"slowaes.decrypt", "a guard"),
)
_TITLE = re.compile(
    rb"<title>[^<]{0,80}?(?:just a moment|attention required|checking your browser|ddos-guard"
    rb"|not a bot|robot challenge|bot verification|human verification"
    rb"|security (?:check|verification)"
    rb"|client challenge|one moment, please|verify(?:ing)? (?:you are|that you)|captcha"
    rb"|browser check)",
    re.IGNORECASE,
)
_HEAD = 30_000
_OK = 200


def find_challenger(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return who asks for a browser with this answer ("Cloudflare", "a guard"), "" if nobody.

    Names in *headers* are in lower case.
    """
    for name, value, who in _HEADERS:
        if name in headers and value in headers[name].lower():
            return who
    head = body[:_HEAD].lower()
    if b"<html" not in head and b"<!doctype html" not in head and b"<script" not in head:
        return ""
    titled = _TITLE.search(head) is not None
    marked = next((who for mark, who in _MARKS if mark in head), "")
    if status == _OK:
        return marked if titled else ""
    return marked or ("a guard" if titled else "")
