"""A folder with the tables and the figure of a sensitivity analysis."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from handprint.canvas import picture
from handprint.i18n import LANGUAGES, check_language
from handprint.input_names import input_name
from handprint.plots_sensitivity import sensitivity_figure
from handprint.results import fresh
from handprint.sensitivity import Sensitivity
from handprint.storage import write_whole

FILES = ("tornado.csv", "sobol.csv", "sensitivity.png", "sensitivity.json")


def write_sensitivity(
    found: Sensitivity, folder: Path | str, *, lang: str = "en", force: bool = False
) -> list[Path]:
    """
    Write ``tornado.csv``, ``sobol.csv``, ``sensitivity.png`` and ``sensitivity.json``.

    Parameters
    ----------
    found : Sensitivity
        Outcome of :func:`handprint.sensitivity`.
    folder : path
        Made if needed.
    lang : {"en", "zh"}
        Language of the figure; tables name inputs in both.
    force : bool
        Whether files of an earlier analysis may be replaced.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    OutputExistsError
        If a file exists and ``force`` is not set; nothing is written then.
    """
    check_language(lang)
    folder = Path(folder)
    paths = [folder / name for name in FILES]
    fresh(*paths, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        **asdict(found.record),
        "year": found.year,
        "error": found.error,
        "enough": found.enough,
        "draws_needed": found.needed,
    }
    contents = (
        _named(found.tornado).to_csv(index=False, lineterminator="\n"),
        _named(found.indices).to_csv(index=False, lineterminator="\n"),
        picture(sensitivity_figure(found, lang=lang), "png"),
        json.dumps(made, indent=2, ensure_ascii=False) + "\n",
    )
    write_whole(dict(zip(paths, contents, strict=True)), paths[-1])
    return paths


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the names of the inputs in both languages beside their keys."""
    frame = frame.copy()
    at = list(frame.columns).index("input") + 1
    for lang in LANGUAGES[::-1]:
        frame.insert(at, f"name_{lang}", [input_name(key, lang) for key in frame["input"]])
    return frame
