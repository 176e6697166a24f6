"""Names of uncertain inputs, for people."""

from __future__ import annotations

from functools import cache

import sector_models
from handprint.i18n import LanguageError, label
from handprint.sensitivity import kind_of

KINDS = (
    "saving",
    "shrinkage",
    "share",
    "addressable",
    "embodied",
    "rebound",
    "ict_input",
    "ict_intensity",
    "ict_life_cycle",
    "adoption",
    "reference_adoption",
    "respend",
    "demand",
    "activity",
    "intensity",
)


def input_name(name: str, lang: str = "en") -> str:
    """
    Name a stream of draws, or a kind of them, in words.

    Parameters
    ----------
    name : str
        Stream or kind.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        A key of a common cause, which nobody has translated, stays as it is.

    Examples
    --------
    >>> input_name("industry.saving"), input_name("intensity.industry")
    ('industry: savings of the levers', 'industry: intensity of emissions')
    >>> input_name("saving"), input_name("grid_factor")
    ('savings of the levers', 'grid_factor')
    """
    kind = kind_of(name)
    if kind not in KINDS:
        return name
    text = label(f"input_{kind}", lang)
    first, _, rest = name.partition(".")
    if not rest:
        return text
    whose = rest if first == kind else name.removesuffix(f".{kind}")
    return label("input_of", lang, sector=_owner(whose, lang), kind=text)


def _owner(key: str, lang: str) -> str:
    """Category of demand, or sector model with the segment or use case it is about."""
    sector, _, part = key.partition(".")
    if sector in sector_models.names():
        return f"{_title(sector, lang)} {part}".strip()
    try:
        return label(f"wb_category_{key.replace(' ', '_')}", lang)
    except LanguageError:  # a category of the user's own table, or a model in a file of theirs
        return key


@cache
def _title(sector: str, lang: str) -> str:
    record = sector_models.load(sector)
    return record.title_zh if lang == "zh" else record.title.lower()
