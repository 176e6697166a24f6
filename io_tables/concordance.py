"""Concordances between sector classifications."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from io_tables.errors import ConcordanceError, did_you_mean


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
        values = self.shares.values
        problems = []
        for label, column in zip(self.sectors, values.T, strict=True):
            if not np.isfinite(column).all() or (column < 0).any():
                problems.append(f"{label}: shares must be numbers from 0 to 1")
            elif abs(column.sum() - 1) > 1e-9:
                problems.append(f"{label}: shares sum to {column.sum():.6g}, not 1")
        for what, labels in (("sector", self.sectors), ("target", self.targets)):
            problems += [f"{what} {d} occurs twice" for d in _twice(labels)]
        if problems:
            raise ConcordanceError("concordance: " + "; ".join(problems))

    @property
    def sectors(self) -> list[str]:
        """Sectors mapped, in order."""
        return [str(s) for s in self.shares["sector"].values]

    @property
    def targets(self) -> list[str]:
        """Sectors mapped to, in order."""
        return [str(t) for t in self.shares["target"].values]

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
        cls, path: Path | str, *, source: str, targets: Sequence[str] | None = None
    ) -> Concordance:
        """
        Read a CSV file with columns ``sector``, ``target`` and, where needed, ``share``.

        Parameters
        ----------
        path : path
            File in UTF-8.
        source : str
            Where it comes from.
        targets : sequence of str, optional
            Order of the targets.

        Returns
        -------
        Concordance
            Checked.

        Raises
        ------
        ConcordanceError
            If a column is missing, a sector is mapped twice to one target, or shares do not
            sum to one.
        """
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        missing = {"sector", "target"} - set(rows[0] if rows else {})
        if missing:
            raise ConcordanceError(f"{path}: column {', '.join(sorted(missing))} is missing")
        pairs = [(r["sector"], r["target"]) for r in rows]
        if _twice(pairs):
            raise ConcordanceError(f"{path}: mapped twice: {_twice(pairs)[0]}")
        order = list(targets or dict.fromkeys(t for _, t in pairs))
        sectors = list(dict.fromkeys(s for s, _ in pairs))
        shares = np.zeros((len(order), len(sectors)))
        for row in rows:
            if row["target"] not in order:
                hint = did_you_mean(row["target"], order)
                raise ConcordanceError(f"{path}: unknown target {row['target']!r}; {hint}")
            cell = order.index(row["target"]), sectors.index(row["sector"])
            shares[cell] = float(row.get("share") or 1)
        coords = {"target": order, "sector": sectors}
        return cls(xr.DataArray(shares, coords=coords, dims=("target", "sector")), source)

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


def _twice(labels: Iterable[object]) -> list[object]:
    """Labels that occur more than once."""
    seen: set[object] = set()
    return [label for label in labels if label in seen or seen.add(label)]  # type: ignore[func-returns-value]
