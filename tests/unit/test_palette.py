"""Colours stay readable, whatever accent a user likes."""

from hypothesis import given
from hypothesis import strategies as st

from digest.render import branding

ACCENTS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@given(ACCENTS)
def test_every_text_is_readable_on_every_ground(accent):
    for scheme in (branding.make_light_palette(accent), branding.make_dark_palette(accent)):
        grounds = (scheme.sheet, scheme.tint)
        for text in (scheme.ink, scheme.mute, scheme.link):
            assert all(branding.measure_contrast(text, ground) >= 4.5 for ground in grounds), scheme
        assert branding.measure_contrast(scheme.mute, scheme.paper) >= 4.5
        assert branding.measure_contrast(scheme.on_fill, scheme.fill) >= 4.5


def test_contrast_is_that_of_wcag():
    assert round(branding.measure_contrast("#000", "#ffffff"), 2) == 21
    assert round(branding.measure_contrast("#777777", "#ffffff"), 2) == 4.48


def test_a_readable_accent_is_left_alone():
    assert branding.make_light_palette("#7a1f1f").link == "#7a1f1f"
