"""Reading sector files; everything that is wrong with one is reported at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sector_models.errors import SectorFileError, UnknownSectorError, did_you_mean
from sector_models.expanding import at_defaults, expanded
from sector_models.parameters import Parameter, Source
from sector_models.records import Economy, Sector
from sector_models.whole import misfits

_DATA = files("sector_models") / "data"
_NOT_SECTORS = ("economy", "sources", "common", "cases", "ict_account", "targets", "scorecards")
_LARGEST = 200_000
_RecordT = TypeVar("_RecordT", bound=BaseModel)


def names() -> list[str]:
    """
    List the shipped sectors.

    Returns
    -------
    list of str
        Names that `load` takes.

    Examples
    --------
    >>> {"buildings", "industry", "power", "steel", "transport"} <= set(names())
    True
    """
    found = (entry.name for entry in _DATA.iterdir() if entry.name.endswith(".toml"))
    return sorted({name.removesuffix(".toml") for name in found} - set(_NOT_SECTORS))


def load(name_or_path: str | Path) -> Sector:
    """
    Read a sector, shipped or from a file of the user.

    Parameters
    ----------
    name_or_path : str or pathlib.Path
        A name out of `names`, or the path of a TOML file.

    Returns
    -------
    Sector
        The checked sector.

    Raises
    ------
    UnknownSectorError
        If there is neither a shipped sector nor a file of this name.
    SectorFileError
        If the file cannot be read or is wrong; lists all problems with their places.

    Examples
    --------
    >>> load("transport").title
    'Transport'
    """
    if name_or_path in names():
        place = f"{name_or_path}.toml"
        content = (_DATA / place).read_bytes()
    elif not isinstance(name_or_path, str | Path):
        raise UnknownSectorError(f"{name_or_path!r} is neither a name nor a path")
    else:
        path = Path(name_or_path)
        if not path.suffix and not path.exists():
            hint = did_you_mean(name_or_path, names())
            raise UnknownSectorError(f"no sector {str(name_or_path)!r}; {hint}")
        place = path.name
        content = _read(path)
    return _sector(content, place)


@lru_cache(maxsize=64)
def _sector(content: bytes, place: str) -> Sector:
    """Check the content of a file; records are frozen, so the same content may be shared."""
    stated = _parse(content, place)
    try:
        raw, problems = expanded(stated, common())
    except RecursionError as err:
        raise SectorFileError(place, ["nested too deeply"]) from err
    try:
        return _validate(Sector, raw, place, problems)
    except SectorFileError as err:
        raise SectorFileError(place, at_defaults(err.problems, stated)) from err.__cause__


def load_economy() -> Economy:
    """
    Read how the shipped sectors make up the economy.

    Returns
    -------
    Economy
        National emissions, shares of the sectors and the published total saving.

    Examples
    --------
    >>> load_economy().shares["power"].value
    0.47
    """
    place = "economy.toml"
    return _validate(Economy, _parse((_DATA / place).read_bytes(), place), place)


def sources() -> dict[str, Source]:
    """
    Shipped sources by key.

    Returns
    -------
    dict of Source
        What the keys in the field ``source`` of a parameter stand for.

    Examples
    --------
    >>> sources()["caict_2021"].year
    2021
    """
    raw = _parse((_DATA / "sources.toml").read_bytes(), "sources.toml")
    return {key: Source.model_validate(entry) for key, entry in raw.items()}


@cache
def common() -> dict[str, Any]:
    """
    Shipped parameters that a sector file may name as ``common.KEY``.

    Returns
    -------
    dict
        Raw parameters by key.

    Examples
    --------
    >>> common()["grid_factor"]["units"]
    't CO2/MWh'
    """
    return _parse((_DATA / "common.toml").read_bytes(), "common.toml")


def provenance(sector: Sector | str | Path) -> pd.DataFrame:
    """
    Every number of a sector with its range and origin.

    Parameters
    ----------
    sector : Sector, str or pathlib.Path
        A sector, or its name or file.

    Returns
    -------
    pandas.DataFrame
        Columns parameter, value, low, high, units, year, status, source, note; one row per
        number. Parameters of adoption curves have no range: low and high repeat the value.

    Examples
    --------
    >>> table = provenance("industry")
    >>> table.loc[table["parameter"] == "total", ["value", "status"]].values.tolist()
    [[0.175, 'published']]
    """
    record = sector if isinstance(sector, Sector) else load(sector)
    return pd.DataFrame(
        list(_rows(record, "")),
        columns=[
            "parameter",
            "value",
            "low",
            "high",
            "units",
            "year",
            "status",
            "source",
            "note",
        ],
    )


def _rows(record: BaseModel, path: str) -> Iterator[tuple[object, ...]]:
    """Walk through a record and describe each number in it."""
    if isinstance(record, Parameter):
        numbers = (record.value, record.low, record.high, record.units, record.year)
        yield path, *numbers, record.status, ", ".join(record.source), record.note or ""
        return
    curve = getattr(record, "curve_parameters", None)
    if curve is not None:
        origin = (record.status, ", ".join(record.source), record.note or "")  # type: ignore[attr-defined]
        for key, number in curve.items():
            units = _CURVE_UNITS.get(key, "1")
            year = int(curve.get("first_year", curve.get("midpoint", 2020)))
            yield f"{path}.{key}", number, number, number, units, year, *origin
        return
    for key, value in record:
        children = value.items() if isinstance(value, dict) else [("", value)]
        for label, child in children:
            if isinstance(child, BaseModel) and not isinstance(child, Source):
                yield from _rows(child, ".".join(part for part in (path, key, label) if part))


_CURVE_UNITS = {
    **dict.fromkeys(("first_year", "last_year", "midpoint"), "year"),
    **dict.fromkeys(("speed", "innovation", "imitation"), "1/year"),
}


def _read(path: Path) -> bytes:
    """Read a file of the user, but not one that cannot be a sector file."""
    try:
        if path.stat().st_size > _LARGEST:
            raise SectorFileError(path.name, ["larger than 200 kB: this is no sector file"])
        return path.read_bytes()
    except OSError as err:
        raise SectorFileError(path.name, [f"cannot be read: {err.strerror}"]) from err


def _parse(content: bytes, place: str) -> dict[str, Any]:
    """Decode TOML."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as err:
        raise SectorFileError(place, [f"not UTF-8 text: byte {err.start}"]) from err
    except tomllib.TOMLDecodeError as err:
        raise SectorFileError(place, [f"not TOML: {err}"]) from err
    except RecursionError as err:
        raise SectorFileError(place, ["nested too deeply"]) from err


def _validate(
    model: type[_RecordT], raw: dict[str, Any], place: str, known: Iterable[str] = ()
) -> _RecordT:
    """Make a record of parsed TOML, or report all problems together with those known before."""
    known = list(known)
    try:
        problems = [*known, *_unresolved(raw), *misfits(raw)]
        record = model.model_validate(raw)
    except RecursionError as err:
        raise SectorFileError(place, ["nested too deeply"]) from err
    except ValidationError as err:
        found = [line for e in err.errors() for line in _sentences(model, e)]
        named = {line.partition(":")[0] for line in known}  # what a name stands for is unknown
        found = [line for line in found if line.partition(":")[0] not in named]
        problems = list(dict.fromkeys(found + problems))
    if problems:
        raise SectorFileError(place, problems)
    return record


def _unresolved(raw: Mapping[str, Any]) -> list[str]:
    """List sources that no entry explains; works on raw data to find them all."""
    own = raw.get("sources", {})
    known = {*sources(), *(own if isinstance(own, dict) else ())}
    return [
        f"{path}: no source {key!r}; {did_you_mean(key, known)}"
        for path, key in _source_keys({k: v for k, v in raw.items() if k != "sources"}, "")
        if key not in known
    ]


def _source_keys(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Walk through nested tables and yield each source key with its place."""
    for key, value in table.items():
        place = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _source_keys(value, place)
        elif key == "source":
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, str) and entry.strip():
                    yield place, entry
        elif isinstance(value, list):
            tables = {str(n): entry for n, entry in enumerate(value) if isinstance(entry, dict)}
            yield from _source_keys(tables, place)


def _sentences(model: type[BaseModel], error: ErrorDetails) -> list[str]:
    """Findings about the record as a whole come as lines with their places."""
    if not error["loc"]:
        return str(error["ctx"]["error"]).splitlines()
    return [_sentence(model, error)]


def _sentence(model: type[BaseModel], error: ErrorDetails) -> str:
    """Turn an error of the validation into a sentence with its place."""
    place = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    match error["type"]:
        case "extra_forbidden":
            options = _keys(model, error["loc"][:-1])
            problem = f"unknown key; {did_you_mean(error['loc'][-1], options)}"
        case "missing":
            problem = f"is missing; {_meaning(model, error['loc'])}"
        case "float_type" | "float_parsing" | "int_type" | "int_parsing":
            problem = f"{given!r} is not a number"
        case "finite_number":
            problem = f"{given!r} is not a finite number"
        case "literal_error":
            problem = f"{given!r} is not allowed; valid: {error['ctx']['expected']}"
        case "string_pattern_mismatch":
            problem = "is empty"
        case "value_error":
            problem = str(error["ctx"]["error"])
        case _:
            problem = f"{given!r}: {error['msg']}"
    return f"{place}: {problem}"


def _meaning(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """What belongs at a place, in the words of the record."""
    record = _record(model, place[:-1])
    text = record.model_fields[str(place[-1])].description or ""
    return f"add it: {text[:1].lower()}{text[1:]}".rstrip(".").replace("\n", " ")


def _keys(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are valid at a place of a record."""
    return list(_record(model, place).model_fields)


def _record(model: type[BaseModel], place: tuple[int | str, ...]) -> type[BaseModel]:
    """Kind of record at a place of a record."""
    annotation: Any = model
    for part in place:
        annotation = _plain(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(part)].annotation
        else:
            # Of a mapping the values; of a tuple such as (Record, ...) what it repeats.
            annotation = next(a for a in reversed(get_args(annotation)) if a is not Ellipsis)
    found: type[BaseModel] = _plain(annotation)
    return found


def _plain(annotation: Any) -> Any:
    """Strip ``Annotated`` and ``| None`` from a type."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in (UnionType, Union):
        return next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation
