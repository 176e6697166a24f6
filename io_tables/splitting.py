"""Split a sector by a stated proxy and keep the table balanced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.arrays import array_like, with_regions
from io_tables.balance import balance
from io_tables.errors import ConcordanceError, LabelError, TableError, did_you_mean
from io_tables.kinds import demand_mapping, demand_table, demand_text
from io_tables.provenance import divided
from io_tables.scaling import tolerance_for
from io_tables.table import IOTable

Array = npt.NDArray[np.float64]
Shares = Mapping[str, Any] | pd.DataFrame | xr.DataArray
GIVEN = 1e-9  # largest gap between a sum of shares and one


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The cells of the parts: sales, final demand, own use, purchases, primary inputs."""

    sales: Array
    demand: Array
    own: Array
    inputs: Array
    primary: Array
    moved: tuple[float, str]
    """Largest change of a share by balancing, and where."""


def split(
    table: IOTable,
    sector: str,
    into: Mapping[str, float],
    *,
    source: str,
    rows: Shares | None = None,
    columns: Shares | None = None,
    final_demand: Shares | None = None,
    primary_inputs: Shares | None = None,
    satellites: Shares | None = None,
    amounts: bool = False,
    tolerance: float | None = None,
) -> IOTable:
    r"""
    Split a sector by a stated proxy; aggregating again gives the table back.

    Parameters
    ----------
    table : IOTable
        Any table.
    sector : str
        Sector to split.
    into : mapping
        Label -> share of output; at least two labels, shares sum to one.
    source : str
        Proxy and where it comes from, for example ``"revenue 2017, MIIT yearbook"``; kept in
        the history.
    rows : mapping or DataFrame, optional
        How each purchaser's purchases divide: purchaser -> (label -> share), or one label ->
        share for all of them. Purchasers that are not named follow the shares of output. The
        name of the sector itself stands for its own use.
    columns : mapping or DataFrame, optional
        How the purchases from each supplier divide among the parts, likewise.
    final_demand : mapping or DataFrame, optional
        The same by category.
    primary_inputs : mapping or DataFrame, optional
        The same by component of value added.
    satellites : mapping or DataFrame, optional
        The same by account. Accounts are divided as given: balancing leaves them alone.
    amounts : bool
        Whether all numbers are amounts (revenue, employees) to be divided by their sum; otherwise
        shares that do not sum to one are refused.
    tolerance : float, optional
        Of the balancing, see :func:`io_tables.balance.balance`; default what keeps the table
        within its own tolerance.

    Returns
    -------
    IOTable
        With the parts in the place of the sector. Households stay as they are.

    Raises
    ------
    LabelError
        If the sector, a part, a purchaser, a supplier, a category or an account is unknown.
    ConcordanceError
        If shares are negative, missing or do not sum to one.
    InfeasibleError
        If the shares given leave no cell to meet the output of a part.

    Notes
    -----
    With :math:`w` the shares of output, part a sells :math:`z_{aj} = p_{aj} z_{sj}` to
    purchaser j and buys :math:`z_{ib} = q_{ib} z_{is}`; its own use is :math:`p_{as} q_{sb}
    z_{ss}`. Where p and q differ from w, sums of the parts no longer meet :math:`w_a x_s`: GRAS
    moves sales, then purchases, then own use to these sums, while the total over the parts
    of every cell of the old table is a margin and stays [1]_. Shares of output alone give
    every part the same inputs per unit of output and so the same multipliers: what tells parts
    apart are ``rows``, ``columns`` and ``satellites``.

    References
    ----------
    .. [1] M. Lenzen, Aggregation versus disaggregation in input-output analysis of the
       environment, Economic Systems Research 23, 2011, 73-89; S. Lindner, J. Legault and D. Guan,
       Disaggregating input-output models with incomplete information, Economic Systems
       Research 24, 2012, 329-347.

    Examples
    --------
    >>> import io_tables
    >>> table = io_tables.load("china-2017-cn8")
    >>> fine = split(table, "ICT", {"ICM": 0.7, "ICS": 0.3}, source="an assumption")
    >>> fine.sectors[-3:]
    ['ICM', 'ICS', 'SER']
    """
    demand_table(table)
    demand_text(source, "split: source")
    demand_mapping(into, "split: into", "part -> share")
    if demand_text(sector, "split: sector", LabelError) not in table.sectors:
        raise LabelError(f"split: unknown sector {sector!r}; {did_you_mean(sector, table.sectors)}")
    labels = [str(label) for label in into]
    taken = [label for label in labels if label in table.sectors and label != sector]
    if taken:
        raise LabelError(f"split: {taken[0]!r} is a sector of the table already: name it otherwise")
    if len(set(labels)) < 2:
        raise LabelError(f"split: {sector!r} goes into {labels}: name at least two parts")
    if not source.strip():
        raise TableError("split: source is empty: say what the proxy is and where it comes from")
    w = _vector(into, labels, "into", amounts)
    at = table.sectors.index(sector)
    given = {
        "rows": (rows, table.sectors),
        "columns": (columns, table.sectors),
        "final_demand": (final_demand, table.categories),
        "primary_inputs": (primary_inputs, _names(table.primary_inputs, "component")),
        "satellites": (satellites, list(table.satellites)),
    }
    shares = {
        what: _table(own, labels, names, what, w, amounts) for what, (own, names) in given.items()
    }
    if tolerance is None:
        tolerance = tolerance_for(table.tolerance, float(table.output.values[at]))
    blocks = _blocks(table, at, labels, w, shares, tolerance)
    text = ", ".join(f"{label} {share:.6g}" for label, share in zip(labels, w, strict=True))
    own_shares = [what for what, (own, _) in given.items() if own is not None]
    step = f"split {sector} into {text} of output: {source}; "
    step += f"own shares for {', '.join(own_shares)}" if own_shares else "all cells by these shares"
    if blocks.moved[0] > GIVEN:
        step += f"; balancing moved shares by up to {blocks.moved[0]:.4f} ({blocks.moved[1]})"
    return _assembled(table, at, labels, w, shares["satellites"], blocks, step)


def _blocks(
    table: IOTable, at: int, labels: Sequence[str], w: Array, shares: dict[str, Array], tol: float
) -> _Blocks:
    """Divide the cells of the sector and balance the parts."""
    z, f, v = (a.values for a in (table.transactions, table.final_demand, table.primary_inputs))
    n = len(z)
    others = np.delete(np.arange(n), at)
    z_own = float(z[at, at])
    p_own, q_own = shares["rows"][:, at], shares["columns"][:, at]
    sold = np.concatenate([z[at, others], f[at], [z_own]])
    bought = np.concatenate([z[others, at], v[:, at], [z_own]])
    p = np.hstack([shares["rows"][:, others], shares["final_demand"], p_own[:, None]])
    q = np.hstack([shares["columns"][:, others], shares["primary_inputs"], q_own[:, None]])
    names = table.sectors
    buyers = [*(names[i] for i in others), *table.categories, f"{names[at]} itself"]
    sellers = [
        *(names[i] for i in others),
        *_names(table.primary_inputs, "component"),
        f"{names[at]} itself",
    ]
    sales, moved_p = _met(p, sold, w, labels, buyers, "sales", tol)
    inputs, moved_q = _met(q, bought, w, labels, sellers, "inputs", tol)
    own = np.zeros((len(labels),) * 2)
    if z_own:
        prior = np.outer(p_own, q_own) * z_own
        own, _ = _met_own(prior, sales[:, -1], inputs[:, -1], labels, names[at], tol)
    cut = n - 1
    return _Blocks(
        sales[:, :cut],
        sales[:, cut:-1],
        own,
        inputs[:, :cut].T,
        inputs[:, cut:-1].T,
        max(moved_p, moved_q),
    )


def _met(
    shares: Array,
    cells: Array,
    w: Array,
    labels: Sequence[str],
    names: Sequence[str],
    what: str,
    tolerance: float,
) -> tuple[Array, tuple[float, str]]:
    """Divide cells by shares so that each part gets its share of their sum."""
    prior = shares * cells
    target = w * cells.sum()
    scale = np.abs(prior).sum(axis=1) + np.abs(target)
    if (np.abs(prior.sum(axis=1) - target) <= 1e-13 * scale).all():
        return prior, (0.0, "")
    some = cells != 0
    frame = pd.DataFrame(
        prior[:, some], list(labels), [n for n, s in zip(names, some, strict=True) if s]
    )
    try:
        result = balance(frame, target, cells[some], tolerance=tolerance).matrix.values
    except TableError as error:
        error.args = (f"split, {what} of the parts: {error.args[0]}",)
        raise
    result = result * (cells[some] / result.sum(axis=0))  # the old cells, to the last digit
    prior[:, some] = result
    change = np.abs(result / cells[some] - shares[:, some])
    i, j = np.unravel_index(int(change.argmax()), change.shape)
    where = f"{what} of {labels[int(i)]}, {frame.columns[int(j)]}"
    return prior, (float(change[i, j]), where)


def _met_own(
    prior: Array, sold: Array, bought: Array, labels: Sequence[str], sector: str, tolerance: float
) -> tuple[Array, int]:
    """Divide the sector's use of itself so that it meets the sales and purchases of the parts."""
    bought = bought * (sold.sum() / bought.sum())
    frame = pd.DataFrame(prior, list(labels), list(labels))
    try:
        done = balance(frame, sold, bought, tolerance=tolerance)
    except TableError as error:
        error.args = (f"split, use of {sector} by itself: {error.args[0]}",)
        raise
    return done.matrix.values, done.report.iterations


def _assembled(
    table: IOTable,
    at: int,
    labels: Sequence[str],
    w: Array,
    accounts: Array,
    blocks: _Blocks,
    step: str,
) -> IOTable:
    """Put the parts in the place of the sector."""
    k, n = len(labels), len(table.sectors)
    sectors = [*table.sectors[:at], *labels, *table.sectors[at + 1 :]]
    old = np.delete(np.arange(n), at)
    kept = np.concatenate([np.arange(at), np.arange(at + k, n + k - 1)])
    parts = np.arange(at, at + k)

    def along(values: Array, cut: Array, axis: int) -> Array:
        return np.insert(np.delete(values, at, axis), [at] * k, cut, axis)

    z = np.zeros((n + k - 1,) * 2)
    z[np.ix_(kept, kept)] = table.transactions.values[np.ix_(old, old)]
    z[np.ix_(parts, kept)] = blocks.sales
    z[np.ix_(kept, parts)] = blocks.inputs
    z[np.ix_(parts, parts)] = blocks.own
    output = table.output.values
    arrays = {
        "transactions": array_like(table.transactions, z, sectors),
        "final_demand": array_like(
            table.final_demand, along(table.final_demand.values, blocks.demand, 0), sectors
        ),
        "output": array_like(table.output, along(output, w * output[at], 0), sectors),
        "primary_inputs": array_like(
            table.primary_inputs, along(table.primary_inputs.values, blocks.primary, 1), sectors
        ),
    }
    if "region" in table.transactions.coords:
        regions = [str(r) for r in table.transactions["region"].values]
        own = [str(i) for i in table.transactions["industry"].values]
        new = [label.removeprefix(f"{regions[at]}:") for label in labels]
        regions = [*regions[:at], *[regions[at]] * k, *regions[at + 1 :]]
        own = [*own[:at], *new, *own[at + 1 :]]
        arrays = {name: with_regions(a, regions, own) for name, a in arrays.items()}
    satellites = {
        name: array_like(a, along(a.values, accounts[:, i] * a.values[at], 0), sectors)
        for i, (name, a) in enumerate(table.satellites.items())
    }
    changed: dict[str, Any] = {**arrays, "satellites": satellites}
    source = divided(table.provenance, labels, table.sectors[at], len(table.history))
    return replace(table, **changed, history=(*table.history, step), provenance=source)


def _table(
    given: Shares | None,
    labels: Sequence[str],
    names: Sequence[str],
    what: str,
    w: Array,
    amounts: bool,
) -> Array:
    """Shares by part and name; shares of output where none are given."""
    result = np.repeat(w[:, None], len(names), axis=1)
    if given is None:
        return result
    wanted = _mapping(given)
    if wanted and not any(isinstance(v, Mapping) for v in wanted.values()):
        return np.repeat(_vector(wanted, labels, what, amounts)[:, None], len(names), axis=1)
    for name, part in wanted.items():
        if name not in names:
            raise LabelError(f"split: {what}: unknown {name!r}; {did_you_mean(name, names)}")
        if not isinstance(part, Mapping):
            raise ConcordanceError(f"split: {what}, {name}: give label -> share, not {part!r}")
        result[:, names.index(name)] = _vector(part, labels, f"{what}, {name}", amounts)
    return result


def _mapping(given: Shares) -> Mapping[str, Any]:
    """Shares as name -> (part -> share); a frame has the parts as its index."""
    frame = given.to_pandas() if isinstance(given, xr.DataArray) else given
    if isinstance(frame, pd.DataFrame):
        return {str(c): frame[c].to_dict() for c in frame.columns}
    if isinstance(frame, Mapping):
        return frame
    raise ConcordanceError(f"split: shares are {type(given).__name__}: give a mapping or DataFrame")


def _vector(given: Mapping[str, Any], labels: Sequence[str], what: str, amounts: bool) -> Array:
    """Shares of the parts, in order."""
    own = {str(key): value for key, value in given.items()}
    for label in own:
        if label not in labels:
            raise LabelError(
                f"split: {what}: unknown part {label!r}; {did_you_mean(label, labels)}"
            )
    missing = [label for label in labels if label not in own]
    if missing:
        raise LabelError(f"split: {what}: no share for {', '.join(missing)}: give one, 0 if none")
    try:
        values = np.array([float(own[label]) for label in labels])
    except (TypeError, ValueError):
        raise ConcordanceError(f"split: {what}: {own!r}: give numbers") from None
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0)).tolist()
    if bad:
        raise ConcordanceError(
            f"split: {what}: share of {labels[bad[0]]} is {values[bad[0]]}: give a number from 0 up"
        )
    total = float(values.sum())
    if total <= 0 or (not amounts and abs(total - 1) > GIVEN):
        raise ConcordanceError(
            f"split: {what}: shares sum to {total:.6g}, not 1: correct them, or say amounts=True "
            "if these are amounts to be divided by their sum"
        )
    return values / total


def _names(array: xr.DataArray, dim: str) -> list[str]:
    """Labels of a dim."""
    return [str(label) for label in array[dim].values]
