"""Every kind of mistake in a user's own template is told with file, line, cause and remedy."""

import shutil

import pytest

from digest.model.errors import TemplateError
from digest.render import sandbox
from digest.render.email import render_email
from digest.render.templates import Templates, find_shipped_templates
from digest.render.transactional import Letter, render_letter
from tests.issues import MONDAY, chinese, letterhead

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
# what is wrong, the file's text, the line that is named, the cause, the remedy
MISTAKES = {
    "Jinja syntax": ("\n{% if view %}\n", 2, "Unexpected end of template", "Correct the template"),
    "Jinja comment": ("a\n{# b", 2, "Missing end of comment", "Correct the template"),
    "unknown filter": ("\n\n{{ view|loud }}", 3, "No filter named", "Correct the template"),
    "unknown name": ("\n{{ veiw.title }}", 2, "veiw is not defined; is it view?", "Correct"),
    "unknown attribute": ("\n{{ view.titel }}", 2, "view has no titel; is it title?", "Correct"),
    "missing file": ("\n{% include 'gone.jinja' %}", 2, "'gone.jinja' not found", "Correct"),
    "unknown tag": (
        "\n\n<mj-txt>a</mj-txt>",
        3,
        "<mj-txt> is no MJML tag; is it mj-text?",
        "Correct",
    ),
    "bad attribute": ("\n<mj-text colour='red'>a</mj-text>", 2, "is it color?", "Correct"),
    "bad value": ("\n<mj-text color='blurple'>a</mj-text>", 2, "blurple", "Write a colour"),
    "computed value": (
        "{% set c = 'blurple' %}\n\n<mj-text\n color='{{ c }}'>a</mj-text>",
        3,
        "blurple",
        "Write a colour",
    ),
    "unclosed tag": ("\n\n<mj-text>a\n", 3, "<mj-text> is never closed", "Write </mj-text>."),
    "closed too often": ("\n<mj-text>a</mj-text>\n</mj-column>", 3, "closes what", "Remove it."),
    "crossed tags": ("\n<mj-text><mj-raw></mj-text></mj-raw>", 2, "<mj-raw>", "</mj-raw> before"),
    "wrong nesting": (
        "\n<mj-section>\n</mj-section>",
        2,
        "<mj-section> cannot stand directly in <mj-column>",
        "Its place is in <mj-body>, <mj-wrapper>.",
    ),
    "lost text": ("\n\nhello\n", 3, 'text stands directly in <mj-column>: "hello"', "Put it in"),
    "unclosed HTML": ("\n<mj-text>\n<p>a</mj-text>", 3, "<p> is never closed", "Write </p> before"),
    "a lone <": ("\n<mj-text>\na < b</mj-text>", 3, "a < that opens no tag", "Write &lt;"),
    "no end": ("\n<mj-text color='red>a</mj-text>", 2, "<mj-text has no end", "quotation mark"),
    "too slow": (f"\n{ENDLESS}", 2, "makes too much", "Correct the template"),
    "too large": ("x" * (sandbox.MAX_FILE + 1), 1, "larger than 256 KiB", "Divide it"),
    "without an end": ("\n{% include 'themes.mjml.jinja' %}", 2, "calls itself", "Correct"),
    "not UTF-8": ("\n\n\udcff", 3, "byte 0xff is no UTF-8", "Save it as UTF-8."),
}


def own(folder, name, text):
    path = folder / "email" / "default" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(errors="surrogateescape"))
    return path


def told(folder):
    with pytest.raises(TemplateError) as caught:
        render_email(chinese(), Templates.load(folder), letterhead())
    return caught.value


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_file_line_cause_and_remedy(tmp_path, name):
    text, line, cause, remedy = MISTAKES[name]
    path = own(tmp_path, "themes.mjml.jinja", text)
    error = told(tmp_path)
    assert error.subject == f"template {path}, line {line}"
    assert cause in error.cause
    assert remedy in error.remedy


@pytest.mark.parametrize("name", ["unclosed tag", "closed too often", "wrong nesting", "lost text"])
def test_in_a_copy_of_everything_the_file_with_the_mistake_is_named(tmp_path, name):
    shutil.copytree(find_shipped_templates() / "email", tmp_path / "email")
    text, line, cause, _ = MISTAKES[name]
    path = own(tmp_path, "themes.mjml.jinja", text)
    error = told(tmp_path)
    assert (error.subject, cause in error.cause) == (f"template {path}, line {line}", True)


def test_a_copy_of_everything_is_no_mistake(tmp_path):
    shutil.copytree(find_shipped_templates() / "email", tmp_path / "email")
    ours = render_email(chinese(), Templates.load(tmp_path), letterhead())
    assert ours.html == render_email(chinese(), Templates.load(), letterhead()).html


def test_a_section_opened_in_one_file_and_closed_in_another_is_no_mistake(tmp_path):
    text = "</mj-column></mj-section><mj-section><mj-column>"
    own(tmp_path, "themes.mjml.jinja", f"{text}<mj-text>mine</mj-text>")
    assert "mine" in render_email(chinese(), Templates.load(tmp_path), letterhead()).html


def test_of_two_such_files_the_one_with_the_mistake_is_named(tmp_path):
    own(tmp_path, "themes.mjml.jinja", "</mj-column></mj-section><mj-section><mj-column>")
    path = own(tmp_path, "also.mjml.jinja", "\n<mj-text>a")
    assert told(tmp_path).subject == f"template {path}, line 2"


def test_an_empty_template_is_named(tmp_path):
    path = own(tmp_path, "mail.mjml.jinja", "")
    assert str(path) in told(tmp_path).subject


def test_a_line_is_counted_behind_loops_and_trimmed_blocks(tmp_path):
    text = "{% for a in (1, 2) %}\n  {%- if a == 2 %}\n\n<p>a</p>\n{% endif %}\n{% endfor %}\n"
    path = own(tmp_path, "themes.mjml.jinja", text)
    assert told(tmp_path).subject == f"template {path}, line 4"


def test_a_letter_to_one_reader_tells_it_too(tmp_path):
    path = own(tmp_path, "preheader.mjml.jinja", "\n<mj-raw>")
    about = Letter(
        kind="confirm",
        recipient="a@example.org",
        language="en",
        title="Notes",
        url="https://example.org/c/1",
    )
    with pytest.raises(TemplateError) as caught:
        render_letter(about, letterhead(), Templates.load(tmp_path), key="k", moment=MONDAY)
    assert caught.value.subject == f"template {path}, line 2"
