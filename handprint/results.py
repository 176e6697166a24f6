"""What a run returns, and how it is kept in a folder."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from handprint.errors import OutputExistsError, ScenarioError
from handprint.guards import Kind
from handprint.kept import TIDY, WHOLE, read_run
from handprint.scenario import Scenario, sources
from handprint.storage import write_datasets, write_whole
from handprint.tidy import shape_of, tidy_text

DATASETS = (
    "bottom_up",
    "top_down",
    "reconciled",
    "indicators",
    "ratios",
    "quantiles",
    "use_case_quantiles",
    "ledger",
    "drivers",
    "ict",
)
FILES = ("results.json", "summary.csv", "run.json")
COLUMNS = ["scenario", "sector", "year", "quantity", "estimate", "value", "unit"]


@dataclass(frozen=True)
class RunRecord:
    """With what a run was made: enough to make it again."""

    scenario: str
    scenario_hash: str
    table: str
    table_hash: str
    table_source: str
    sector_hashes: Mapping[str, str]
    draws: int
    seed: int | None
    ledger_gap: float
    versions: Mapping[str, str] = field(default_factory=dict)
    sampling: str | None = None
    draw_drivers: bool = False


def versions() -> dict[str, str]:
    """
    Name the versions that a result depends on.

    Returns
    -------
    dict
        Package -> version.
    """
    packages = ("handprint", "numpy", "scipy", "pandas", "xarray", "pydantic")
    return {"python": platform.python_version(), **{p: version(p) for p in packages}}


@dataclass(frozen=True, eq=False)
class Results:
    """
    The outcome of one scenario.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    top_down : xarray.Dataset
        Counterfactual economy by sector model and year: on the common boundary, upstream of
        it, ICT's own footprint, re-spending.
    bottom_up : xarray.Dataset
        Additive parts by use case and year.
    reconciled : xarray.Dataset
        Both on one boundary, tested and, where they agree, blended.
    indicators : xarray.Dataset
        Additive parts, NER and its split by sector and year, with a total.
    ratios : xarray.Dataset
        EI and VEI for the years in which they are defined.
    quantiles : xarray.Dataset
        The same over Monte Carlo draws, dims (sector, year, quantile), for ratios
        (ratio_sector, ratio_year, quantile); empty without draws. Attributes say how sure
        they are.
    use_case_quantiles : xarray.Dataset
        The same by use case, dims (use_case, year, quantile).
    ledger : xarray.Dataset
        Proof by year that every tonne is accounted for.
    drivers : xarray.Dataset
        Drivers by year, each with a mark such as ``activity_origin``: ``"stated"`` in the
        scenario or ``"interpolated"``.
    ict : xarray.Dataset
        Activity, electricity and footprint of the whole ICT industry; empty without an account.
    record : RunRecord
        Versions, hashes and seeds.
    """

    scenario: Scenario
    top_down: xr.Dataset
    bottom_up: xr.Dataset
    reconciled: xr.Dataset
    indicators: xr.Dataset
    ratios: xr.Dataset
    quantiles: xr.Dataset
    use_case_quantiles: xr.Dataset
    ledger: xr.Dataset
    drivers: xr.Dataset
    ict: xr.Dataset
    record: RunRecord

    def summary(self) -> pd.DataFrame:
        """
        Write the results as a tidy table.

        Returns
        -------
        pandas.DataFrame
            Columns scenario, sector, year, quantity, estimate, value, unit.
        """
        return pd.DataFrame(list(self._rows()), columns=COLUMNS)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        name = self.scenario.name
        for data in (self.indicators, self.ratios):
            for quantity, array in data.data_vars.items():
                dims = ("sector", "year", "estimate")
                for (s, y, e), value in np.ndenumerate(array.transpose(*dims).values):
                    labels = [array[d].values[i] for d, i in zip(dims, (s, y, e), strict=True)]
                    sector, year, estimate = labels
                    yield name, sector, int(year), quantity, estimate, value, array.attrs["units"]
        for quantity, array in self.quantiles.data_vars.items():
            sectors, years = (array[dim].values for dim in array.dims[:2])
            for (s, y, q), value in np.ndenumerate(array.values):
                estimate = f"p{100 * array['quantile'].values[q]:02.0f}"
                units = array.attrs["units"]
                yield name, sectors[s], int(years[y]), quantity, estimate, value, units

    def save(self, folder: Path | str, *, force: bool = False) -> list[Path]:
        """
        Write ``results.json``, ``summary.csv`` and ``run.json``.

        Parameters
        ----------
        folder : path
            Made if needed.
        force : bool
            Whether files of an earlier run may be replaced; its ``results.nc`` is removed.

        Returns
        -------
        list of pathlib.Path
            Files written.

        Raises
        ------
        OutputExistsError
            If a file exists and ``force`` is not set; nothing is written then.
        """
        folder = Path(folder)
        paths = {n: folder / n for n in FILES}
        fresh(*paths.values(), folder / WHOLE, force=force)
        folder.mkdir(parents=True, exist_ok=True)
        content: dict[str, Any] = {"scenario": self.scenario.model_dump(mode="json")}
        content |= {name: getattr(self, name).to_dict() for name in DATASETS}
        content["record"] = asdict(self.record)
        ledger = {str(k): v["data"] for k, v in self.ledger.to_dict()["data_vars"].items()}
        years = [int(y) for y in self.ledger["year"].values]
        made = {**asdict(self.record), "ledger": {"year": years, "units": "Mt CO2", **ledger}}
        texts = {
            "results.json": json.dumps(content, default=_plain, ensure_ascii=False),
            "summary.csv": self.summary().to_csv(index=False, lineterminator="\n"),
            "run.json": json.dumps(made, indent=2, default=_plain) + "\n",
        }
        (folder / WHOLE).unlink(missing_ok=True)  # that of an earlier run would hide this one
        write_whole({paths[n]: text for n, text in texts.items()}, paths["results.json"])
        return list(paths.values())

    def to_netcdf(self, path: Path) -> Path:
        """
        Write the run as one netCDF file: see :func:`handprint.export.netcdf`.

        Parameters
        ----------
        path : pathlib.Path
            Where.

        Returns
        -------
        pathlib.Path
            Where it is.
        """
        about = {
            "title": f"Carbon handprint of ICT, scenario {self.scenario.name}",
            "scenario": self.scenario.model_dump_json(),
            "record": json.dumps(asdict(self.record), default=_plain),
            "sources": json.dumps(cited(self.scenario), ensure_ascii=False),
        }
        write_datasets(path, {name: getattr(self, name) for name in DATASETS}, about)
        return path

    def to_tidy(self, folder: Path | str, *, force: bool = False) -> list[Path]:
        """
        Write every number of the run as one tidy CSV: see :func:`handprint.export.tidy`.

        Parameters
        ----------
        folder : path
            Made if needed.
        force : bool
            Whether files of these names may be replaced.

        Returns
        -------
        list of pathlib.Path
            ``numbers.csv`` and ``about.json``.

        Raises
        ------
        OutputExistsError
            If a file exists and ``force`` is not set; nothing is written then.
        """
        folder = Path(folder)
        paths = [folder / name for name in TIDY]
        fresh(*paths, force=force)
        folder.mkdir(parents=True, exist_ok=True)
        data = {name: getattr(self, name) for name in DATASETS}
        about = {
            "scenario": self.scenario.model_dump(mode="json"),
            "record": asdict(self.record),
            "sources": cited(self.scenario),
            "datasets": {name: shape_of(dataset) for name, dataset in data.items()},
        }
        texts = [
            tidy_text(data, self.scenario.name),
            json.dumps(about, default=_plain, ensure_ascii=False, indent=1) + "\n",
        ]
        write_whole(dict(zip(paths, texts, strict=True)), paths[-1])
        return paths

    @classmethod
    def read(cls, folder: Path | str) -> Results:
        """
        Read a run back.

        Parameters
        ----------
        folder : path
            Folder written by :meth:`save` or :func:`handprint.export.tidy`, or file written by
            :func:`handprint.export.netcdf`.

        Returns
        -------
        Results
            Equal to what was saved.

        Raises
        ------
        ScenarioError
            If there is no complete run.
        MissingExtraError
            If it is a netCDF file, without the libraries of the extra ``netcdf``.
        """
        data, scenario, record = read_run(Path(folder), DATASETS)
        try:
            return cls(
                scenario=Scenario.model_validate(scenario), record=RunRecord(**record), **data
            )
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            raise ScenarioError(f"{folder}: not a complete run ({err}): run it again") from err


RUN = Kind("results of a run (handprint.run makes them)", lambda value: isinstance(value, Results))


def read_summary(path: Path | str) -> pd.DataFrame:
    """
    Read a ``summary.csv`` back, every number to its last bit.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    pandas.DataFrame
        As :meth:`Results.summary` gave it.

    Raises
    ------
    ScenarioError
        If it has other columns.
    """
    # Python's own reading of a number is exact; that of pandas is not in every version.
    found = pd.read_csv(path, converters={"value": float})
    if list(found.columns) != COLUMNS:
        raise ScenarioError(
            f"{path}: columns are {', '.join(map(str, found.columns))}; needed {', '.join(COLUMNS)}"
        )
    return found


def cited(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """
    Look up the sources that a scenario cites.

    Parameters
    ----------
    scenario : Scenario
        Any.

    Returns
    -------
    dict
        Key -> entry of ``sources.toml``, in order of the keys.
    """
    found: set[str] = set()

    def _collect(value: object) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("source"), str):
                found.add(value["source"])
            for inner in value.values():
                _collect(inner)
        elif isinstance(value, list):
            for inner in value:
                _collect(inner)

    _collect(scenario.model_dump(mode="json"))
    own = {key: one.model_dump(exclude_none=True) for key, one in scenario.sources.items()}
    known = {**sources(), **own}
    return {key: known[key] for key in sorted(found) if key in known}


def fresh(*paths: Path, force: bool) -> None:
    """
    Refuse to overwrite.

    Parameters
    ----------
    *paths : pathlib.Path
        Files about to be written.
    force : bool
        Whether existing files may be replaced.

    Raises
    ------
    OutputExistsError
        Naming the first file that exists, or the first that is a folder.
    """
    for path in paths:
        if path.is_dir():
            raise OutputExistsError(f"{path} is a folder: give the name of a file")
    taken = [p for p in paths if p.exists()]
    if taken and not force:
        raise OutputExistsError(
            f"{taken[0]} exists: choose another place, or --force to replace it"
        )


def write(path: Path, content: str | bytes) -> None:
    """
    Write a file under a temporary name, then rename it: never half a file.

    Parameters
    ----------
    path : pathlib.Path
        Where.
    content : str or bytes
        What; text is written as UTF-8.
    """
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _plain(value: object) -> object:
    """JSON form of numpy scalars and arrays."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
