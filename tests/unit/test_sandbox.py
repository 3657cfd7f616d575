"""A user's template cannot get out, run for ever, or fill memory."""

import pytest
from jinja2.exceptions import SecurityError

from digest.model.errors import TemplateError
from digest.render import sandbox
from digest.render.templates import Templates

NS = "{% set ns = namespace(x='xy') %}{% for a in range(60) %}"
DOUBLED = (
    "{% set ns.x = ns.x ~ ns.x %}",
    "{% set ns.x = ns.x + ns.x %}",
    "{% set ns.x = [ns.x, ns.x]|join %}",
    "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}",
)


def run(folder, text, **values):
    path = folder / "email" / "default" / "own.txt.jinja"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Templates.load(folder).render("email/own.txt.jinja", values)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(9999) %}" + "x" * 5000 + "{% endfor %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'own.txt.jinja' %}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'x' * 99999999 }}",
        "{{ '%99999999d' % 1 }}",
        "{{ '{:>99999999}'.format(1) }}",
        "{{ 'x'.ljust(99999999) }}",
        "{{ 'x'|center(99999999) }}",
        "{{ lipsum(n=9999999) }}",
        *(f"{NS}{doubled}{{% endfor %}}" for doubled in DOUBLED),
        "{{ ''.__class__.__mro__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ values.pop() }}",
        "x" * (sandbox.MAX_FILE + 1),
    ],
)
def test_what_would_never_end_or_get_out_is_stopped(tmp_path, text):
    with pytest.raises(TemplateError, match=r"own\.txt\.jinja"):
        run(tmp_path, text, values=[1])


def spend(meter: sandbox.RenderBudget, *, steps: int) -> None:
    for _ in range(steps):
        meter.charge()


def test_a_slow_template_is_stopped_by_the_clock():
    with pytest.raises(SecurityError, match="runs for more than 0 seconds"):
        spend(sandbox.RenderBudget(seconds=0.0), steps=1000)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "{% for a in items %}{{ loop.index }}{{ loop.length }}{{ loop.last }}{% endfor %}",
            "12False22True",
        ),
        ("{{ items|join('-') }}", "a-b"),
        ("{{ items|map('upper')|join }}", "AB"),
        ("{{ 'a b'.split(' ')|length + 1 }}", "3"),
        ("{{ 7 % 4 * 2 }}", "6"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('y') }}", "<y>"),
    ],
)
def test_what_a_template_needs_works(tmp_path, text, wanted):
    assert run(tmp_path, text, items=["a", "b"]) == wanted


def test_joining_escapes_as_printing_does(tmp_path):
    path = tmp_path / "email" / "default" / "own.jinja"
    path.parent.mkdir(parents=True)
    path.write_text("{{ [a, '<b>'|safe]|join('&') }} {{ [a]|join }}", encoding="utf-8")
    shown = Templates.load(tmp_path).render("email/own.jinja", {"a": "<a>"})
    assert shown == "&lt;a&gt;&amp;<b> &lt;a&gt;"
