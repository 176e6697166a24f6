"""A manifest for an unknown sheet, proposed from what the sheet shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from io_tables.cells import Cells, read_book, read_cells, sha256
from io_tables.errors import BalanceError, LayoutError, TableError, TableFileError
from io_tables.files import LIMITS, demand_kind, existing
from io_tables.guesses import described
from io_tables.manifest import read_manifest
from io_tables.readers import LAYOUTS, opened, recognise
from io_tables.readers.grid import year_in
from io_tables.recognition import LARGEST
from io_tables.wide_fields import Seen

NEEDED = {
    "units": "monetary unit of all flows, for example 10^4 CNY or 10^6 USD",
    "price_basis": "kind of prices and their year, for example current basic prices 2017",
    "source": "publisher and table, as it should be cited",
}
UNKNOWN = "?"
SLIPS = 5  # sums that may be the publisher's slips


@dataclass(frozen=True)
class Proposal:
    """
    What was recognised in a file, and the manifest that says so.

    Parameters
    ----------
    file : str
        Name of the file.
    sheet : str, optional
        Sheet of a workbook.
    manifest : mapping
        Fields of a manifest; those that are missing are ``"?"``.
    seen : tuple of Seen
        What was recognised, where, how it was verified, and whether that is sure.
    missing : tuple of str
        Fields that the file does not show: to be filled in.
    outcome : str
        What reading the file with this manifest gives.
    ok : bool
        Whether it reads.
    """

    file: str
    sheet: str | None
    manifest: Mapping[str, Any]
    seen: tuple[Seen, ...]
    missing: tuple[str, ...]
    outcome: str
    ok: bool

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {**asdict(self), "seen": [asdict(s) for s in self.seen]}

    def text(self) -> str:
        """
        Say what was recognised, how, and what has to be filled in.

        Returns
        -------
        str
            Lines.
        """
        place = f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
        lines = [f"{place}: {'recognised' if self.ok else 'recognised in part'}"]
        lines += [f"  {'+' if s.sure else '?'} {s}" for s in self.seen]
        lines += [f"  - {key}: not in the sheet: {NEEDED.get(key, '')}" for key in self.missing]
        return "\n".join([*lines, self.outcome])

    def to_toml(self) -> str:
        """
        Write the manifest for editing: what was recognised stands above it as comments.

        Returns
        -------
        str
            TOML; empty fields have to be filled in before the file can be read.
        """
        body = read_manifest(self.manifest).to_toml()
        for key in self.missing:
            hint = NEEDED.get(key, "")
            body = body.replace(f'{key} = "{UNKNOWN}"\n', f'{key} = ""  # fill in: {hint}\n', 1)
        notes = [f"# {'sure' if s.sure else 'to be checked'}: {s}" for s in self.seen]
        outcome = [f"# {line}" for line in self.outcome.splitlines()]
        head = ["# Proposed from the content of the file; edit what is wrong.", *notes, *outcome]
        return "\n".join([*(" ".join(line.split()) for line in head), "", body])

    def write(self, path: Path | str, *, force: bool = False) -> Path:
        """
        Write the manifest.

        Parameters
        ----------
        path : path
            TOML file.
        force : bool
            Whether an older one may be replaced.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        TableFileError
            If it exists.
        """
        path = Path(path)
        if path.exists() and not force:
            raise TableFileError(f"{path} exists: choose another name, or replace it by force")
        draft = path.with_name(path.name + ".part")
        draft.write_text(self.to_toml(), encoding="utf-8", newline="\n")
        draft.replace(path)
        return path


def propose(
    path: Path | str,
    *,
    sheet: str | int | None = None,
    encoding: str | None = None,
    publishers: bool = True,
) -> Proposal:
    """
    Recognise what a sheet holds, and propose a manifest for it.

    Parameters
    ----------
    path : path
        Text file, workbook or parquet file.
    sheet : str or int, optional
        Sheet of a workbook; default the one with the largest table.
    encoding : str, optional
        Encoding of a text file; default UTF-8.
    publishers : bool
        Whether to look for the layouts of publishers first.

    Returns
    -------
    Proposal
        What was recognised and how it was verified; nothing is written.

    Raises
    ------
    TableFileError
        If the file cannot be read.
    LayoutError
        If no labels are found that stand in a line and in a column.
    """
    path = existing(path)
    if publishers and sheet is None and encoding is None:
        known = _published(path)
        if known is not None:
            return known
    tried = ((cells, described(cells, path.stem)) for cells in _sheets(path, sheet, encoding))
    found = [(cells, told) for cells, told in tried if told is not None]
    if not found:
        raise LayoutError(
            f"{path.name}: no labels stand both in a line and in a column, so the sectors are not "
            'recognised: write a manifest by hand, with match = "position" if rows and columns '
            "are labelled differently"
        )
    chosen, (_, fields, seen) = max(found, key=lambda f: f[1][0])
    manifest = {"name": path.stem, "layout": "wide", **dict.fromkeys(NEEDED, UNKNOWN), **fields}
    if encoding is not None:
        manifest["encoding"] = encoding
    if chosen.sheet is not None and chosen.name != path.name:
        manifest["sheet"] = chosen.sheet
    manifest["files"] = [{"name": path.name, "sha256": sha256(path)}]
    return _tried(path, chosen.sheet, manifest, seen)


def _sheets(path: Path, sheet: str | int | None, encoding: str | None) -> list[Cells]:
    """Sheets of a file that are not too large to be looked through."""
    if demand_kind(path) not in ("zip", "ole"):
        found = [read_cells(path, sheet, encoding=encoding)]
    else:
        found = list(read_book(path, None if sheet is None else [sheet], blank=True))
    small = [
        c
        for c in found
        if c.rows and len(c.rows) * max(map(len, c.rows)) <= min(LARGEST, LIMITS.cells)
    ]
    if not small:
        raise TableFileError(
            f"{path.name}: too large to be looked through: propose from a part of it, or write the "
            "manifest by hand"
        )
    return small


def _published(path: Path) -> Proposal | None:
    """Proposal for a layout that a reader knows."""
    try:
        cells = opened(path)
        layout = recognise(cells)
    except (LayoutError, TableFileError):  # another sheet may hold a table
        return None
    reader = LAYOUTS[layout]
    fields: dict[str, Any] = {"name": path.stem, "layout": layout, **reader.DEFAULTS}
    seen = [Seen("layout", layout, "", "names and codes of the publisher")]
    try:
        facts = reader.facts(cells) if hasattr(reader, "facts") else {}
    except LayoutError as error:
        facts = {}
        seen.append(Seen("content", "no flows", "", " ".join(str(error).split()), sure=False))
    fields |= facts
    if "year" in facts:
        seen.append(Seen("year", str(facts["year"]), "", "the file says so"))
    elif (year := year_in(path.stem.replace("_", " "))) is not None:
        fields["year"] = year
        seen.append(Seen("year", str(year), "", f"name of the file, {path.name}", sure=False))
    if hasattr(reader, "PRICES") and "year" in fields:
        fields["price_basis"] = reader.PRICES.format(year=fields["year"])
    for key in ("units", "source", "price_basis"):
        if key in fields:
            seen.append(Seen(key, str(fields[key]), "", f"every file of layout {layout} has it"))
    fields = dict.fromkeys(NEEDED, UNKNOWN) | fields
    fields["files"] = [{"name": path.name, "sha256": sha256(path)}]
    proposal = _tried(path, cells.sheet, fields, seen)
    gap = _forgivable(path, fields)
    if proposal.ok or gap is None:
        return proposal
    how = "rows, columns or printed totals miss their parts by so much: is the difference the "
    seen.append(Seen("tolerance", f"{gap:g}", "", f"{how}publisher's?", sure=False))
    return _tried(path, cells.sheet, fields | {"tolerance": gap}, seen)


def _forgivable(path: Path, fields: Mapping[str, Any]) -> float | None:
    """Largest gap of a few sums that keep the file from being read; None for anything else."""
    from io_tables.catalogue import read

    try:
        read(path, manifest=fields)
    except TableError as error:
        values = [f.value for f in error.findings]
        pairs = [v for v in values if isinstance(v, tuple) and len(v) == 2]
        sums = all(isinstance(f.error, type) and f.error is BalanceError for f in error.findings)
        if sums and 0 < len(values) <= SLIPS and pairs:
            return max(abs(a - b) for a, b in pairs)
    return None


def _tried(path: Path, sheet: str | None, fields: dict[str, Any], seen: list[Seen]) -> Proposal:
    """Read the file with what is proposed, and say what comes out."""
    from io_tables.catalogue import read

    missing = tuple(key for key in NEEDED if fields.get(key) == UNKNOWN)
    try:
        table = read(path, manifest=fields)
    except TableError as error:
        lines = str(error).splitlines()[:6]
        return Proposal(
            path.name,
            sheet,
            fields,
            tuple(seen),
            missing,
            "\n".join(["reads not yet:", *lines]),
            False,
        )
    gap = float(np.abs(table.transactions.values.sum(1) + table.final_demand.values.sum(1)
                       - table.output.values).max())  # fmt: skip
    outcome = (
        f"reads as a table of {len(table.sectors)} sectors, {len(table.categories)} categories of "
        f"final demand; rows miss output by at most {gap:.4g}"
    )
    return Proposal(path.name, sheet, fields, tuple(seen), missing, outcome, True)
