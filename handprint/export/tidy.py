"""A run as one tidy table for any spreadsheet or statistics program."""

from __future__ import annotations

from pathlib import Path

from handprint.results import Results


def tidy(results: Results, folder: Path | str, *, force: bool = False) -> list[Path]:
    """
    Write every number of a run into one tidy CSV.

    Parameters
    ----------
    results : Results
        One run.
    folder : path
        Made if needed.
    force : bool
        Whether files of these names may be replaced.

    Returns
    -------
    list of pathlib.Path
        ``numbers.csv`` with columns scenario, dataset, variable, one for each dim, value, unit,
        definition; and ``about.json`` with scenario, record, cited sources, coordinates and
        attributes. :meth:`handprint.Results.read` reads the folder back, equal to the last bit.

    Raises
    ------
    OutputExistsError
        If a file exists and ``force`` is not set.
    """
    return results.to_tidy(folder, force=force)
