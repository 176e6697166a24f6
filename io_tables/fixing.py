"""Safe repairs of a file: a new file, and a log that says what was changed and why."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xarray as xr

from io_tables.cells import existing, sha256
from io_tables.checking import attempt, check, without_echoes
from io_tables.errors import TableError, TableFileError
from io_tables.kinds import demand_path
from io_tables.manifest import Manifest, read_manifest
from io_tables.readers.options import COMPANION_OPTIONS, READER_OPTIONS, with_options
from io_tables.readers.tidy import write_tidy
from io_tables.repairs import OPENING, Change, Rows, cleaned, opened, reordered
from io_tables.report import Finding, Report, graded
from io_tables.table import IOTable
from io_tables.wording import words

DIFFERENCE = "statistical difference"
NOISE = 1e-12  # of output; a smaller gap is rounding of binary numbers, not of the publisher
DECLARED = ("total-mismatch",)  # errors that go when totals are formed again from their parts
BEFORE = {*OPENING, "files"}  # what a manifest says about the file before its repair
Given = Path | str | Mapping[str, object] | None
LOG_COLUMNS = tuple(f.name for f in fields(Change))


@dataclass(frozen=True)
class FixLog:
    """
    What a repair changed, and what is left.

    Parameters
    ----------
    source : str
        File that was repaired; it stays as it is.
    written : pathlib.Path or None
        New table; None when nothing was to be done or errors are left.
    changes : tuple of Change
        Every change with its place, old and new text, and reason.
    report : Report
        Check of the new file, or what is still wrong.
    """

    source: str
    written: Path | None
    changes: tuple[Change, ...]
    report: Report

    @property
    def ok(self) -> bool:
        """Whether the table can be used."""
        return self.report.ok

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {
            "source": self.source,
            "written": None if self.written is None else str(self.written),
            "ok": self.ok,
            "changes": [asdict(change) for change in self.changes],
            "report": self.report.to_dict(),
        }

    def text(self, lang: str = "en") -> str:
        """
        Say what was changed, and what the check of the result found.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of headings, kinds and levels.

        Returns
        -------
        str
            Lines.
        """
        word = words(lang)
        lines = [f"{self.source}: {word['changes']}: {len(self.changes)}"]
        lines += [
            f"{word[c.kind]}: {c.where}: {c.old!r} -> {c.new!r} ({c.why})" for c in self.changes
        ]
        nothing = "none_left" if self.ok else "errors_left"
        lines.append(f"{word['written']}: {self.written}" if self.written else word[nothing])
        return "\n".join([*lines, self.report.text(lang)])

    def __str__(self) -> str:
        """Write the log in English."""
        return self.text()


def fix(
    path: Path | str,
    out: Path | str,
    *,
    manifest: Given = None,
    difference: bool = True,
    **options: object,
) -> FixLog:
    """
    Repair what can be repaired safely, into a new file.

    Repaired are: blanks, zero-width and full-width letters in labels; thousands separators and
    typographic minus signs in numbers; columns in another order than the rows; a byte-order
    mark, GB 18030 or UTF-16; totals that the layout declares, where the table balances without
    them; gaps of rows within the tolerance, which go into a column of their own. A missing
    number is never invented, and labels that differ in more than that are left alone. Further
    files that the table consists of, such as its emissions, are cleaned in the same way, but
    for the order of their columns; the new table holds everything.

    Parameters
    ----------
    path : path
        File to repair; it is only read.
    out : path
        New tidy CSV; its manifest (``.toml``) and the log (``.fixes.csv``, ``.fixes.json``)
        stand beside it. None of them may exist.
    manifest : path or mapping, optional
        What the file is; default the file of the same name with ``.toml``.
    difference : bool
        Book gaps of rows within the tolerance in the category ``"statistical difference"``.
    **options
        As for :func:`io_tables.read`.

    Returns
    -------
    FixLog
        Changes, and the check of the new file. When errors are left, nothing is written.

    Raises
    ------
    TableFileError
        If the file does not exist, its encoding is not certain, or an output exists.
    ManifestError
        If the manifest is wrong.
    """
    path, out = existing(path), demand_path(out, "out")
    _free(out)
    described = _described(path, manifest, options)
    companions = _companions(described, options)
    rows, changes = opened(path, described, **{k: options[k] for k in OPENING if k in options})
    rows, more = cleaned(rows, path.name)
    changes += more
    rows, more = reordered(rows, path.name)
    changes += more
    with TemporaryDirectory() as folder:
        mended: dict[str, Path] = {}
        for option, file in companions.items():
            mended[option], more = _mended(file, Path(folder) / option)
            changes += more
        copy = _copy(rows, path, Path(folder))
        table, findings = _read(copy, described, {**options, **mended})
    if table is not None:
        changes += [_total(f) for f in findings if f.code in DECLARED]
        table, more = _balanced(table) if difference else (table, [])
        changes += more
    if table is None or not changes:
        if table is not None:
            findings = list(table.check())
        return FixLog(path.name, None, tuple(changes), graded(path.name, findings))
    step = f"{path.name} repaired in {len(changes)} place(s), listed in {_log(out, 'csv').name}"
    table = replace(table, history=(*table.history, step), name=out.stem)
    _write(table, out, [path, *companions.values()], described, options)
    log = FixLog(path.name, out, tuple(changes), check(out))
    _write_log(log, out)
    return log


def _log(out: Path, kind: str) -> Path:
    return out.with_suffix(f".fixes.{kind}")


def _free(out: Path) -> None:
    """Refuse to overwrite anything."""
    if out.suffix.lower() != ".csv":
        raise TableFileError(f"{out}: a repaired table is a tidy CSV file: name it .csv")
    for target in (out, out.with_suffix(".toml"), _log(out, "csv"), _log(out, "json")):
        if target.exists():
            raise TableFileError(f"{target} exists: choose another name")
    if not out.parent.is_dir():
        raise TableFileError(f"folder {out.parent} does not exist: make it first")


def _described(path: Path, manifest: Given, options: Mapping[str, object]) -> Manifest | None:
    """Manifest of the file, if there is one; the files that it names are found and compared."""
    beside = path.with_suffix(".toml")
    if manifest is None and beside.is_file():
        manifest = beside
    if manifest is None:
        return None
    known = {k: v for k, v in options.items() if k in Manifest.model_fields}
    own = {k: v for k, v in options.items() if k in READER_OPTIONS and v is not None}
    return with_options(read_manifest(manifest, **known), own, manifest)


def _companions(manifest: Manifest | None, options: Mapping[str, object]) -> dict[str, Path]:
    """Further files that the table consists of, by option."""
    said = {**(manifest.options if manifest else {}), **options}
    return {k: existing(str(said[k])) for k in COMPANION_OPTIONS if said.get(k) is not None}


def _mended(file: Path, folder: Path) -> tuple[Path, list[Change]]:
    """Clean a further file; it is read in its own place where nothing was to be done."""
    rows, changes = opened(file)
    rows, more = cleaned(rows, file.name)
    changes += more
    return (_copy(rows, file, folder) if changes else file), changes


def _copy(rows: Rows, path: Path, folder: Path) -> Path:
    """Write repaired rows as CSV under the name of their file."""
    folder.mkdir(exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    copy = folder / f"{path.stem}.csv"
    copy.write_text(text.getvalue(), encoding="utf-8", newline="")
    return copy


def _read(
    copy: Path, manifest: Manifest | None, options: Mapping[str, object]
) -> tuple[IOTable | None, list[Finding]]:
    """Read a repaired copy; a table comes only where nothing but declared totals is wrong."""
    given = None
    if manifest is not None:  # digests and encoding are those of the file before its repair
        given = manifest.model_dump(exclude={*BEFORE, "content_hash"}, exclude_defaults=True)
    options = {k: v for k, v in options.items() if k not in BEFORE}
    table, book = attempt(copy, manifest=given, **options)
    found = list(without_echoes(dict.fromkeys(book.findings)))
    errors = [f for f in found if f.level == "error"]
    if table is None and book.draft is not None and all(f.code in DECLARED for f in errors):
        draft = book.draft
        try:
            table = IOTable(**{f.name: getattr(draft, f.name) for f in fields(IOTable)})
        except TableError as error:
            found += error.findings
    return table, found


def _total(finding: Finding) -> Change:
    """Say how a declared total was formed again."""
    value = finding.value if isinstance(finding.value, tuple) else (np.nan, np.nan)
    why = "the layout declares it a total, and the table balances by its parts"
    return Change("total", finding.where, f"{value[0]:.12g}", f"{value[1]:.12g}", why)


def _balanced(table: IOTable) -> tuple[IOTable, list[Change]]:
    """Book gaps of rows in a column of final demand."""
    output = table.output.values
    gaps = output - table.transactions.values.sum(axis=1) - table.final_demand.values.sum(axis=1)
    if DIFFERENCE in table.categories or np.abs(gaps).max() <= NOISE * np.abs(output).max():
        return table, []
    column = xr.DataArray(
        gaps[:, None],
        coords={**table.final_demand.drop_vars("category").coords, "category": [DIFFERENCE]},
        dims=("sector", "category"),
    )
    demand = xr.concat([table.final_demand, column], dim="category", coords="minimal")
    why = f"gap of the row within the tolerance of {table.tolerance:g} {table.units}"
    made = [
        Change("difference", f"row {sector}, column {DIFFERENCE}", "", f"{gap:.12g}", why)
        for sector, gap in zip(table.sectors, gaps, strict=True)
        if gap != 0
    ]
    return replace(table, final_demand=demand.assign_attrs(table.final_demand.attrs)), made


def _write(
    table: IOTable,
    out: Path,
    sources: Sequence[Path],
    manifest: Manifest | None,
    options: Mapping[str, object],
) -> None:
    """Write the table with what its manifest or the caller said, and the files it comes from."""
    kept = ("title", "title_zh", "year", "publisher", "classification", "notes")
    said = manifest.model_dump(include={*kept}, exclude_defaults=True) if manifest else {}
    said |= {k: v for k, v in options.items() if k in kept and v is not None}
    notes = {
        name: account.model_dump(exclude={"units"}, exclude_none=True)
        for name, account in (manifest.satellites if manifest else {}).items()
    }
    files: Sequence[object] = [{"name": s.name, "sha256": sha256(s)} for s in sources]
    write_tidy(table, out, accounts=notes, files=files, **said)


def _write_log(log: FixLog, out: Path) -> None:
    """Write the log as CSV and as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LOG_COLUMNS)
    for change in log.changes:
        writer.writerow([_inert(str(getattr(change, name))) for name in LOG_COLUMNS])
    _log(out, "csv").write_text("\ufeff" + text.getvalue(), encoding="utf-8", newline="")
    content = json.dumps(log.to_dict(), ensure_ascii=False, indent=1)
    _log(out, "json").write_text(content + "\n", encoding="utf-8", newline="\n")


def _inert(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; the JSON log has it as it was."""
    harmless = text.lstrip("+-").replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and not harmless else text
