"""What a table's file is: layout, units, prices, publisher, and how it was made."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from io_tables.cells import existing
from io_tables.errors import ManifestError, did_you_mean
from io_tables.report import Finding, as_error

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_STRICT = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Account(BaseModel):
    """One satellite account of a table."""

    model_config = _STRICT

    units: Text
    """Unit of sectors and households alike, for example `Mt`."""
    status: Literal["published", "derived", "assumption"] | None = None
    """Whether the publisher printed the numbers, they follow from printed ones, or are assumed."""
    note: str = ""
    """What a user of the account should know."""


class RawFile(BaseModel):
    """A publisher's file that the table comes from."""

    model_config = _STRICT

    name: Text
    """File name, without folder."""
    sha256: Digest | None = None
    """Digest of the file's bytes."""
    publisher: str = ""
    """Who published the numbers in it."""


class Manifest(BaseModel):
    """
    Description of a table's file; in TOML beside it, or a dictionary.

    Unknown keys are errors. `units`, `price_basis` and `source` have no defaults: a table whose
    unit is guessed is worth nothing.
    """

    model_config = _STRICT

    name: Text
    """Short name of the table."""
    layout: Literal["nbs", "tidy"]
    """How the file is laid out."""
    units: Text
    """Monetary unit of all flows, for example `10^4 CNY`."""
    price_basis: Text
    """Kind of prices and their year."""
    source: Text
    """Publisher and table, as it should be cited."""
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
        accounts: dict[str, dict[str, object]] = data.pop("satellites", {})
        files: list[dict[str, object]] = data.pop("files", [])
        lines = [f"{key} = {_toml(value)}" for key, value in data.items()]
        for name, account in accounts.items():
            lines += ["", f"[satellites.{_toml(name)}]"]
            lines += [f"{key} = {_toml(value)}" for key, value in account.items()]
        for file in files:
            lines += ["", "[[files]]", *(f"{key} = {_toml(value)}" for key, value in file.items())]
        return "\n".join(lines) + "\n"


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
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ManifestError(f"{subject}: not a TOML file: {error}") from error
    data |= {key: value for key, value in options.items() if value is not None}
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise as_error(subject, [_finding(dict(e)) for e in error.errors()]) from None


def _finding(error: dict[str, Any]) -> Finding:
    """Say in our words what pydantic found."""
    path = [str(part) for part in error["loc"]]
    models: dict[str, type[BaseModel]] = {"satellites": Account, "files": RawFile}
    model = models.get(path[0], Manifest) if len(path) > 1 else Manifest
    if error["type"] == "extra_forbidden":
        what, fix = "unknown key", did_you_mean(path[-1], model.model_fields)
    elif error["type"] == "missing":
        what, fix = "is missing", model.model_fields[path[-1]].description or "give it"
    else:
        what, fix = f"{error['input']!r}: {error['msg']}", "correct the value"
    return Finding("error", what, ".".join(path), fix, ManifestError)


def _toml(value: object) -> str:
    """Write a string, number or list as TOML."""
    if isinstance(value, str):  # a JSON string is a TOML basic string but for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[\n" + "".join(f"  {_toml(item)},\n" for item in value) + "]"
    return repr(value)
