"""What standards and guidance ask of an assessment: data with its evidence grade."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

KEYS = ("L1480", "EGDC", "WBCSD", "WRI")
"""Standards, in the order in which they are shown."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Standard(_Record):
    """A text that asks something of an assessment."""

    title: str
    """Title in English."""
    title_zh: str
    """Title in Chinese."""
    place: str
    """Where what is known of it was read."""


class Duty(_Record):
    """How strongly one standard asks for one thing, and how well that is known."""

    duty: Literal["R", "S", "-"]
    """Required, should, or silent."""
    basis: Literal["V", "M"]
    """Verified in a page about the text, or from memory."""


class Requirement(_Record):
    """One thing that is asked for."""

    title: str
    """Title in English."""
    title_zh: str
    """Title in Chinese."""
    L1480: Duty
    """ITU-T L.1480."""
    EGDC: Duty
    """European Green Digital Coalition."""
    WBCSD: Duty
    """World Business Council for Sustainable Development."""
    WRI: Duty
    """World Resources Institute."""

    def duty(self, standard: str) -> Duty:
        """
        Look up how strongly a standard asks for it.

        Parameters
        ----------
        standard : str
            Key of the standard.

        Returns
        -------
        Duty
            Strength and evidence.
        """
        found = getattr(self, standard)
        assert isinstance(found, Duty)
        return found


class Gate(_Record):
    """A question that a person has to answer."""

    standard: Literal["L1480", "EGDC", "WBCSD", "WRI"]
    """Who asks."""
    basis: Literal["V", "M"]
    """Verified or from memory."""
    title: str
    """The question in English."""
    title_zh: str
    """The question in Chinese."""


class Standards(_Record):
    """All requirements and gates; made by `standards`."""

    standards: Annotated[dict[str, Standard], Field(min_length=1)]
    """Texts by key."""
    requirements: Annotated[dict[str, Requirement], Field(min_length=1)]
    """Requirements by key."""
    gates: Annotated[dict[str, Gate], Field(min_length=1)]
    """Questions by key."""


@cache
def standards() -> Standards:
    """
    Read the shipped requirements.

    Returns
    -------
    Standards
        Texts, requirements and gates.

    Examples
    --------
    >>> standards().requirements["consequence_tree"].duty("L1480").duty
    'R'
    """
    text = (resources.files("handprint") / "data" / "standards.toml").read_text(encoding="utf-8")
    return Standards.model_validate(tomllib.loads(text))
