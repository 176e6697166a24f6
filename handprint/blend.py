"""Bring both halves of a run to one boundary, test whether they agree, and blend them if so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from handprint.diagnostics import bias
from handprint.errors import ScenarioError
from handprint.limits import CONFLICT
from handprint.observations import (
    SPREAD,
    caps,
    evidence_of,
    evidence_table,
    held_by_caps,
    moved_draws,
    weigh,
)
from handprint.reconcile import Reconciled, reconcile
from handprint.scenario import Scenario

Array = npt.NDArray[np.float64]
INDEPENDENCE = (
    "the table takes savings and adoption from the sector models, so both halves share that "
    "error in full: agreement tests boundary and supply chain, not the savings, and the top-down "
    "half adds no information; the estimate is that of the sector models"
)


def net_enabled(bottom_up: xr.Dataset) -> xr.DataArray:
    """
    Enabling effect by sector model after direct rebound: what both halves can be compared on.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case.

    Returns
    -------
    xarray.DataArray
        Dims (sector, year, estimate) [Mt CO2].
    """
    return by_model(bottom_up["enabled"] - bottom_up["rebound"])


def by_model(array: xr.DataArray) -> xr.DataArray:
    """
    Add up use cases by sector model, in the order of the models.

    Parameters
    ----------
    array : xarray.DataArray
        With ``model`` as a coordinate on ``use_case``.

    Returns
    -------
    xarray.DataArray
        ``use_case`` replaced by ``sector``.
    """
    whose = array["model"].values
    cases = array.transpose("use_case", ...)
    first = list(dict.fromkeys(whose))
    summed = np.zeros((len(first), *cases.shape[1:]))
    # One after another: a sum must not depend on how many draws are added up at once.
    for model, values in zip(whose, cases.values, strict=True):
        summed[first.index(model)] += values
    kept = {str(k): c for k, c in cases.coords.items() if "use_case" not in c.dims}
    return xr.DataArray(summed, {**kept, "sector": first}, ("sector", *cases.dims[1:]), array.name)


def blend(
    scenario: Scenario,
    bottom_up: xr.Dataset,
    top_down: xr.Dataset,
    draws: xr.DataArray | None = None,
) -> xr.Dataset:
    r"""
    Reconcile the two halves year by year.

    Parameters
    ----------
    scenario : Scenario
        Gives the top-down error.
    bottom_up : xarray.Dataset
        Additive parts by use case.
    top_down : xarray.Dataset
        Counterfactual by sector model.
    draws : xarray.DataArray, optional
        Net enabling effect of each draw, dims (sector, year, draw); gives the covariance of
        the sector models. Without draws the corner ranges are read as 90 % intervals of
        independent normals.

    Returns
    -------
    xarray.Dataset
        For the sectors whose levers do something and the years in which they do:
        ``bottom_up``, ``top_down``, ``estimate``, ``sd``, ``element_test`` (sector, year);
        ``use_case_estimate`` (use_case, year), which adds up to ``estimate``;
        ``chi2``, ``p_value``, ``birge``, ``blended``, and ``bias`` with ``bias_sd``, the factor
        between the halves (year). With draws ``estimate_quantiles`` (sector, year, quantile),
        with observations in the scenario those of :func:`evidence_table`. Without any effect
        the years are none.

    Raises
    ------
    ScenarioError
        If the scenario gives table and bridge no error at all, or an observation is of a year
        in which nothing is enabled.

    Notes
    -----
    The top-down half takes savings and adoption from the bottom-up half. Their error is one
    error about one truth, so it is the same amount on both sides: with the relative standard
    deviation :math:`\tau` of table, bridge and projection,

    .. math:: V_t = V_b + diag((\tau z)^2), \quad C = V_b, \quad S = diag((\tau z)^2), \quad K = 0

    The test is sharp, since the shared error cancels in the difference, and there is nothing to
    weigh: ``blended`` says that the test was passed, and ``estimate`` is the bottom-up one.
    Loading the shared error in per cent of two different amounts instead would put the average
    outside both. Independent observations of the scenario do carry information; they are
    weighed over all years at once, if the halves agree in every year and the observations
    with the sector models.
    """
    z, c = net_enabled(bottom_up), top_down["enabled"]
    central = z.sel(estimate="central")
    moved = [s for s in scenario.sectors if (central.sel(sector=s) != 0).any()]
    sectors = moved or list(scenario.sectors)
    z, c, central = z.sel(sector=sectors), c.sel(sector=sectors), central.sel(sector=sectors)
    years = [int(y) for y in z["year"].values if (central.sel(year=y) != 0).all()]
    tau = scenario.top_down_error.value
    if years and not tau:
        raise ScenarioError(
            f"{scenario.name}: top_down_error is 0: no table is exact, and any difference between "
            "the halves would be a contradiction; state the error of table and bridge"
        )
    tops = c.sel(year=years, estimate="central").transpose("year", "sector").values
    found = {
        y: _one(central.sel(year=y).values, _covariance(z.sel(year=y), draws), top, tau)
        for y, top in zip(years, tops, strict=True)
    }
    data = _both(found, sectors, years, tau)
    data.attrs = {
        "message": _message(found, years, sectors),
        "independence": INDEPENDENCE,
        "boundary_audit": boundary_audit(top_down, data) if years else "",
    }
    central = central.sel(year=years).drop_vars("estimate", errors="ignore")
    if draws is not None and years:
        draws = draws.sel(sector=sectors, year=years)
    data = _with_evidence(scenario, bottom_up, data, central, z.sel(year=years), draws)
    return data.assign(use_case_estimate=by_use_case(bottom_up, data))


def boundary_audit(top_down: xr.Dataset, data: xr.Dataset) -> str:
    """
    Say where the top-down estimate lies: on the common boundary, upstream, at which emitters.

    Parameters
    ----------
    top_down : xarray.Dataset
        Counterfactual.
    data : xarray.Dataset
        Both halves, dims (sector, year).

    Returns
    -------
    str
        One clause by sector, the largest difference between the halves first, for the last year.
    """
    now = data.isel(year=-1)
    year = int(now["year"])
    apart = abs(now["top_down"] - now["bottom_up"]).values
    clauses = []
    for i in np.argsort(-apart, kind="stable"):
        name = str(now["sector"].values[i])
        side = top_down.sel(sector=name, year=year, estimate="central")
        change = side["emitters"]
        first = np.argsort(change.values, kind="stable")[:3]
        places = ", ".join(f"{change['emitter'].values[j]} {change.values[j]:+.1f}" for j in first)
        clauses.append(
            f"{name}: top-down {float(now['top_down'][i]):.1f} against bottom-up "
            f"{float(now['bottom_up'][i]):.1f}, outside the boundary "
            f"{float(side['upstream']):.1f} upstream; falls most at {places}"
        )
    return f"Mt CO2, {year}: " + "; ".join(clauses)


def _both(
    found: dict[int, Reconciled], sectors: list[str], years: list[int], tau: float
) -> xr.Dataset:
    """Lay out both halves and their tests."""
    results = list(found.values())

    def _grid(rows: list[Array], title: str, units: str = "Mt CO2") -> xr.DataArray:
        values = np.array(rows, dtype=float).reshape(len(years), len(sectors)).T
        return xr.DataArray(
            values,
            coords={"sector": sectors, "year": years},
            dims=("sector", "year"),
            attrs={"units": units, "long_name": title, "source": "both halves"},
        )

    def _line(rows: list[float] | list[bool], title: str) -> xr.DataArray:
        return xr.DataArray(
            rows, coords={"year": years}, dims="year", attrs={"units": "1", "long_name": title}
        )

    factors = [bias(r) for r in results]
    apart = [(r.top_down.values - r.implied.values) / abs(tau * r.implied.values) for r in results]
    return xr.Dataset(
        {
            "bottom_up": _grid([r.bottom_up.values for r in results], "bottom-up, common boundary"),
            "top_down": _grid([r.top_down.values for r in results], "top-down, common boundary"),
            "estimate": _grid([r.estimate.values for r in results], "reconciled, common boundary"),
            "sd": _grid(
                [np.sqrt(np.diag(r.covariance.values)) for r in results], "standard deviation"
            ),
            "element_test": _grid(apart, "top-down less bottom-up over its deviation", "1"),
            "chi2": _line([r.chi2 for r in results], "global consistency"),
            "p_value": _line([r.p_value for r in results], "probability of a larger chi2"),
            "birge": _line([r.birge for r in results], "Birge ratio"),
            "blended": _line([r.blended for r in results], "whether the halves agree"),
            "bias": _line([b for b, _ in factors], "top-down over bottom-up"),
            "bias_sd": _line([sd for _, sd in factors], "standard deviation of that factor"),
        }
    )


def _message(found: dict[int, Reconciled], years: list[int], sectors: Sequence[str]) -> str:
    """Say what the test found in the last year, and in how many it was passed."""
    if not years:
        return "no lever does anything in this scenario"
    last = found[years[-1]]
    passed = sum(r.blended for r in found.values())
    if not last.blended:
        sides = zip(sectors, last.top_down.values, last.implied.values, strict=True)
        pairs = ", ".join(f"{name} {top:.1f} against {z:.1f}" for name, top, z in sides)
        return (
            f"the halves contradict each other in {len(years) - passed} of {len(years)} years "
            f"({years[-1]}: p = {last.p_value:.3g}): nothing is blended, the estimate is that of "
            f"the sector models; top-down against bottom-up in {years[-1]}, Mt CO2: {pairs}; see "
            "the boundary audit"
        )
    return (
        f"the halves agree in {passed} of {len(years)} years ({years[-1]}: p = "
        f"{last.p_value:.3g}); they share savings and adoption, so agreement adds no information: "
        "the estimate is that of the sector models"
    )


def _with_evidence(
    scenario: Scenario,
    bottom_up: xr.Dataset,
    data: xr.Dataset,
    central: xr.DataArray,
    z: xr.DataArray,
    draws: xr.DataArray | None,
) -> xr.Dataset:
    """Weigh in independent observations, and carry draws over."""
    evidence, blended = evidence_of(scenario, bottom_up, central), False
    if evidence is not None:
        if draws is None:
            spread = (_deviation(z) ** 2).transpose("sector", "year").values
        else:
            sample = draws.transpose("sector", "year", "draw").values
            spread = np.atleast_2d(np.cov(sample.reshape(-1, sample.shape[-1])))
        cap = caps(scenario, bottom_up, central)
        weighed = weigh(central.transpose("sector", "year"), spread, evidence, cap)
        held = held_by_caps(weighed, cap)
        possible = not (held["cap_deviations"] > CONFLICT).any()
        blended = weighed.blended and possible and bool(data["blended"].all())
        data = data.merge(evidence_table(scenario, evidence, weighed, blended)).merge(held)
        if blended:
            data["estimate"] = data["estimate"].copy(data=weighed.estimate.values)
            data["sd"] = data["sd"].copy(data=weighed.sd.values)
            data.attrs["message"] += f"; observations of the scenario {weighed.message}"
        else:
            why = "the halves do not agree in all years"
            if not weighed.blended:
                why = weighed.message
            elif not possible:
                why = _beyond(held)
            data.attrs["message"] += f"; observations of the scenario not blended: {why}"
    if draws is not None and data.sizes["year"]:
        from handprint.quantiles import QUANTILES  # builds on this module

        moved = draws
        if blended and evidence is not None:
            moved = moved_draws(draws, evidence)
            if bool(data["cap_active"].any()):
                moved = moved.where(~data["cap_active"], np.minimum(moved, data["cap"]))
        taken = moved.quantile(list(QUANTILES), dim="draw")
        data["estimate_quantiles"] = taken.transpose("sector", "year", "quantile").assign_attrs(
            {**data["estimate"].attrs, "source": "Monte Carlo draws"}
        )
    return data


def _beyond(held: xr.Dataset) -> str:
    """Say where evidence asks for more than full adoption could give."""
    beyond = held["cap_deviations"]
    worst = held.isel(beyond.argmax(["sector", "year"]))
    return (
        "they ask for more than full adoption with savings at their high ends could avoid "
        f"({worst['sector'].item()}, {int(worst['year'])}: {float(worst['cap']):.0f} Mt CO2, "
        f"passed by {float(worst['cap_deviations']):.1f} standard deviations)"
    )


def by_use_case(bottom_up: xr.Dataset, data: xr.Dataset) -> xr.DataArray:
    """
    Carry the estimate down to use cases, which add up to their sector model.

    Each bears the adjustment of its sector by its share in the sector's range: the regression of
    its error on that of the sector where the errors of a sector have one cause.

    Parameters
    ----------
    bottom_up : xarray.Dataset
        Additive parts by use case.
    data : xarray.Dataset
        ``bottom_up`` and ``estimate`` by sector model, dims (sector, year).

    Returns
    -------
    xarray.DataArray
        Dims (use_case, year) [Mt CO2].
    """
    cases = np.isin(bottom_up["model"].values, data["sector"].values)
    net = (bottom_up["enabled"] - bottom_up["rebound"]).isel(use_case=cases)
    net = net.sel(year=data["year"].values)
    central, owner = net.sel(estimate="central", drop=True), net["model"].drop_vars("model")
    width = net.sel(estimate="high", drop=True) - net.sel(estimate="low", drop=True)
    own = data[["bottom_up", "estimate"]].sel(sector=owner).drop_vars("sector")
    whole = by_model(width).sel(sector=owner).drop_vars("sector")
    share = (width / whole.where(whole != 0)).fillna(central / own["bottom_up"])
    found = central + share * (own["estimate"] - own["bottom_up"])
    return found.transpose("use_case", "year").assign_attrs(
        units="Mt CO2", long_name="reconciled, common boundary, by use case", source="both halves"
    )


def _covariance(z: xr.DataArray, draws: xr.DataArray | None) -> Array:
    """Covariance of the sector models in one year: from draws, or from corner ranges."""
    if draws is not None:
        sample = draws.sel(sector=z["sector"].values, year=z["year"].values)
        return np.atleast_2d(np.cov(sample.transpose("sector", "draw").values))
    return np.diag(_deviation(z).values ** 2)


def _deviation(z: xr.DataArray) -> xr.DataArray:
    """Read corner ranges as 90 % intervals."""
    return (z.sel(estimate="high") - z.sel(estimate="low")) / SPREAD


def _one(z: Array, spread: Array, c: Array, tau: float) -> Reconciled:
    """Test the sectors of one year: the shared error is one amount, the same on both sides."""
    return reconcile(
        z,
        spread,
        np.eye(len(z)),
        c,
        spread + np.diag((tau * z) ** 2),
        cross_covariance=spread,
    )
