"""The trained weights: read once from data, or from a file that ``digest train`` wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from digest.model.errors import ConfigError
from digest.text.notation import parse_json
from digest.text.ranking import features, selection, word_model

FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractModel:
    """What the extract is made with: three small linear models, one above the other.

    ``sentence`` scores a sentence by itself, ``words`` and ``pairs`` say what a description will
    have, ``together`` scores sentences as a set.
    """

    sentence: tuple[float, ...]
    words: word_model.GramWeights
    pairs: word_model.GramWeights
    together: tuple[float, ...]


@cache
def load_shipped_model() -> ExtractModel:
    """Return the model that ships with the package."""
    return parse_model(
        parse_json(files("digest.data").joinpath("model/extract.json").read_text("utf-8"))
    )


def fingerprint_weights(*parts: ExtractModel | tuple[float, ...]) -> str:
    """Return twelve hexadecimal digits that stand for the weights *parts* and no others."""
    return sha256(repr(parts).encode()).hexdigest()[:12]


def load_model(path: Path) -> ExtractModel:
    """Return the model that ``digest train`` wrote to *path*; ConfigError where it is none."""
    try:
        return parse_model(parse_json(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(str(path), f"is no model: {error}", "Write one: digest train.") from error


def parse_model(data: object) -> ExtractModel:
    """Return the model in *data*; ValueError where it was trained on other figures."""
    if not isinstance(data, dict):
        raise TypeError("it is no table")
    if data.get("format") != FORMAT:
        raise ValueError(f"format {data.get('format')!r} is not {FORMAT}")
    found = data["priors"]
    if not isinstance(found, dict):
        raise TypeError("priors are no table")
    priors = {str(unit): float(value) for unit, value in found.items()}
    return ExtractModel(
        sentence=_read_named_weights(data, "sentence", features.NAMES),
        words=_read_weights(data, "words", priors),
        pairs=_read_weights(data, "pairs", priors),
        together=_read_named_weights(data, "together", selection.NAMES),
    )


def _read_named_weights(
    data: Mapping[str, object], part: str, names: Sequence[str]
) -> tuple[float, ...]:
    found = data[part]
    if not isinstance(found, dict) or set(found) - {"bias"} != set(names):
        raise ValueError(f"{part} has other figures than {', '.join(names)}")
    return tuple(float(found[name]) for name in names)


def _read_weights(
    data: Mapping[str, object], part: str, priors: Mapping[str, float]
) -> word_model.GramWeights:
    weights = _read_named_weights(data, part, word_model.NAMES)
    found = data[part]
    assert isinstance(found, dict)  # noqa: S101 - _named has seen to it
    return word_model.GramWeights(weights=weights, bias=float(found["bias"]), priors=priors)
