"""Names, units and descriptions that results carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy.typing as npt
import xarray as xr


class Meaning(NamedTuple):
    """Names, unit and description of one variable."""

    long_name: str
    long_name_zh: str
    units: str  # a key that `variables` resolves for each table
    description: str
    kind: str = "burden"  # "burden" where emissions are meant, "activity" where money is


def variables(
    values: Mapping[str, tuple[tuple[str, ...], npt.ArrayLike]],
    meanings: Mapping[str, Meaning],
    units: Mapping[str, str],
    note: str = "",
) -> dict[str, xr.Variable]:
    """
    Label results with what they mean.

    Parameters
    ----------
    values : mapping
        Name -> (dims, numbers).
    meanings : mapping
        Name -> meaning.
    units : mapping
        Unit key of a meaning -> unit of this table.
    note : str
        Sentence that every description ends with.

    Returns
    -------
    dict of str to xarray.Variable
        With attrs ``long_name``, ``long_name_zh``, ``units``, ``kind`` and ``description``.
    """
    made: dict[str, xr.Variable] = {}
    for name, (dims, numbers) in values.items():
        meaning = meanings[name]
        attrs: dict[str, Any] = {
            "long_name": meaning.long_name,
            "long_name_zh": meaning.long_name_zh,
            "units": units[meaning.units],
            "kind": meaning.kind,
            "description": f"{meaning.description} {note}".strip(),
        }
        made[name] = xr.Variable(dims, numbers, attrs)
    return made
