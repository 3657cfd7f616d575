"""What mrml gets wrong, and that the way around it holds."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markupsafe import escape

from digest.model.errors import TemplateError
from digest.render.mjml import convert_to_html, find_template_residue

PAGE = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def page(inner):
    return lxml_html.document_fromstring(convert_to_html(PAGE.format(inner)))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_an_attribute_comes_out_as_it_went_in(text):
    image = f'<mj-image src="https://example.org/a.jpg" alt="{escape(text)}" />'
    link = f'<mj-text><a href="https://example.org/" title="{escape(text)}">x</a></mj-text>'
    tree = page(image + link)
    assert [tree.xpath("//img/@alt")[0], tree.xpath("//a/@title")[0]] == [text, text]


@pytest.mark.parametrize("text", ["台北\u3000❤\ufe0f", "a\\b", "e\u0301", "\u200d\u00a0", "ｶﾞ"])
def test_the_characters_that_mrml_mangles_survive(text):
    assert page(f'<mj-image src="https://e.org/a" alt="{text}" />').xpath("//img/@alt") == [text]


def test_a_line_break_in_an_attribute_becomes_a_space():
    tree = page("<mj-text><p style='margin:0;\n  color:#123456'>x</p></mj-text>")
    assert tree.xpath("//p/@style") == ["margin:0; color:#123456"]


def test_links_on_two_lines_do_not_glue():
    tree = page(
        '<mj-text><a href="https://e.org/1">A</a>\n<a href="https://e.org/2">B</a></mj-text>'
    )
    assert tree.xpath("string(//div[a])").split() == ["A", "B"]


def test_control_characters_do_not_stop_the_compiler():
    assert "ab" in page("<mj-text>a\x00\x0bb</mj-text>").text_content()


def test_what_mrml_leaks_is_removed():
    source = convert_to_html(
        PAGE.format(
            '<mj-button href="https://e.org/">x</mj-button><mj-image src="https://e.org/a" />'
        )
    )
    assert ' vertical-align="' not in source
    assert 'height="auto"' not in source
    assert 'alt=""' in source
    assert "fonts.googleapis" not in source


def test_what_cannot_be_read_is_a_template_error():
    with pytest.raises(TemplateError, match="MJML"):
        convert_to_html(PAGE.format("<mj-text><![CDATA[x]]></mj-text>"))


@pytest.mark.parametrize(
    ("source", "mark"),
    [
        ('<p class="{{ x }}">y</p>', "{{"),
        ('<p title="{{ x }}">y</p>', ""),
        ("<mj-text>y</mj-text>", "<mj-"),
        ("<style>{% if %}</style>", "{%"),
        ("<p>a post about {{ braces }} and &lt;mj-text&gt;</p>", ""),
    ],
)
def test_residue_is_looked_for_in_markup_not_in_words(source, mark):
    assert find_template_residue(source) == mark


def test_entities_in_attributes_are_kept():
    tree = page('<mj-text><a href="https://e.org/?a=1&amp;b=2">x</a></mj-text>')
    assert tree.xpath("//a/@href") == [html.unescape("https://e.org/?a=1&amp;b=2")]
