"""What a table's file is: layout, units, prices, publisher, and how it was made."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from io_tables.errors import ManifestError, did_you_mean
from io_tables.files import demand_size, existing
from io_tables.report import Finding, as_error
from io_tables.sheets import STRICT, Text, Tidy, Wide

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


Layout = Literal[
    "nbs",
    "nbs_book",
    "wiod",
    "wiod_world",
    "oecd",
    "bea",
    "eurostat",
    "textbook",
    "tidy",
    "wide",
]
LARGEST = 2 * 2**20  # bytes of a manifest
DEEPEST = 1000  # points or brackets in one line of a manifest


class Account(BaseModel):
    """One satellite account of a table."""

    model_config = STRICT

    units: Text
    """Unit of sectors and households alike, for example `Mt`."""
    status: Literal["published", "derived", "assumption"] | None = None
    """Whether the publisher printed the numbers, they follow from printed ones, or are assumed."""
    note: str = ""
    """What a user of the account should know."""


class RawFile(BaseModel):
    """A publisher's file that the table comes from."""

    model_config = STRICT

    name: Text
    """File name, without folder."""
    sha256: Digest | None = None
    """Digest of the file's bytes."""
    publisher: str = ""
    """Who published the numbers in it."""

    @field_validator("name")
    @classmethod
    def _no_path(cls, name: str) -> str:
        if name in (".", "..") or any(sign in name for sign in "/\\:"):
            raise ValueError("a name without folder is wanted: the file stands beside the manifest")
        return name


class Manifest(BaseModel):
    """
    Description of a table's file; in TOML beside it, or a dictionary.

    Unknown keys are errors. `units`, `price_basis` and `source` have no defaults: a table whose
    unit is guessed is worth nothing.
    """

    model_config = STRICT

    name: Text
    """Short name of the table."""
    layout: Layout
    """How the file is laid out."""
    units: Text
    """Monetary unit of all flows, for example `10^4 CNY`."""
    price_basis: Text
    """Kind of prices and their year."""
    source: Text
    """Publisher and table, as it should be cited."""
    sheet: Text | int | None = None
    """Sheet of a workbook: its name, or its number from one; default the first."""
    encoding: Text | None = None
    """Encoding of a text file, for example `gb18030`; default UTF-8."""
    delimiter: Literal[",", ";", "\t"] | None = None
    """What separates the cells of a text file; default recognised."""
    title: str = ""
    """English title."""
    title_zh: str = ""
    """Chinese title."""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    """Year of the flows."""
    publisher: str = ""
    """Who published the table."""
    classification: str = ""
    """Sector classification that the labels belong to, for example `cn24`."""
    scope: Literal["direct", "direct+purchased"] | None = None
    """Whether emissions are the sector's own, or include purchased electricity and heat."""
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Largest gap between a row or column and output that counts as balanced, in `units`."""
    content_hash: Digest | None = None
    """`IOTable.content_hash` of the table in the file; checked when given."""
    notes: tuple[str, ...] = ()
    """What a user should know."""
    method: tuple[str, ...] = ()
    """Steps from the publisher's file to this one; becomes the table's history."""
    regions: tuple[str, ...] = ()
    """Region of each sector of a multi-region table, whose labels then read `region:sector`."""
    satellites: dict[str, Account] = {}
    """Satellite accounts by name; a plain string is read as the unit."""
    files: tuple[RawFile, ...] = ()
    """Publisher's files behind the table."""
    options: dict[str, str | int | float] = {}
    """Options of the reader, for example a companion file in the folder of the manifest."""
    wide: Wide | None = None
    """Where the parts of the table stand, for layout `wide`."""
    tidy: Tidy | None = None
    """How columns and blocks are called, for a sheet of layout `tidy` with other names."""

    @field_validator("satellites", mode="before")
    @classmethod
    def _unit_alone(cls, accounts: object) -> object:
        if not isinstance(accounts, Mapping):
            return accounts
        return {k: {"units": v} if isinstance(v, str) else v for k, v in accounts.items()}

    def to_toml(self) -> str:
        """
        Write the manifest as TOML; what has its default value is left out.

        Returns
        -------
        str
            Text that :func:`read_manifest` reads back to the same manifest.
        """
        data = self.model_dump(mode="json", exclude_defaults=True)
        below = {k: data.pop(k) for k in _TABLES if k in data}
        lines = _entries(data)
        for key, value in below.items():
            lines += _table(key, value)
        return "\n".join(lines) + "\n"


_TABLES = ("satellites", "options", "wide", "tidy", "files")
_FIELDS = frozenset(
    field for model in (Manifest, Account, RawFile, Wide, Tidy) for field in model.model_fields
)


def read_manifest(given: Path | str | Mapping[str, object], **options: object) -> Manifest:
    """
    Check a manifest.

    Parameters
    ----------
    given : path or mapping
        TOML file, or the same as a dictionary.
    **options
        Fields that override those given; None is left out.

    Returns
    -------
    Manifest
        Complete and without unknown keys.

    Raises
    ------
    ManifestError
        If a key is unknown, missing or has a wrong value; all problems are named.
    TableFileError
        If the file does not exist.
    """
    data: dict[str, Any]
    if isinstance(given, Mapping):
        subject, data = "manifest", dict(given)
    else:
        path = existing(given)
        subject = f"manifest {path.name}"
        data = _parsed(path, subject)
    data |= {key: value for key, value in options.items() if value is not None}
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise as_error(subject, [_finding(dict(e)) for e in error.errors()]) from None


def _parsed(path: Path, subject: str) -> dict[str, Any]:
    """Read TOML that a person could have written."""
    demand_size(path, LARGEST, "a manifest is a short text")
    try:
        text = path.read_text(encoding="utf-8-sig")
        for count, line in enumerate(text.splitlines(), start=1):
            if max(map(line.count, ".[{")) > DEEPEST:
                raise ManifestError(f"{subject}: line {count} is nested too deeply for a manifest")
        return tomllib.loads(text)
    except RecursionError:
        raise ManifestError(f"{subject}: nested too deeply for a manifest") from None
    except ValueError as error:
        if isinstance(error, ManifestError):
            raise
        raise ManifestError(f"{subject}: not a TOML file: {str(error)[:200]}") from error


def _finding(error: dict[str, Any]) -> Finding:
    """Say in our words what pydantic found."""
    path = [str(part) for part in error["loc"]]
    models: dict[str, type[BaseModel]] = {
        "satellites": Account,
        "files": RawFile,
        "wide": Wide,
        "tidy": Tidy,
    }
    model = models.get(path[0], Manifest) if len(path) > 1 else Manifest
    if error["type"] == "extra_forbidden":
        what, fix = "unknown key", did_you_mean(path[-1], model.model_fields)
    elif error["type"] == "missing":
        what, fix = "is missing", model.model_fields[path[-1]].description or "give it"
    else:
        what, fix = f"{error['input']!r}: {error['msg']}", "correct the value"
    return Finding("error", what, ".".join(path), fix, ManifestError)


def _table(name: str, value: Any) -> list[str]:
    """Write a dictionary, or a list of them, under headings."""
    if isinstance(value, list):
        return [line for item in value for line in ["", f"[[{name}]]", *_entries(item)]]
    plain = {k: v for k, v in value.items() if not isinstance(v, dict)}
    lines = ["", f"[{name}]", *_entries(plain)] if plain or not value else []
    for key, below in value.items():
        lines += _table(f"{name}.{_key(key)}", below) if isinstance(below, dict) else []
    return lines


def _entries(values: Mapping[str, object]) -> list[str]:
    return [f"{_key(key)} = {_toml(value)}" for key, value in values.items()]


def _key(text: str) -> str:
    """Write a key: fields of ours as they are, names of others in quotation marks."""
    return text if text in _FIELDS else _toml(text)


def _toml(value: object) -> str:
    """Write a string, number, truth value or list as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):  # a JSON string is a TOML basic string but for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[\n" + "".join(f"  {_toml(item)},\n" for item in value) + "]"
    return repr(value)
