"""Tables read before, kept as arrays: found by content, never by name or date."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from io_tables import errors
from io_tables.cells import sha256
from io_tables.kinds import demand_path
from io_tables.provenance import Located, Provenance, Step, attached, reader_version
from io_tables.report import Finding
from io_tables.table import IOTable

FORMAT = 1
SMALLEST = 2**20  # bytes of a file below which reading it again is as fast
VARIABLE = "HANDPRINT_CACHE"
KEPT = 200_000  # lines of a tidy sheet whose places are kept
Given = bool | Path | str | None


def cache_folder(given: Given = None) -> Path | None:
    """
    Tell where tables are kept.

    Parameters
    ----------
    given : bool, path or None
        False for nowhere, True for the user's cache folder, or a folder; None asks the
        variable ``HANDPRINT_CACHE``: ``1``, ``0`` or a folder. Without it nothing is kept.

    Returns
    -------
    pathlib.Path or None
        Folder, which need not exist.
    """
    if given is None:
        named = os.environ.get(VARIABLE, "")
        given = {"": False, "0": False, "1": True}.get(named, named)
    if given is False:
        return None
    if given is True:
        base = os.environ.get("XDG_CACHE_HOME") or (
            os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
        )
        return Path(base or Path.home() / ".cache") / "handprint" / "tables"
    return demand_path(given, "cache")


def cache_key(
    path: Path, manifest: Path | str | Mapping[str, object] | None, options: Mapping[str, object]
) -> str:
    """
    Digest of everything a table depends on.

    Parameters
    ----------
    path : pathlib.Path
        File.
    manifest : path or mapping, optional
        Its description.
    options : mapping
        Options of the call.

    Returns
    -------
    str
        Of the file's name and bytes, the manifest, the options, every file that either names,
        and the code of the readers.

    Raises
    ------
    TableFileError
        If the file does not exist.
    """
    parts: list[object] = [FORMAT, reader_version(), path.name, sha256(path)]
    folder, told = path.parent, manifest
    if isinstance(manifest, str | Path):
        folder = Path(manifest).parent
        parts.append(sha256(manifest))
        told = Path(manifest).read_text(encoding="utf-8-sig", errors="replace")
    parts += [json.dumps(told, sort_keys=True, default=str), _files(told, folder)]
    parts += [json.dumps(options, sort_keys=True, default=str), _files(options, Path())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _files(told: object, folder: Path) -> dict[str, str]:
    """Digests of files that are named."""
    if isinstance(told, str) and "\n" in told:
        import tomllib

        try:
            told = tomllib.loads(told)
        except (ValueError, RecursionError):
            return {}
    if isinstance(told, Mapping):
        return {k: v for value in told.values() for k, v in _files(value, folder).items()}
    if isinstance(told, list | tuple):
        return {k: v for value in told for k, v in _files(value, folder).items()}
    if isinstance(told, str | Path) and 0 < len(str(told)) < 4096:
        file = folder / str(told)
        try:
            return {str(told): sha256(file)} if file.is_file() else {}
        except (OSError, ValueError):
            return {}
    return {}


def load_cached(folder: Path, key: str) -> IOTable | None:
    """
    Return a table that was kept.

    Parameters
    ----------
    folder : pathlib.Path
        Cache.
    key : str
        Of :func:`cache_key`.

    Returns
    -------
    IOTable or None
        Checked again; None where there is none, or it is damaged.
    """
    home = folder / key
    try:
        with (home / "table.json").open(encoding="utf-8") as file:
            told = json.load(file)
        if told["format"] != FORMAT or told["key"] != key:
            return None
        arrays = {name: _loaded(home, about) for name, about in told["arrays"].items()}
        return _table(told, arrays)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None


def _loaded(home: Path, about: Mapping[str, Any]) -> xr.DataArray:
    """One array, compared with its checksum."""
    values = np.load(home / about["file"], allow_pickle=False)
    if list(values.shape) != about["shape"] or values.dtype != np.float64:
        raise ValueError("another array")
    if zlib.crc32(np.asarray(values, order="C").data) != about["crc32"]:
        raise ValueError("damaged")
    coords = {name: (tuple(dims), labels) for name, (dims, labels) in about["coords"].items()}
    return xr.DataArray(
        values, coords=coords, dims=about["dims"], name=about["name"], attrs=about["attrs"]
    )


def _table(told: Mapping[str, Any], arrays: Mapping[str, xr.DataArray]) -> IOTable:
    """Put a table together."""
    remarks = [
        Finding(**{**r, "error": getattr(errors, r["error"]), "value": _value(r["value"])})
        for r in told["remarks"]
    ]
    named: dict[str, dict[str, xr.DataArray]] = {"satellite": {}, "households": {}}
    for key, array in arrays.items():
        kind, _, name = key.partition(" ")
        if kind in named:
            named[kind][name] = array
    table = IOTable(
        transactions=arrays["transactions"],
        final_demand=arrays["final demand"],
        output=arrays["output"],
        primary_inputs=arrays["primary inputs"],
        satellites=named["satellite"],
        households=named["households"],
        remarks=tuple(remarks),
        **told["fields"],
        history=tuple(told["history"]),
    )
    return attached(table, _provenance(told["provenance"]))


def _value(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _provenance(told: dict[str, Any] | None) -> Provenance | None:
    if told is None:
        return None
    located = told.pop("located")
    steps = tuple(
        Step(s["at"], {k: tuple((o, w) for o, w in v) for k, v in s["members"].items()})
        for s in told.pop("steps")
    )
    place = None
    if located is not None:
        rows = {k: tuple(v) for k, v in located["rows"].items()}
        lines = {(row, column): line for row, column, line in located["lines"]}
        place = Located(rows, located["columns"], lines, located["value_at"])
    return Provenance(**told, located=place, steps=steps)


def store(folder: Path, key: str, table: IOTable) -> bool:
    """
    Keep a table; whoever reads at the same time sees all of it or nothing.

    Parameters
    ----------
    folder : pathlib.Path
        Cache; made where it is missing.
    key : str
        Of :func:`cache_key`.
    table : IOTable
        As read.

    Returns
    -------
    bool
        False where it could not be written: reading goes on without.
    """
    home = folder / key
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = Path(tempfile.mkdtemp(prefix=f".{key[:16]}-", dir=folder))
    except OSError:
        return False
    try:
        told = _told(table, key, draft)
        (draft / "table.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        if home.exists():
            shutil.rmtree(home)
        draft.rename(home)
    except (OSError, TypeError, ValueError):
        shutil.rmtree(draft, ignore_errors=True)
        return False
    return True


def _told(table: IOTable, key: str, draft: Path) -> dict[str, Any]:
    """Write the arrays, and say the rest."""
    arrays = {}
    for i, (name, array) in enumerate(table._arrays().items()):
        values = np.asarray(array.values, dtype=np.float64, order="C")
        np.save(draft / f"{i}.npy", values, allow_pickle=False)
        arrays[name] = {
            "file": f"{i}.npy",
            "shape": list(values.shape),
            "crc32": zlib.crc32(values.data),
            "dims": list(array.dims),
            "name": array.name,
            "attrs": dict(array.attrs),
            "coords": {
                str(c): [list(v.dims), [str(x) for x in np.atleast_1d(v.values)]]
                for c, v in array.coords.items()
                if v.dims
            },
        }
    kept = ("units", "price_basis", "source", "scope", "tolerance", "name")
    return {
        "format": FORMAT,
        "key": key,
        "arrays": arrays,
        "fields": {field: getattr(table, field) for field in kept},
        "history": list(table.history),
        "remarks": [{**_plain(f), "error": f.error.__name__} for f in table.remarks],
        "provenance": _source(table.provenance),
    }


def _plain(finding: Finding) -> dict[str, Any]:
    kept = ("level", "what", "where", "fix", "code", "value")
    return {name: getattr(finding, name) for name in kept}


def _source(provenance: Provenance | None) -> dict[str, Any] | None:
    """Where the table comes from; the lines of a very long tidy sheet are left out."""
    if provenance is None:
        return None
    located = provenance.located
    plain = {f.name: getattr(provenance, f.name) for f in fields(provenance)}
    steps = [
        {"at": s.at, "members": {k: list(v) for k, v in s.members.items()}} for s in plain["steps"]
    ]
    plain |= {"located": None, "steps": steps}
    if located is not None and len(located.lines) <= KEPT:
        lines = [[row, column, line] for (row, column), line in located.lines.items()]
        plain["located"] = {
            "rows": {k: list(v) for k, v in located.rows.items()},
            "columns": dict(located.columns),
            "lines": lines,
            "value_at": located.value_at,
        }
    return plain
