"""The mails look as they did when a person looked at them and approved."""

import pytest
from PIL import Image

from tests import screens


@pytest.mark.parametrize("screen", screens.SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_a_mail_looks_as_approved(browser, screen):
    approved = Image.open(screens.path_of(screen)).convert("L")
    mean, stretch = screens.difference(approved, screens.taken(browser, screen))
    assert (mean <= screens.TOLERANCE, stretch <= screens.STRETCH) == (True, True), (mean, stretch)


def test_a_broken_layout_would_be_seen(browser):
    light, dark = (screens.taken(browser, screen) for screen in screens.SCREENS[:2])
    assert screens.difference(light, dark)[0] > 10 * screens.TOLERANCE
    moved = Image.new("L", light.size, 255)
    moved.paste(light, (0, 40))
    assert screens.difference(light, moved)[0] > screens.TOLERANCE
