"""Energy by sector and fuel times emission factors: CO2 by sector, with its scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from io_tables.checks import bad_cell, shortened
from io_tables.concordance import Concordance
from io_tables.energy import purchase_factors
from io_tables.errors import (
    ConcordanceError,
    LabelError,
    MissingValueError,
    ScopeError,
    TableError,
    UnitError,
    did_you_mean,
)
from io_tables.fuels import ELECTRICITY, HEAT, NOT_BURNT, Constant
from io_tables.quantities import conversion
from io_tables.report import Finding, refuse
from io_tables.table import Scope

Array = npt.NDArray[np.float64]
FuelMap = Concordance | Mapping[str, str] | Iterable[tuple[str, str]]
PURCHASED = {ELECTRICITY: "TWh", HEAT: "PJ"}
"""Carriers that are bought as such, and the unit of their accounts."""


def energy_emissions(
    energy: xr.DataArray | pd.DataFrame,
    factors: Mapping[str, Constant],
    *,
    fuels: FuelMap | None = None,
    units: Mapping[str, str] | None = None,
    scope: Scope = "direct",
    electricity_factor: float | None = None,
    heat_factor: float | None = None,
) -> xr.Dataset:
    r"""
    CO2 of the fuels that each sector burns.

    Parameters
    ----------
    energy : xarray.DataArray or pandas.DataFrame
        Sectors by carriers in physical units. A DataArray has the units as coordinate ``unit`` on
        its second dim, a DataFrame in its column names, ``"Raw coal [10^4 t]"``.
    factors : mapping
        Fuel -> CO2 per mass, volume or energy; see :func:`io_tables.fuels.fuel_factors`.
    fuels : Concordance, mapping or pairs, optional
        Carrier -> key of ``factors``, ``"electricity"``, ``"heat"`` or ``"not burnt"``; a
        concordance may split a carrier. Default: every carrier is a key itself.
    units : mapping, optional
        Unit of each carrier, where ``energy`` does not say.
    scope : {"direct", "direct+purchased"}
        Whether electricity and heat are left out, or charged to their users.
    electricity_factor : float, optional
        Grid average, only with scope "direct+purchased"; default the shipped one [t CO2/MWh].
    heat_factor : float, optional
        Heat supply, likewise [t CO2/GJ].

    Returns
    -------
    xarray.Dataset
        ``CO2`` (sector) [Mt], ``by_fuel`` (sector, fuel) [Mt], ``limits`` (limit, sector) from
        the low and high ends of all factors at once [Mt], and where there are such carriers
        ``electricity`` (sector) [TWh] and ``heat`` (sector) [PJ]. Attributes: ``scope``,
        ``source``, ``remarks``. The first dim keeps the name that it has in ``energy``.

    Raises
    ------
    ConcordanceError
        If a carrier is not mapped, mapped twice, or mapped to a fuel without a factor; all are
        named.
    UnitError
        If a unit is missing or unknown, or of another kind than the factor takes.
    MissingValueError
        If a cell is no number or negative.
    ScopeError
        If the scope is unknown, or factors of purchased energy are given with scope "direct".

    Notes
    -----
    :math:`e_i = \sum_f q_{if} f_f`, with :math:`q` the fuel burnt and :math:`f` the factor, itself
    calorific value times carbon content times oxidation [1]_. Process emissions (cement, ...) are
    no part of it. With scope "direct+purchased" electricity and heat are added at the factors of
    their supply; summed over sectors that counts power and heating plants twice.

    References
    ----------
    .. [1] IPCC, 2006 IPCC Guidelines for National Greenhouse Gas Inventories, vol. 2, ch. 2.

    Examples
    --------
    >>> from io_tables.fuels import fuel_factors
    >>> energy = pd.DataFrame({"coke [10^4 t]": [100.0, 0.0]}, index=["steel", "offices"])
    >>> account = energy_emissions(energy, fuel_factors("ceads-2017"))
    >>> account["CO2"].values.round(4)
    array([2.8766, 0.    ])
    """
    dim, sectors, names, texts, amounts = _opened(energy, units or {})
    supply = _supply(scope, electricity_factor, heat_factor)
    shares = _shares(names, fuels, factors)
    findings: list[Finding] = []
    per_unit = np.zeros((3, len(names)))
    bought = {k: np.zeros(len(names)) for k in PURCHASED}
    for target, row in zip(shares["target"].values.tolist(), shares.values, strict=True):
        for f in np.flatnonzero(row):
            where = f"carrier {names[f]!r} [{texts[f]}]"
            if target in PURCHASED:
                scale = _scale(texts[f], PURCHASED[target], where, findings)
                bought[target][f] += row[f] * scale
                per_unit[:, f] += row[f] * scale * supply[target]
            elif target != NOT_BURNT:
                given = factors[target]
                per = given.units.partition("/")[2] or "1"
                scale = _scale(f"Mt CO2/{texts[f]}", given.units, where, findings, per)
                ends = np.array([given.value, *given.limits])
                per_unit[:, f] += row[f] * ends / (scale or 1.0)
    refuse("energy account", findings)
    co2 = amounts[None] * per_unit[:, None]
    used = [str(t) for t in shares["target"].values if t in factors]
    data: dict[str, Any] = {
        "CO2": (dim, co2[0].sum(axis=1), {"units": "Mt"}),
        "by_fuel": ((dim, "fuel"), co2[0], {"units": "Mt"}),
        "limits": (("limit", dim), co2[1:].sum(axis=2), {"units": "Mt"}),
    }
    for name, column in bought.items():
        if name in shares["target"].values:
            data[name] = (dim, amounts @ column, {"units": PURCHASED[name]})
    return xr.Dataset(
        data,
        coords={dim: sectors, "fuel": names, "limit": ["low", "high"]},
        attrs={
            "scope": scope,
            "source": "; ".join(dict.fromkeys(factors[k].source for k in used)),
            "remarks": _remarks(used, factors, supply),
        },
    )


def _opened(
    energy: xr.DataArray | pd.DataFrame, given: Mapping[str, str]
) -> tuple[str, list[str], list[str], list[str], Array]:
    """Dim, sectors, carriers, their units, and the amounts; nothing is guessed."""
    if isinstance(energy, pd.DataFrame):
        dim, labels = "sector", [str(c) for c in energy.columns]
        names = [c.partition("[")[0].strip() for c in labels]
        texts = [c.partition("[")[2].rstrip("] ") for c in labels]
        sectors = [str(s) for s in energy.index]
    else:
        if energy.ndim != 2:
            raise LabelError(f"energy has dims {energy.dims}: two are needed, sectors and carriers")
        dim, second = (str(d) for d in energy.dims)
        names, sectors = ([str(v) for v in energy[d].values] for d in (second, dim))
        texts = [str(t) for t in energy["unit"].values] if "unit" in energy.coords else []
        texts = texts or [""] * len(names)
    findings = [
        Finding("error", f"{what} occurs twice", f"energy, {n!r}", "leave one", LabelError)
        for what, axis in (("carrier", names), ("sector", sectors))
        for n, count in Counter(axis).items()
        if count > 1
    ]
    for i, name in enumerate(names):
        said = given.get(name, texts[i])
        if texts[i] and said != texts[i]:
            what = f"is in {texts[i]!r} and said to be in {said!r}"
            findings.append(Finding("error", what, f"carrier {name!r}", "give one", UnitError))
        elif not said:
            fix = "write it after the name, 'Coke [10^4 t]', or give units="
            findings.append(Finding("error", "has no unit", f"carrier {name!r}", fix, UnitError))
        texts[i] = said
    findings += [
        Finding("error", "unit of no carrier", n, did_you_mean(n, names), UnitError)
        for n in given
        if n not in names
    ]
    amounts = np.asarray(energy.values)
    try:
        amounts = amounts.astype(float)
    except (TypeError, ValueError) as error:
        raise MissingValueError(f"energy holds what is no number: {error}") from None
    bad = [
        bad_cell(f"{amounts[i, j]} is no amount burnt", f"energy [{sectors[i]}, {names[j]}]")
        for i, j in np.argwhere(~(np.isfinite(amounts) & (amounts >= 0)))
    ]
    refuse("energy account", [*findings, *shortened(bad, "energy")])
    return dim, sectors, names, texts, amounts


def _shares(
    names: Sequence[str], fuels: FuelMap | None, factors: Mapping[str, Constant]
) -> xr.DataArray:
    """Share of each carrier in each fuel, dims (target, sector)."""
    if fuels is None:
        fuels = {n: n for n in names}
    if not isinstance(fuels, Concordance):
        pairs = list(fuels.items()) if isinstance(fuels, Mapping) else list(fuels)
        twice = [n for n, count in Counter(p[0] for p in pairs).items() if count > 1]
        refuse(
            "fuels",
            [
                Finding(
                    "error",
                    "is mapped twice: " + ", ".join(t for c, t in pairs if c == n),
                    f"carrier {n!r}",
                    "map it once, or give a Concordance with shares",
                    ConcordanceError,
                )
                for n in twice
            ],
        )
        fuels = Concordance.from_mapping(dict(pairs), source="fuels")
    matrix = fuels.for_sectors(list(names))
    known = {*factors, *PURCHASED, NOT_BURNT}
    refuse(
        "fuels",
        [
            Finding(
                "error",
                f"no factor for {t!r}",
                "carrier " + ", ".join(repr(names[int(f)]) for f in np.flatnonzero(matrix[i])),
                did_you_mean(t, sorted(known)) + f" or {NOT_BURNT!r}",
                ConcordanceError,
            )
            for i, t in enumerate(fuels.targets)
            if t not in known and matrix[i].any()
        ],
    )
    return xr.DataArray(
        matrix, coords={"target": fuels.targets, "sector": list(names)}, dims=("target", "sector")
    )


def _supply(scope: str, electricity: float | None, heat: float | None) -> dict[str, Array]:
    """CO2 per TWh and PJ that is charged to users, three times the same [Mt]."""
    if scope not in ("direct", "direct+purchased"):
        hint = did_you_mean(scope, ("direct", "direct+purchased"))
        raise ScopeError(f"unknown scope {scope!r}; {hint}")
    if scope == "direct":
        if electricity is not None or heat is not None:
            raise ScopeError(
                'factors of purchased energy are given, but scope "direct" charges none: say '
                'scope="direct+purchased", or leave them out'
            )
        return {ELECTRICITY: np.zeros(3), HEAT: np.zeros(3)}
    charged = purchase_factors(electricity, heat)
    return {ELECTRICITY: np.full(3, charged[0]), HEAT: np.full(3, charged[1])}


def _scale(
    given: str, wanted: str, where: str, findings: list[Finding], per: str | None = None
) -> float:
    """Convert, or note why not."""
    try:
        return conversion(given, wanted)
    except TableError as error:
        fix = "convert the amounts, or correct the unit"
        if per is not None:
            fix = f"the factor is per {per}: {fix}, or give a factor by calorific value"
        findings.append(Finding("error", str(error), where, fix, UnitError))
        return 1.0


def _remarks(
    used: Sequence[str], factors: Mapping[str, Constant], supply: Mapping[str, Array]
) -> str:
    """Say what a user of the account should know."""
    loose = [k for k in used if not factors[k].constant]
    weak = [k for k in used if factors[k].status == "assumption"]
    parts = []
    if loose:
        parts.append(f"the source varies the factor of {', '.join(loose)}: a middle value is used")
    if weak:
        parts.append(f"factors assumed: {', '.join(weak)}")
    if supply[ELECTRICITY].any() or supply[HEAT].any():
        parts.append(
            f"electricity charged at {supply[ELECTRICITY][0]:g} t/MWh, heat at "
            f"{supply[HEAT][0]:g} t/GJ"
        )
    return "; ".join(parts)
