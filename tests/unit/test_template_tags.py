"""Tags of Liquid and Nunjucks are resolved once each, however hostile the text."""

import pytest

from digest.text.template_tags import resolve_tags


def resolved(text: str) -> str:
    return resolve_tags(text, {"page.title": "Quay"}, lambda name: f"/{name}/")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a {{ page.title }} b", "a Quay b"),
        ("a {{ page.nothing }} b", "a  b"),
        ("a {{ open", "a {{ open"),
        ("a {% open\nb", "a \nb"),
        ("{%- raw -%}{{ x }}{%- endraw -%}", "{{ x }}"),
        ("{% raw %}{{ x }}", "{{ x }}"),
        ("[a]({% link b.md %})", "[a](/b.md/)"),
        ("{% unknown thing %}kept{% endunknown %}", "kept"),
    ],
)
def test_a_tag_is_what_a_reader_sees_of_it(written: str, read: str) -> None:
    assert resolved(written) == read


@pytest.mark.parametrize("piece", ["{{", "{% raw %}", "{% comment %}", "{% a", "{{ x | "])
def test_long_texts_take_time_that_grows_with_their_length(piece: str) -> None:
    """Looked at again from every place, a text of this length would take hours."""
    assert len(resolved(piece * 60_000)) <= len(piece) * 60_000
