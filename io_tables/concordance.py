"""Concordances between sector classifications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.cells import read_cells
from io_tables.errors import ConcordanceError, did_you_mean
from io_tables.kinds import demand_mapping, demand_text, shown
from io_tables.report import Finding, refuse


@dataclass(frozen=True, eq=False)
class Concordance:
    """
    How the sectors of a table make up the sectors of another classification.

    Parameters
    ----------
    shares : xarray.DataArray
        Share of each sector that belongs to each target, dims (target, sector); columns
        sum to one.
    source : str
        Where the mapping comes from.
    """

    shares: xr.DataArray
    source: str

    def __post_init__(self) -> None:
        """Refuse shares that lose or create anything."""
        findings = []
        for label, column in zip(self.sectors, self.shares.values.T, strict=True):
            if not np.isfinite(column).all() or (column < 0).any():
                findings.append(_bad("a share is not a number from 0 to 1", label, "correct it"))
            elif abs(column.sum() - 1) > 1e-9:
                what = f"shares sum to {column.sum():.6g}, not 1"
                findings.append(_bad(what, label, "map it once, or give shares that sum to one"))
        for axis, labels in (("sector", self.sectors), ("target", self.targets)):
            findings += [_bad("occurs twice", f"{axis} {d}", "leave one") for d in _twice(labels)]
        refuse(f"concordance ({self.source})", findings)

    @property
    def sectors(self) -> list[str]:
        """Sectors mapped, in order."""
        return [str(s) for s in self.shares["sector"].values]

    @property
    def targets(self) -> list[str]:
        """Sectors mapped to, in order."""
        return [str(t) for t in self.shares["target"].values]

    @classmethod
    def of(cls, given: Concordance | Mapping[str, str]) -> Concordance:
        """
        Take a concordance as it is, and make one of a mapping.

        Parameters
        ----------
        given : Concordance or mapping
            Concordance, or sector -> target.

        Returns
        -------
        Concordance
            The same, or a new one.

        Raises
        ------
        ConcordanceError
            If it is anything else.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, Mapping):
            return cls.from_mapping(given, source="given by the user")
        raise ConcordanceError(
            f"concordance is {shown(given)}: give a Concordance or a mapping sector -> "
            "aggregate: see io_tables.load_concordance"
        )

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, str],
        *,
        source: str,
        targets: Sequence[str] | None = None,
    ) -> Concordance:
        """
        Make a concordance that puts each sector whole into one target.

        Parameters
        ----------
        mapping : mapping of str to str
            Sector -> target.
        source : str
            Where it comes from.
        targets : sequence of str, optional
            Order of the targets; default by first appearance.

        Returns
        -------
        Concordance
            With shares of 0 and 1.

        Raises
        ------
        ConcordanceError
            If a sector goes to a target that ``targets`` does not have.
        """
        for sector, target in demand_mapping(mapping, "concordance", "sector -> target").items():
            demand_text(target, f"concordance: target of {sector}", ConcordanceError)
        order = list(targets) if targets is not None else list(dict.fromkeys(mapping.values()))
        unknown = {s: t for s, t in mapping.items() if t not in order}
        if unknown:
            first, target = next(iter(unknown.items()))
            raise ConcordanceError(
                f"concordance: {first} goes to unknown {target!r}; {did_you_mean(target, order)}"
            )
        shares = np.zeros((len(order), len(mapping)))
        for column, target in enumerate(mapping.values()):
            shares[order.index(target), column] = 1.0
        coords = {"target": order, "sector": list(mapping)}
        return cls(xr.DataArray(shares, coords=coords, dims=("target", "sector")), source)

    @classmethod
    def read(
        cls,
        path: Path | str,
        *,
        source: str,
        targets: Sequence[str] | None = None,
        column: str = "target",
    ) -> Concordance:
        """
        Read a CSV file with columns ``sector``, ``target`` and, where needed, ``share``.

        Parameters
        ----------
        path : path
            File in UTF-8; other columns are left alone.
        source : str
            Where it comes from.
        targets : sequence of str, optional
            Order of the targets; default by first appearance.
        column : str
            Column that holds the targets.

        Returns
        -------
        Concordance
            Checked.

        Raises
        ------
        ConcordanceError
            If a column is missing, a cell is empty, a sector is mapped twice to one target, or
            shares do not sum to one. All problems of the file are named.
        TableFileError
            If the file cannot be read.
        """
        from io_tables.readers.grid import label

        sheet = read_cells(path)
        rows = [[label(cell) for cell in row] for row in sheet.rows]
        header = rows[0]
        missing = [c for c in ("sector", column) if c not in header]
        if missing:
            raise ConcordanceError(
                f"{sheet.name}: column {missing[0]!r} is missing; "
                f"{did_you_mean(missing[0], header)}"
            )
        at = [header.index("sector"), header.index(column)]
        share_at = header.index("share") if "share" in header else None
        findings: list[Finding] = []
        pairs: dict[tuple[str, str], float] = {}
        for line, row in enumerate(rows[1:], start=2):
            where = f"{sheet.name}, line {line}"
            try:
                sector, target = (row[i] for i in at)
                share = 1.0 if share_at is None else float(row[share_at])
            except (IndexError, ValueError):
                findings.append(_bad(f"cannot read {','.join(row)!r}", where, "complete the line"))
                continue
            if not sector.strip() or not target.strip():
                findings.append(_bad("an empty cell", where, "map every sector"))
            elif targets is not None and target not in targets:
                hint = did_you_mean(target, targets)
                findings.append(_bad(f"unknown target {target!r}", where, hint))
            elif (sector, target) in pairs:
                findings.append(_bad(f"{sector!r} is mapped twice", where, "leave one line"))
            pairs[sector, target] = share
        refuse(f"concordance {sheet.name}", findings)
        order = list(targets or dict.fromkeys(t for _, t in pairs))
        sectors = list(dict.fromkeys(s for s, _ in pairs))
        shares = np.zeros((len(order), len(sectors)))
        for (sector, target), share in pairs.items():
            shares[order.index(target), sectors.index(sector)] = share
        coords = {"target": order, "sector": sectors}
        return cls(xr.DataArray(shares, coords=coords, dims=("target", "sector")), source)

    def then(self, other: Concordance) -> Concordance:
        """
        Follow this concordance by another one.

        Parameters
        ----------
        other : Concordance
            From the targets of this one to a coarser classification.

        Returns
        -------
        Concordance
            From the sectors of this one to the targets of the other.

        Raises
        ------
        ConcordanceError
            If the other does not map exactly the targets of this one.
        """
        shares = other.for_sectors(self.targets) @ self.shares.values
        coords = {"target": other.targets, "sector": self.sectors}
        return Concordance(
            xr.DataArray(shares, coords=coords, dims=("target", "sector")),
            f"{self.source}; {other.source}",
        )

    def for_sectors(self, sectors: Sequence[str]) -> npt.NDArray[np.float64]:
        """
        Return the share matrix in the order of a table's sectors.

        Parameters
        ----------
        sectors : sequence of str
            Sectors of the table.

        Returns
        -------
        numpy.ndarray
            Shape (targets, sectors).

        Raises
        ------
        ConcordanceError
            Naming the sectors that are not mapped, or mapped but not in the table.
        """
        missing = [s for s in sectors if s not in set(self.sectors)]
        extra = [s for s in self.sectors if s not in set(sectors)]
        if missing or extra:
            parts = []
            if missing:
                parts.append(f"not mapped: {', '.join(missing[:10])}")
            if extra:
                hint = did_you_mean(extra[0], sectors)
                parts.append(f"not in the table: {', '.join(extra[:10])} ({hint})")
            raise ConcordanceError(f"concordance ({self.source}): {'; '.join(parts)}")
        return np.asarray(self.shares.sel(sector=list(sectors)).values, dtype=float)


def _bad(what: str, where: str, fix: str) -> Finding:
    """Make a finding of the class of this module."""
    return Finding("error", what, where, fix, ConcordanceError)


def _twice(labels: Sequence[str]) -> list[str]:
    """Labels that occur more than once."""
    return [label for label, count in Counter(labels).items() if count > 1]
