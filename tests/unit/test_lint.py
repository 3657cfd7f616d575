"""An unknown tag or attribute in a user's template is found, and the shipped ones have none."""

import pytest

from digest.model.errors import TemplateError
from digest.render.email import render_email
from digest.render.mjml_check import find_problems
from digest.render.templates import Templates, find_shipped_templates
from tests.issues import chinese, letterhead


@pytest.mark.parametrize(
    "path", sorted(find_shipped_templates().rglob("*.mjml.jinja")), ids=lambda p: p.name
)
def test_the_shipped_templates_are_clean(path):
    assert list(find_problems(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<mj-txt>x</mj-txt>", [(1, "is it mj-text?"), (1, "is it mj-text?")]),
        ("\n\n<mj-text colour='red'>x</mj-text>", [(3, "no attribute colour; is it color?")]),
        (
            "{# <mj-no> #}\n<mj-text {% if a %}align='left'{% endif %} size='3'>",
            [(2, "no attribute size")],
        ),
        ('<mj-text color="{{ a > b }}" css-class="x">', []),
        ("<mj-text color=red align=left>", [(1, "the value of color in <mj-text> has no quot")]),
        ("<mj-text color={{ a }}>", [(1, "has no quotation marks")]),
        ("<mj-include path='x' />", [(1, "write {% include %} instead")]),
        ("<!-- <mj-old> --><mj-image src='x' alt='a > b' />", []),
    ],
)
def test_what_the_compiler_accepts_in_silence_is_found(source, found):
    got = list(find_problems(source))
    assert len(got) == len(found)
    for (line, problem), (wanted_line, wanted) in zip(got, found, strict=True):
        assert line == wanted_line
        assert wanted in problem


def test_a_users_mistake_is_reported_with_file_and_line(tmp_path):
    path = tmp_path / "email" / "default" / "themes.mjml.jinja"
    path.parent.mkdir(parents=True)
    path.write_text("\n<mj-text colr='x'>x</mj-text>", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"themes\.mjml\.jinja, line 2: .* is it color\?"):
        render_email(chinese(), Templates.load(tmp_path), letterhead())
