"""A run as one netCDF file."""

from __future__ import annotations

from pathlib import Path

from handprint.results import Results


def netcdf(results: Results, path: Path | str) -> Path:
    """
    Write a run as one netCDF-4 file, to be read by :meth:`handprint.Results.read` or anyone else.

    Parameters
    ----------
    results : Results
        One run.
    path : path
        Where, usually ``.nc``; an existing file is replaced when all is written.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    MissingExtraError
        Without the libraries of the extra ``netcdf``.

    Notes
    -----
    One group for each dataset of the run. Every variable carries its unit, and its definition or
    a long name and its source where there are some. The attributes ``scenario`` and ``record``
    hold what was run and with what, as JSON, ``sources`` the entries that the scenario cites.
    """
    return results.to_netcdf(Path(path))
