"""Sheets of workbooks and parquet files as rows, once the guards have let them pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from io_tables.errors import MissingExtraError, TableFileError, UnsafeFileError, did_you_mean
from io_tables.files import Kind, Limits, demand_size
from io_tables.progress import following

Rows = list[list[Any]]
_PLAIN = {str, float, int}


def read_sheets(
    path: Path, kind: Kind, sheets: Sequence[str | int] | None, limits: Limits
) -> Iterator[tuple[str, Rows, bool]]:
    """
    Read sheets of a workbook: values, never formulas.

    Parameters
    ----------
    path : pathlib.Path
        File that begins as its kind does.
    kind : {"zip", "ole"}
        How it is packed.
    sheets : sequence of str or int, optional
        Names, or numbers from one; default all that hold cells.
    limits : Limits
        Largest sizes.

    Yields
    ------
    str
        Name of the sheet.
    list of list
        Its cells from A1 on.
    bool
        Whether the workbook has further sheets.

    Raises
    ------
    TableFileError
        If the file is no workbook, cut off, or has no such sheet.
    UnsafeFileError
        If a guard refuses it.
    """
    old = _guarded(path, kind, limits)
    with _Book(path) as book:
        names = _named(book)
        if not names:
            raise TableFileError(f"{path.name}: has no sheet with cells")
        chosen = names if sheets is None else [_chosen(path, s, names) for s in sheets]
        with following(f"{path.name}: sheets", 2 * len(chosen)) as step:
            for name in chosen:
                at = list(book.sheet_names).index(name)
                if old is None:
                    from io_tables.archives import sheet_marks

                    marks = sheet_marks(path, name, at, limits)
                else:
                    marks = old[at] if at < len(old) else {}
                step(1)
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                step(1)
                yield name, _values(rows, marks), len(names) > 1


def sheet_names(path: Path, kind: Kind, limits: Limits) -> list[str]:
    """
    List the sheets of a workbook that hold cells.

    Parameters
    ----------
    path : pathlib.Path
        File that begins as its kind does.
    kind : {"zip", "ole"}
        How it is packed.
    limits : Limits
        Largest sizes.

    Returns
    -------
    list of str
        In order; charts and dialogs left out.

    Raises
    ------
    TableFileError
        If the file is no workbook.
    UnsafeFileError
        If a guard refuses it.
    """
    _guarded(path, kind, limits)
    with _Book(path) as book:
        return _named(book)


class _Book:
    """A workbook that is open; whatever goes wrong in it is one of our errors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book: Any = None

    def __enter__(self) -> Any:
        """Open it."""
        from python_calamine import CalamineWorkbook

        try:
            self.book = CalamineWorkbook.from_path(self.path)
        except BaseException as error:
            self._refuse(error)
            raise
        return self.book

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Close it."""
        if self.book is not None:
            self.book.close()
        if error is not None:
            self._refuse(error)

    def _refuse(self, error: BaseException) -> None:
        """Say in our words what the parser stumbles over, a panic included."""
        home = type(error).__module__ or ""
        if "calamine" in home or "pyo3" in home or isinstance(error, OSError | ValueError):
            if isinstance(error, TableFileError):
                return
            what = "has a password" if "Password" in type(error).__name__ else "not a workbook"
            raise TableFileError(
                f"{self.path.name}: {what}: {str(error)[:200]}: save it again from its source"
            ) from None


def _named(book: Any) -> list[str]:
    """Names of sheets that hold cells."""
    plain = [m.name for m in book.sheets_metadata if str(m.typ).endswith("WorkSheet")]
    return plain or list(book.sheet_names)


def _guarded(path: Path, kind: Kind, limits: Limits) -> list[dict[tuple[int, int], str]] | None:
    """Refuse a harmful file; an old one is walked through whole, sheets of others later."""
    demand_size(path, limits.book, "save the sheet alone, or as CSV")
    if kind == "zip":
        from io_tables.archives import demand_archive

        demand_archive(path, limits)
        return None
    from io_tables.old_books import old_marks

    return old_marks(path, limits)


def _values(rows: Rows, marks: Mapping[tuple[int, int], str]) -> Rows:
    """Put errors, dates and truth values into the cells as text."""
    if not {type(cell) for row in rows for cell in row} <= _PLAIN:
        rows = [[_plain(cell) for cell in row] for row in rows]
    for (line, column), text in marks.items():
        if line < len(rows) and column < len(rows[line]):
            rows[line][column] = text
    return rows


def _chosen(path: Path, sheet: str | int | None, names: list[str]) -> str:
    """Name of the sheet that is asked for."""
    if sheet is None:
        return names[0]
    if isinstance(sheet, int):
        if 1 <= sheet <= len(names):
            return names[sheet - 1]
        raise TableFileError(f"{path.name}: no sheet {sheet}: it has {len(names)}")
    if sheet not in names:
        raise TableFileError(f"{path.name}: no sheet {sheet!r}; {did_you_mean(sheet, names)}")
    return sheet


def _plain(cell: object) -> object:
    """Turn dates, times and truth values into text: no number of a table is one."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell if cell is None or type(cell) in _PLAIN else str(cell)


def read_parquet(path: Path, limits: Limits) -> Rows:
    """
    Read a parquet file; the names of its columns are the first row.

    Parameters
    ----------
    path : pathlib.Path
        File that begins as parquet does.
    limits : Limits
        Largest sizes.

    Returns
    -------
    list of list
        Cells.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    TableFileError
        If the file is cut off or damaged.
    UnsafeFileError
        If it is too large.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow import parquet as pq
    except ImportError:
        raise MissingExtraError(
            f"{path.name}: parquet needs pyarrow: pip install pyarrow, or save the table as CSV"
        ) from None
    try:
        with pq.ParquetFile(path) as file:
            cells = (file.metadata.num_rows + 1) * file.metadata.num_columns
            if cells > limits.cells:
                raise UnsafeFileError(
                    f"{path.name}: {cells:,} cells, at most {limits.cells:,} are read at once"
                )
            table = file.read()
    except (ArrowException, OSError) as error:
        raise TableFileError(f"{path.name}: not parquet, or cut off: {error}") from error
    columns = [[_plain(cell) for cell in column.to_pylist()] for column in table.columns]
    return [list(table.column_names), *map(list, zip(*columns, strict=True))]
