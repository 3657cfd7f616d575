"""An issue that a hostile or broken feed would make: one attack in every field of every story."""

from dataclasses import replace

from digest.model import Document, Image, Link, Media, PullQuote, Section, Theme
from tests.issues import chinese, post, said, story

ATTACKS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</mj-text></mj-column></mj-section><mj-raw><iframe src='https://e.example'></iframe></mj-raw>",
    "NUL \x00 and \x1b[31m, \x08 and \x7f",
    "台北\u3000美食\xa0❤\ufe0f👩\u200d👩\u200d👧 e\u0301\u200b",
    "長" * 20_000,
    "word " * 4_000,
    "x" * 3_000,
    "مرحبا بالعالم \u202e gnp.exe \u2066 שלום",
    "<p>never closed <b>bold <a href='javascript:alert(1)'>link",
    "{{ 7 * 7 }}{% for a in range(9) %}{# #}{% raw %}",
    "--><![endif]--><!--[if mso]><h1>Outlook</h1>",
    "]]><![CDATA[x]]>&amp;&lt;&nbsp;&#x0;&bogus;",
    "=?utf-8?q?Hi=0D=0ABcc:_all@example.org?=",
    "line one\r\nBcc: all@example.org\r\n\r\nbody",
    'quote " \' ` backslash \\n \\u{3000} \\"',
    "SLOT--token--SLOT and SLOT--recipient--SLOT",
    "\ud7ff\ufdd0\ufffe\ue000\U0010ffff",
    "標" + "\u0336\u0322" * 300 + "題",
    "",
)
LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://e.example/"><script>alert(1)</script>',
    "https://e.example/?leak=SLOT--token--SLOT",
    "https://user:password@e.example/",
    "//e.example/x",
    "https://e.example/\r\nX: y",
    "https://例え.example/路徑?查=詢",
)


def hostile():
    """Return the issue; its own title and language are harmless, all that a feed gives is not."""
    stories = tuple(_story(number, attack) for number, attack in enumerate(ATTACKS))
    return replace(
        chinese(),
        subject=ATTACKS[12] + ATTACKS[0],
        preheader=ATTACKS[1],
        headline=ATTACKS[9],
        intro=ATTACKS[10],
        sections=(
            Section(title="", stories=stories[:1]),
            Section(title=ATTACKS[1], stories=stories[1:9]),
            Section(title=ATTACKS[4], stories=stories[9:]),
        ),
        pull_quote=PullQuote(quote=said(ATTACKS[3], ATTACKS[8]), url=LINKS[2], title=ATTACKS[7]),
        also=tuple(
            Link(url=url, title=title) for url, title in zip(LINKS * 3, ATTACKS * 2, strict=False)
        ),
        themes=tuple(Theme(name=attack, posts=2, change=1) for attack in ATTACKS[:8]),
    )


def _story(number, attack):
    url = LINKS[number % len(LINKS)]
    picture = Image(url="https://e.example/picture.jpg", alt=attack, width=99_999, height=1_000)
    item = post(
        number,
        attack,
        attack,
        url=url,
        image=picture,
        episode_name=attack,
        document=Document(media=(Media(kind="youtube", url=url, title=attack),)),
    )
    return story(item, 5, (replace(item, id=f"{item.id}-sibling", title=attack + attack),))
