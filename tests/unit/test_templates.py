"""Templates: overridden a file at a time, and errors that say where."""

import pytest

from digest.model.errors import ConfigError, TemplateError
from digest.render.email import render_email
from digest.render.templates import Templates, find_shipped_templates
from tests.issues import chinese, letterhead


def own(folder, name, text):
    path = folder / "email" / "default" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Templates.load(folder)


def test_one_own_file_overrides_one_shipped_file(tmp_path):
    made = render_email(chinese(), own(tmp_path, "themes.mjml.jinja", ""), letterhead())
    assert "本週主題" not in made.html
    assert "本週主題" in made.text
    assert "本週其他文章" in made.html


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("\n{{ view.titel }}", 2, "titel"),
        ("\n\n{% if %}", 3, "Expected"),
        ("{{ view.__class__ }}", 1, "unsafe"),
        ("{{ 1 / 0 }}", 1, "zero"),
        ('{% include "gone.jinja" %}', 1, "gone.jinja"),
    ],
)
def test_a_broken_template_names_file_line_and_cause(tmp_path, text, line, cause):
    templates = own(tmp_path, "themes.mjml.jinja", text)
    with pytest.raises(TemplateError) as caught:
        render_email(chinese(), templates, letterhead())
    assert str(tmp_path / "email" / "default" / "themes.mjml.jinja") in str(caught.value)
    assert f"line {line}:" in str(caught.value)
    assert cause in str(caught.value)


def test_a_theme_holds_only_what_it_does_otherwise(tmp_path):
    folder = tmp_path / "email" / "mine"
    folder.mkdir(parents=True)
    (folder / "themes.txt.jinja").write_text("MINE", encoding="utf-8")
    templates = Templates.load(tmp_path)
    assert templates.render("email/themes.txt.jinja", {}, "mine") == "MINE"
    assert "mine" in templates.themes("email")


def test_a_missing_folder_is_a_matter_of_configuration(tmp_path):
    with pytest.raises(ConfigError, match="no such folder"):
        Templates.load(tmp_path / "gone")


def test_a_missing_template_is_named():
    with pytest.raises(TemplateError, match=r"gone\.jinja"):
        Templates.load().render("email/gone.jinja", {})


def test_the_shipped_templates_are_found():
    assert (find_shipped_templates() / "email" / "default" / "mail.mjml.jinja").is_file()


def test_own_templates_are_read_before_they_are_needed(tmp_path):
    assert Templates.load().own_files() == ()
    own(tmp_path, "also.mjml.jinja", "<mj-text>fine</mj-text>")
    page = tmp_path / "web" / "default" / "page.html.jinja"
    page.parent.mkdir(parents=True)
    page.write_text("<p>fine</p>", encoding="utf-8")
    assert len(Templates.load(tmp_path).own_files()) == 2
    page.write_text("\n{% if %}", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"page\.html\.jinja, line 2: Expected"):
        Templates.load(tmp_path).own_files()
    page.write_text("fine", encoding="utf-8")
    own(tmp_path, "also.mjml.jinja", "\n<mj-txt>")
    with pytest.raises(TemplateError, match=r"also\.mjml\.jinja, line 2: .* is it mj-text\?"):
        Templates.load(tmp_path).own_files()


@pytest.mark.parametrize("place", ["card.mjml.jinja", "email/card.mjml.jinja"])
def test_a_template_where_nothing_looks_for_it_is_told(tmp_path, place):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"nothing looks for it there\. .*email.default"):
        Templates.load(tmp_path).own_files()
