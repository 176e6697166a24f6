"""Names that people read, in English and Chinese: data, not code."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from handprint.errors import HandprintError
from io_tables.errors import did_you_mean

LANGUAGES = ("en", "zh")


class LanguageError(HandprintError):
    """A language is asked for that there is none of, or a text has no entry."""


@cache
def _labels() -> dict[str, dict[str, str]]:
    text = (resources.files("handprint") / "data" / "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def check_language(lang: str) -> str:
    """
    Pass a known language on.

    Parameters
    ----------
    lang : str
        ``"en"`` or ``"zh"``.

    Returns
    -------
    str
        The same.

    Raises
    ------
    LanguageError
        If there are no texts in this language.

    Examples
    --------
    >>> check_language("zh")
    'zh'
    """
    if lang not in LANGUAGES:
        raise LanguageError(f"no texts in {lang!r}; {did_you_mean(lang, LANGUAGES)}")
    return lang


def label(key: str, lang: str = "en", **values: object) -> str:
    """
    Look up a text.

    Parameters
    ----------
    key : str
        Entry of ``labels.toml``.
    lang : {"en", "zh"}
        Language.
    **values : object
        Put in place of the names in braces.

    Returns
    -------
    str
        The text.

    Raises
    ------
    LanguageError
        If the language or the key is unknown.

    Examples
    --------
    >>> label("transport", "zh")
    '交通运输'
    """
    check_language(lang)
    entry = _labels().get(key)
    if entry is None:
        raise LanguageError(f"no text for {key!r}; {did_you_mean(key, _labels())}")
    return entry[lang].format(**values)
