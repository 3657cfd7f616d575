"""What mrml would drop, mix up or refuse without a word of where."""

import pytest

from digest.render.mjml_check import find_faults, load_table

PAGE = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


@pytest.mark.parametrize(
    ("inner", "at", "cause"),
    [
        ("<mj-text>a", "<mj-text>", "<mj-text> is never closed"),
        ("<mj-text>a</mj-raw></mj-text>", "</mj-raw>", "</mj-raw> closes what is not open"),
        ("<mj-text><mj-raw></mj-text></mj-raw>", "<mj-raw>", "<mj-raw> cannot stand directly in"),
        ("<mj-section></mj-section>", "<mj-section></", "cannot stand directly in <mj-column>"),
        ("<mj-text><p><mj-text></mj-text></p></mj-text>", "<mj-text></", "directly in <p>"),
        ("<p>a</p>", "<p>", "<p> stands directly in <mj-column>"),
        (" lost words ", "lost", 'text stands directly in <mj-column>: "lost words"'),
        ("<MJ-TEXT>a</MJ-TEXT>", "<MJ-TEXT>", "<MJ-TEXT> is not MJML"),
        ("<mj-text><p>a</mj-text>", "<p>", "<p> is never closed"),
        ("<mj-text>a</p></mj-text>", "</p>", "</p> closes what is not open"),
        ("<mj-text>a < b</mj-text>", "< b", "a < that opens no tag"),
        ("<mj-text>a<BR>b</mj-text>", "<BR>", "<BR> is never closed"),
        ("<mj-text><a href=x>b</a></mj-text>", "<a ", "a value in <a> has no quotation marks"),
        ('<mj-text color="red>a</mj-text>', "<mj-text", "<mj-text has no end"),
        ("<!-- a", "<!--", "a comment is never closed"),
        ('<mj-text align="middle">a</mj-text>', "<mj-text", '<mj-text> has align="middle"'),
        ('<mj-text padding="12 8px">a</mj-text>', "<mj-text", 'has padding="12 8px"'),
        ('<mj-text color="gery">a</mj-text>', "<mj-text", 'has color="gery"'),
        (f"<mj-text>{'<b>' * 120}{'</b>' * 120}</mj-text>", "<b>", "<b> stands in 99 other tags"),
        ("<mj-text color='red' color='red'>a</mj-text>", "<mj-text", "has color twice"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_remedy(inner, at, cause):
    mjml = PAGE.format(inner)
    first = next(find_faults(mjml))
    assert (mjml[first.at :].startswith(at), cause in first.cause) == (True, True), first
    assert first.remedy.endswith(".")


@pytest.mark.parametrize(
    "inner",
    [
        "<!-- a <b> --><mj-raw><!--[if mso]><td><![endif]--></mj-raw>",
        "<mj-text>a & b &nbsp; c > d<br>e<img src='x' alt='a > b' /></mj-text>",
        '<mj-text padding="0 12px 1.5em" color="#B1372A" align="">a</mj-text>',
        '<mj-text color="rgba(0, 0, 0, .5)" line-height="1.6" padding="0px"><P>a</p></mj-text>',
        '<mj-image width="528px" height="auto" align=" left " src="x" />',
        "<mj-social><mj-social-element name='x'>y</mj-social-element></mj-social>",
        "<mj-text><style>a{b:c}</style><span class='' lang>a</span></mj-text>",
    ],
)
def test_what_mjml_knows_is_no_mistake(inner):
    assert list(find_faults(PAGE.format(inner))) == []


def test_every_tag_has_a_home_and_every_home_is_a_tag():
    known = load_table()
    named = [names for tag, names in known.children.items() if tag != "mj-attributes"]
    homes = {name for names in named for name in names}
    assert set(known.tags) - homes == {"mjml", "mj-all", "mj-class"}
    assert set(known.children) <= set(known.tags)
    assert homes <= set(known.tags)
