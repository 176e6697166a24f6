"""Numbers of a sheet by the codes of its rows and columns, with every bad cell remembered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from io_tables.cells import Cells
from io_tables.checks import shortened
from io_tables.errors import BalanceError, LayoutError, did_you_mean
from io_tables.provenance import Located
from io_tables.readers.assemble import parsed
from io_tables.report import Finding, refuse

Array = npt.NDArray[np.float64]


def text(cell: object) -> str:
    """
    Read a cell as text.

    Parameters
    ----------
    cell : object
        Text, number or nothing.

    Returns
    -------
    str
        Without blanks around it; a whole number without its point, nothing as ``""``.
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def label(cell: object) -> str:
    """
    Read a cell as a label, blanks around it included, so that they can be complained of.

    Parameters
    ----------
    cell : object
        Text, number or nothing.

    Returns
    -------
    str
        Text as it stands; anything else as :func:`text` writes it.
    """
    return cell if isinstance(cell, str) else text(cell)


@dataclass(frozen=True)
class Grid:
    """
    A sheet whose rows and columns are known by code.

    Parameters
    ----------
    cells : Cells
        The sheet.
    rows : mapping of str to int
        Line of each row's code, from zero.
    columns : mapping of str to int
        Place of each column's code, from zero.
    bad : list of Finding
        Cells without a number, collected while blocks are read.
    """

    cells: Cells
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    bad: list[Finding] = field(default_factory=list)

    def block(self, rows: Sequence[str], columns: Sequence[str]) -> Array:
        """
        Read the cells where some rows and some columns meet.

        Parameters
        ----------
        rows, columns : sequence of str
            Codes that the sheet has.

        Returns
        -------
        numpy.ndarray
            In the order given; a bad cell is NaN here and named in ``bad``.
        """
        values = [self._value(row, column) for row in rows for column in columns]
        return np.array(values, dtype=float).reshape(len(rows), len(columns))

    def row(self, code: str, columns: Sequence[str]) -> Array:
        """
        Read one row.

        Parameters
        ----------
        code : str
            Code of the row.
        columns : sequence of str
            Codes of columns.

        Returns
        -------
        numpy.ndarray
            One number for each column.
        """
        return self.block([code], columns).ravel()

    def column(self, code: str, rows: Sequence[str]) -> Array:
        """
        Read one column.

        Parameters
        ----------
        code : str
            Code of the column.
        rows : sequence of str
            Codes of rows.

        Returns
        -------
        numpy.ndarray
            One number for each row.
        """
        return self.block(rows, [code]).ravel()

    def demand_numbers(self) -> None:
        """
        Refuse the sheet if a cell read so far held no number.

        Raises
        ------
        MissingValueError
            Naming every such cell, up to a limit that is then stated.
        """
        refuse(self.cells.name, shortened(self.bad, self.cells.name))

    def _value(self, row: str, column: str) -> float:
        line, at = self.rows[row], self.columns[column]
        cells = self.cells.rows[line]
        cell = cells[at] if at < len(cells) else ""
        try:  # most cells are numbers: say where they are only when they are not
            if isinstance(cell, str):
                value = float(cell) if cell.isascii() and "_" not in cell else np.nan
            else:
                value = np.nan if cell is None else float(cell)
        except ValueError:
            value = np.nan
        if np.isfinite(value):
            return value
        shown = "" if cell is None else str(cell)
        where = f"{self.cells.name}, row {row} (line {line + 1}), column {column}"
        return parsed(shown, where, self.bad)


def placed(
    grid: Grid,
    sectors: Sequence[str],
    rows: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    abroad: Grid | None = None,
) -> Located:
    """
    Say where the labels of a table stand in its sheet.

    Parameters
    ----------
    grid : Grid
        Sheet.
    sectors : sequence of str
        Codes of the sectors, which are their labels.
    rows, columns : mapping of str to str, optional
        Code -> label of the table, for those that are no sectors.
    abroad : Grid, optional
        Imported flows that were added to the domestic ones.

    Returns
    -------
    Located
        Lines and columns by label.
    """
    named_rows = dict.fromkeys(sectors) | (dict(rows) if rows else {})
    named_columns = dict.fromkeys(sectors) | (dict(columns) if columns else {})
    lines: dict[str, tuple[int, ...]] = {}
    for code, name in named_rows.items():
        if code in grid.rows:
            other = (abroad.rows[code],) if abroad and code in abroad.rows else ()
            lines[name or code] = (grid.rows[code], *other)
    places = {n or c: grid.columns[c] for c, n in named_columns.items() if c in grid.columns}
    return Located(lines, places)


def code_findings(
    axis: str, found: Sequence[str], known: Sequence[str], needed: Sequence[str] | None = None
) -> Iterator[Finding]:
    """
    Name codes that are unknown, missing or given twice.

    Parameters
    ----------
    axis : str
        ``"row"`` or ``"column"``, for the message.
    found : sequence of str
        Codes of the file.
    known : sequence of str
        Codes that may be there.
    needed : sequence of str, optional
        Codes that must be there; default all that may.

    Yields
    ------
    Finding
        One for each wrong code.
    """
    for code, count in Counter(found).items():
        if code not in known:
            hint = did_you_mean(code, known)
            yield Finding("error", "unknown code", f"{axis} {code!r}", hint, LayoutError)
        elif count > 1:
            what = f"stands there {count} times"
            yield Finding("error", what, f"{axis} {code}", "leave one", LayoutError)
    for code in known if needed is None else needed:
        if code not in found:
            yield Finding(
                "error", "is missing", f"{axis} {code}", "is the file cut off?", LayoutError
            )


def wrong_totals(
    axis: str,
    labels: Sequence[str],
    printed: Mapping[str, Array],
    sums: Mapping[str, Array],
    tolerance: float,
) -> list[Finding]:
    """
    Compare printed totals with the sums of their parts.

    Parameters
    ----------
    axis : str
        Whether the totals are a ``"row"`` or a ``"column"``.
    labels : sequence of str
        Labels along the totals.
    printed, sums : mapping of str to numpy.ndarray
        By code of the total; a total that is not printed is not missed.
    tolerance : float
        Largest difference that counts as none.

    Returns
    -------
    list of Finding
        Errors, each naming row and column.
    """
    found = []
    other = "row" if axis == "column" else "column"
    for code, total in sums.items():
        if code not in printed:
            continue
        for i in np.flatnonzero(np.abs(printed[code] - total) > tolerance).tolist():
            found.append(
                Finding(
                    "error",
                    f"{_shown(printed[code][i])} is printed, the parts sum to {_shown(total[i])}",
                    f"{axis} {code}, {other} {labels[i]}",
                    "compare the parts with the publisher's table; give tolerance= if the "
                    "difference is the publisher's",
                    BalanceError,
                    "total-mismatch",
                    (float(printed[code][i]), float(total[i])),
                )
            )
    return shortened(found, "totals")


def as_warnings(findings: Sequence[Finding]) -> list[Finding]:
    """
    Turn errors that a given tolerance forgives into warnings.

    Parameters
    ----------
    findings : sequence of Finding
        Errors.

    Returns
    -------
    list of Finding
        The same as warnings.
    """
    fix = "let pass by the tolerance given"
    return [replace(finding, level="warning", fix=fix) for finding in findings]


def year_in(name: str) -> int | None:
    """
    Find the one year in a name or a heading.

    Parameters
    ----------
    name : str
        File name or text.

    Returns
    -------
    int or None
        None if there is no year or more than one.

    Examples
    --------
    >>> year_in("CHN_2012.csv"), year_in("table.csv"), year_in("2012-2017.csv")
    (2012, None, None)
    """
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name))
    return int(years.pop()) if len(years) == 1 else None


def country_in(name: str) -> str | None:
    """
    Find the country's code at the start of a file name.

    Parameters
    ----------
    name : str
        File name.

    Returns
    -------
    str or None
        Three capital letters, or None.

    Examples
    --------
    >>> country_in("CHN_2012.csv"), country_in("table.csv")
    ('CHN', None)
    """
    found = re.match(r"([A-Z]{3})(?![A-Za-z0-9])", name)
    return found.group(1) if found else None


def same_year(cells: Cells, stated: int | None, found: int | None) -> None:
    """
    Refuse a file of another year than stated.

    Parameters
    ----------
    cells : Cells
        The file.
    stated : int, optional
        Year in the manifest or the call.
    found : int, optional
        Year in the file.

    Raises
    ------
    LayoutError
        If both are known and differ.
    """
    if None not in (stated, found) and stated != found:
        raise LayoutError(
            f"{cells.name}: year {stated} is stated, the file says {found}: correct one of them"
        )


def _shown(value: float) -> str:
    """Write a number with all digits that a rounded table can have."""
    return f"{value:,.10g}"
