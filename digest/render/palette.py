"""The colours of an issue, light and dark, derived from the few that a user names.

Contrast is WCAG 2.2's (success criterion 1.4.3): every text colour made here is above 4.5:1 on
the ground it is used on, whatever accent a user likes.
"""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass

READABLE = 4.6

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, as ``#rrggbb``.

    ``paper`` lies around the sheet, ``sheet`` under the text, ``tint`` under the quotation;
    ``link`` is the accent made readable on all three; ``fill`` and ``on_fill`` are the button.
    """

    paper: str
    sheet: str
    ink: str
    mute: str
    rule: str
    tint: str
    link: str
    fill: str
    on_fill: str


def light(accent: str) -> Palette:
    """Return the light palette around *accent*."""
    tint = mix(accent, "#ffffff", 0.07)
    link = readable(accent, on=(tint, "#f5f2ec"))
    return Palette(
        paper="#f5f2ec",
        sheet="#ffffff",
        ink="#1d1b18",
        mute=readable("#676157", on=(tint, "#f5f2ec")),
        rule="#e3ddd2",
        tint=tint,
        link=link,
        fill=link,
        on_fill="#ffffff",
    )


def dark(accent: str) -> Palette:
    """Return the dark palette around *accent*: designed for the night, not inverted."""
    tint = mix(accent, "#1f1d1b", 0.11)
    return Palette(
        paper="#131211",
        sheet="#1f1d1b",
        ink="#ece7de",
        mute=readable("#aca599", on=(tint, "#1f1d1b")),
        rule="#3a362f",
        tint=tint,
        link=readable(accent, on=(tint, "#1f1d1b")),
        fill=readable(accent, on=("#ffffff",)),
        on_fill="#ffffff",
    )


def readable(colour: str, *, on: tuple[str, ...]) -> str:
    """Return *colour*, lighter or darker in its own hue until readable on all of *on*."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _rgb(colour)))
    goal = 1.0 if _luminance(on[0]) < 0.18 else 0.0
    for step in range(41):
        level = lightness + (goal - lightness) * step / 40
        shade = _hex(*(value * 255 for value in hls_to_rgb(hue, level, saturation)))
        if all(contrast(shade, ground) >= READABLE for ground in on):
            break
    return shade


def mix(one: str, other: str, share: float) -> str:
    """Return the colour that is *share* (0-1) of *one* and the rest of *other*."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return _hex(*(a * share + b * (1 - share) for a, b in pairs))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = (_linear(channel / 255) for channel in _rgb(colour))
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in channels)


def _rgb(colour: str) -> Colour:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
