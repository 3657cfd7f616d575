"""Markdown is read as sites show it, and what has no words leaves no hole in a sentence."""

import pytest

from digest.model import Document
from digest.text.document import parse_html, parse_markdown
from digest.text.text_buffer import FORMULA


def texts(document: Document) -> list[str]:
    return [document.of(block) for block in document.blocks]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Rope[^1] is old.[^b]\n\n[^1]: Hemp.\n[^b]: Very.\n\n    More.", ["Rope is old."]),
        ("Lost [^none]: a colon.", ["Lost: a colon."]),
        ("Bow\n: The front.\n\nStern\n: The back.", ["Bow", "The front.", "Stern", "The back."]),
        ("- [ ] sweep\n- [x] paint", ["sweep", "paint"]),
        ("# Deck {#deck .big}\n\nWood.\n{.lead #intro}", ["Deck", "Wood."]),
        ("Wood.\n{: .note title=\"a b\"}\n\n*Oak*{:.x} and {pine}.", ["Wood.", "Oak and {pine}."]),
        ("![m](m.png){width=30}", []),
        ("> [!NOTE]\n> Shut on Sunday.\n\nOpen.", ["Open."]),
        ("> [!quote]+ Ann Tar\n> Fine words.\n\nOpen.", ["Open."]),
        ("> Plain words.\n\n> [link](/x) first", ["Plain words.", "link first"]),
        ("Done :tada: at 10:30:45 in :nowhere:, see http://a:80:b",
         ["Done 🎉 at 10:30:45 in :nowhere:, see http://a:80:b"]),
        ("It ==must== be H~2~O in m^2^; a == b, x==y and y==z, ~/a and ~/b.",
         ["It must be H2O in m2; a == b, x==y and y==z, ~/a and ~/b."]),
        ("It costs ~~ten~~ nine.", ["It costs nine."]),
        ("One.\n\n<!--more-->\n\nTwo.", ["One.", "Two."]),
        (r"A \(p = \frac{a}{b}\) litre.", [f"A {FORMULA} litre."]),
        ("Of $x^2$ and $$y$$ for $5 or $6 (\\(see here\\)).",
         [f"Of {FORMULA} and {FORMULA} for $5 or $6 ((see here))."]),
        ("Before.\n\n$$\np = \\int_0^1 x\n- y\n$$\n\n\\[ a = b \\]\n\nAfter.",
         ["Before.", "After."]),
        ("$$x$$\n\nCost \\[1\\] and `$x^2$`.", ["Cost [1] and $x^2$."]),
        ('A {{< katex >}}x^2{{< /katex >}} b.', [f"A {FORMULA} b."]),
        ('{{< figure src="a.png" caption="The *Heron*" >}}\n\nText.', ["The Heron", "Text."]),
    ],
)  # fmt: skip
def test_markdown_is_read_as_sites_show_it(written: str, read: list[str]) -> None:
    assert texts(parse_markdown(written)) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>A <math><mi>x</mi></math> b.</p><math><mi>y</mi></math>", [f"A {FORMULA} b."]),
        ("<p>Ten <del>old</del> new.</p>", ["Ten new."]),
        ("<p>Text.</p><div class=footnotes role=doc-endnotes><p>Note.</p></div>", ["Text."]),
    ],
)  # fmt: skip
def test_a_page_leaves_the_same_things_beside_the_text(written: str, read: list[str]) -> None:
    assert texts(parse_html(written)) == read
