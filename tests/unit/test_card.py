"""Quote cards: of the right size, the same every time, and no text of a feed is markup."""

import json
import struct
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from digest.model import PullQuote
from digest.model.errors import TemplateError
from digest.render.line_breaks import JOINER
from digest.render.quote_card import (
    SIZES,
    _compile_foreign,
    _list_font_families,
    _load_fonts,
    draw_card,
    make_recipe,
)
from digest.render.templates import Templates
from tests.issues import chinese, english, letterhead, said

TEMPLATES = Templates.load()


def quoting(text, speaker="林若水"):
    pull = PullQuote(quote=said(text, speaker), url="https://e.org/", title="標題")
    return replace(chinese(), pull_quote=pull)


def made(issue, **how):
    found = draw_card(issue, TEMPLATES, letterhead(), **how)
    assert found is not None
    return found


def ink(png, box):
    """Return whether anything but the ground stands in *box* of the picture."""
    low, high = Image.open(BytesIO(png)).convert("L").crop(box).getextrema()
    return high - low > 40


@pytest.mark.parametrize("shape", ["wide", "square"])
@pytest.mark.parametrize("issue", [chinese(), english()])
def test_a_card_has_its_size_and_the_whole_quotation_as_its_alternative(issue, shape):
    found = made(issue, shape=shape)
    assert struct.unpack(">II", found.png[16:24]) == SIZES[shape] == (found.width, found.height)
    assert issue.pull_quote.quote.text in found.alt
    assert issue.pull_quote.quote.speaker in found.alt


def test_the_same_quotation_gives_the_same_bytes():
    assert made(chinese()).png == made(chinese()).png
    assert made(chinese()).png != made(chinese(), dark=True).png


@pytest.mark.parametrize(
    "text",
    [
        "短。",
        "長長的一句話，" * 40,
        "word " * 55,
        "x" * 280,
        "Straßenbahnhaltestellenverzeichnisänderungsschlüsselübergabeprotokoll" * 3,
        "「」，。" * 60,
        "誰說？！」" * 20,
        "❤️ 👩‍👧 مرحبا",
    ],
)
@pytest.mark.parametrize("shape", ["wide", "square"])
def test_no_quotation_leaves_its_box(text, shape):
    found = made(quoting(text), shape=shape)
    width, height = SIZES[shape]
    assert not ink(found.png, (0, 20, 70, height))
    assert not ink(found.png, (width - 70, 20, width, height))
    assert not ink(found.png, (0, height - 30, width, height))
    assert not ink(found.png, (0, height - 118, width, height - 102))


@pytest.mark.parametrize(
    "text", ['#read("/etc/passwd") $x$ *b* _i_', "#panic()", "\\ // /* ` @x <l>"]
)
def test_markup_in_a_quotation_is_text(text):
    assert text in made(quoting(text)).alt


def test_without_a_quotation_there_is_no_card():
    assert draw_card(replace(chinese(), pull_quote=None), TEMPLATES, letterhead()) is None
    assert draw_card(quoting("長" * 301), TEMPLATES, letterhead()) is None


def test_a_broken_card_template_is_named(tmp_path):
    path = tmp_path / "cards" / "default" / "card.typ"
    path.parent.mkdir(parents=True)
    path.write_text("#nonsense(", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"card\.typ"):
        draw_card(chinese(), Templates.load(tmp_path), letterhead())


def test_emoji_and_further_scripts_are_letters_and_not_boxes():
    """A box is the same for every letter that is missing: two letters look different."""
    one, other = (made(quoting(f"船{letter}")).png for letter in "ก🎉")
    assert one != other
    assert made(quoting("船🎉")).png != made(quoting("船🚀")).png
    assert made(quoting("船กขค")).png != made(quoting("船งจฉ")).png


def test_what_no_font_has_letters_for_gets_no_card():
    assert draw_card(quoting("船 \U00012000\U00012001 渡"), TEMPLATES, letterhead()) is None


def test_without_the_fonts_for_emoji_they_are_left_out(monkeypatch):
    plain = made(quoting("船會等人")).png
    monkeypatch.setattr("digest.render.quote_card._MORE_FONTS", "no_such_fonts")
    for cached in (_load_fonts, _list_font_families, _compile_foreign):
        cached.cache_clear()
    try:
        assert made(quoting("船🎉會👍🏽等人")).png == made(quoting("船會等人")).png
        assert made(quoting("船🎉會等人")).alt == "「船🎉會等人」——林若水"
        assert draw_card(quoting("กขค"), TEMPLATES, letterhead()) is None
    finally:
        for cached in (_load_fonts, _list_font_families, _compile_foreign):
            cached.cache_clear()
    assert plain


def test_a_short_quotation_breaks_after_its_phrases():
    values = make_recipe(quoting("船會等人，人也等船。"), TEMPLATES, letterhead()).values
    phrases = [phrase.replace(JOINER, "") for phrase in json.loads(values)["phrases"]]
    assert phrases == ["「船會等人，", "人也等船。」"]


def test_the_line_of_a_mistake_in_a_card_template_is_named(tmp_path):
    path = tmp_path / "cards" / "default" / "card.typ"
    path.parent.mkdir(parents=True)
    path.write_text("\n\n#let x = nope\n", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"card\.typ, line 3: unknown variable: nope\. Correct"):
        draw_card(chinese(), Templates.load(tmp_path), letterhead())
