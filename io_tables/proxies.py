"""How far the multipliers of split sectors hang on the proxy."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from io_tables.errors import ConcordanceError, LabelError, did_you_mean
from io_tables.kinds import demand_table
from io_tables.multipliers import stacked
from io_tables.splitting import split
from io_tables.table import IOTable


def split_sensitivity(
    table: IOTable,
    sector: str,
    into: Mapping[str, float],
    *,
    source: str,
    proxies: Mapping[str, Mapping[str, Any]] | None = None,
    change: float = 0.2,
    **options: Any,
) -> xr.Dataset:
    r"""
    Multipliers of the parts of a sector under other proxies and changed shares.

    Parameters
    ----------
    table : IOTable
        Table before the split.
    sector : str
        Sector to split.
    into : mapping
        Label -> share of output, the central case.
    source : str
        Where the shares of the central case come from.
    proxies : mapping, optional
        Name -> what replaces the central case: label -> share of output, or keywords of
        :func:`io_tables.splitting.split` such as ``{"into": {...}, "columns": {...}}``.
    change : float
        Every share of output is also raised and lowered by this part of itself, the others
        make room in proportion; 0 leaves these cases out [1].
    **options : dict
        Other keywords of :func:`io_tables.splitting.split` for the central case; they hold in
        every case that does not replace them.

    Returns
    -------
    xarray.Dataset
        ``multiplier``, dims (case, quantity, sector), over the parts: output (column sum of the
        inverse) and each satellite account, coordinate ``unit``; ``share`` of output, dims
        (case, sector); ``spread``: largest less smallest multiplier over the cases, dims
        (quantity, sector). Case ``central`` is first.

    Raises
    ------
    TableError
        As :func:`io_tables.splitting.split`, with the case named.
    ConcordanceError
        If ``change`` is not from 0 to below 1, or makes a share exceed one.
    LabelError
        If a proxy names other parts, or an unknown keyword.

    Notes
    -----
    A share :math:`w_a` becomes :math:`(1 \pm c) w_a`, the others :math:`w_b (1 - (1 \pm c)
    w_a) / (1 - w_a)`. With shares of output alone the parts are copies of the old sector and the
    spread is zero: such a split says nothing new about its parts, whatever the shares.

    Examples
    --------
    >>> import io_tables
    >>> table = io_tables.load("china-2017-cn8")
    >>> cases = split_sensitivity(
    ...     table, "ICT", {"ICM": 0.7, "ICS": 0.3}, source="an assumption",
    ...     columns={"IND": {"ICM": 0.95, "ICS": 0.05}})
    >>> cases.sizes["case"], bool(cases.spread.sel(quantity="output", sector="ICS") > 0.01)
    (5, True)
    """
    demand_table(table)
    central: dict[str, Any] = {"into": dict(into), "source": source, **options}
    cases = {"central": central}
    for name, given in (proxies or {}).items():
        if name in cases:
            raise LabelError(f"split_sensitivity: proxy {name!r}: choose another name")
        cases[name] = central | {"source": f"{source}; case {name}"} | _keywords(name, given)
    if not 0 <= change < 1:
        raise ConcordanceError(f"change is {change}: give a part of the share, 0 to below 1")
    cases |= _changed(central, change) if change else {}
    parts = [str(label) for label in into]
    results, shares = [], []
    units: dict[str, str] = {}
    for name, keywords in cases.items():
        own = [str(label) for label in keywords["into"]]
        if sorted(own) != sorted(parts):
            raise LabelError(f"split_sensitivity: case {name!r} has parts {own}, not {parts}")
        fine = split(table, sector, **keywords)
        units, values = stacked(fine)
        at = [fine.sectors.index(part) for part in parts]
        results.append(values[:, at])
        total = float(table.output.sel(sector=sector))
        shares.append(fine.output.values[at] / total if total else np.zeros(len(at)))
    block = np.array(results)
    return xr.Dataset(
        {
            "multiplier": (("case", "quantity", "sector"), block),
            "share": (("case", "sector"), np.array(shares), {"units": "1"}),
            "spread": (("quantity", "sector"), np.ptp(block, axis=0)),
        },
        coords={
            "case": list(cases),
            "quantity": list(units),
            "sector": parts,
            "unit": ("quantity", list(units.values())),
        },
        attrs={
            "title": f"{sector} of {table.name} split into {', '.join(parts)}",
            "source": source,
            "change": change,
        },
    )


def _keywords(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Read a proxy: shares of output, or keywords of a split."""
    known = [p for p in inspect.signature(split).parameters if p not in ("table", "sector")]
    if not any(key in known or isinstance(v, Mapping) for key, v in given.items()):
        return {"into": dict(given)}
    for key in given:
        if key not in known:
            raise LabelError(
                f"split_sensitivity: proxy {name!r}: unknown {key!r}; {did_you_mean(key, known)}"
            )
    return dict(given)


def _changed(central: Mapping[str, Any], change: float) -> dict[str, dict[str, Any]]:
    """Cases with one share of output raised or lowered."""
    whole = float(sum(central["into"].values())) if central.get("amounts") else 1.0
    shares = {label: float(share) / whole for label, share in central["into"].items()}
    cases = {}
    for label, share in shares.items():
        for sign in (1, -1):
            new = share * (1 + sign * change)
            if new > 1 or (share == 1 and change):
                raise ConcordanceError(
                    f"share of {label} is {share:.3f}: {change:+.0%} of it exceeds one; give a "
                    "smaller change"
                )
            rest = (1 - new) / (1 - share)
            into = {k: new if k == label else v * rest for k, v in shares.items()}
            if central.get("amounts"):
                into = {k: v * whole for k, v in into.items()}
            name = f"{label} {sign * change:+.0%}"
            cases[name] = {**central, "into": into, "source": f"{central['source']}; {name}"}
    return cases
