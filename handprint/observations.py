"""Independent evidence on the enabling effect: weighed with the sector models over all years."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array
from handprint.errors import ScenarioError
from handprint.gaussian import tighten
from handprint.movement import ReconciledYears, reconcile_years
from handprint.overrides import models_of
from handprint.scenario import Observation, Scenario
from sector_models import saving_potential

SPREAD = 2 * 1.6448536269514722  # a range is read as the 90 % interval of a normal


class Evidence(NamedTuple):
    """
    Observations of a scenario as arrays.

    Parameters
    ----------
    rows : numpy.ndarray
        H, (observation, sector).
    value, sd : numpy.ndarray
        [Mt CO2].
    years : list of int
        Year of each observation.
    names : list of str
        Keys in the scenario.
    """

    rows: Array
    value: Array
    sd: Array
    years: list[int]
    names: list[str]


def evidence_of(scenario: Scenario, bottom_up: xr.Dataset, z: xr.DataArray) -> Evidence | None:
    """
    Read the observations of a scenario.

    Parameters
    ----------
    scenario : Scenario
        States them.
    bottom_up : xarray.Dataset
        Gives ``reference`` and ``reference_twice``, for shares of reference emissions.
    z : xarray.DataArray
        Net enabling effect, dims (sector, year), of the sectors and years that have one.

    Returns
    -------
    Evidence or None
        None without observations, or without any effect.

    Raises
    ------
    ScenarioError
        If nothing is enabled in the year or the sectors of an observation.
    """
    if not scenario.observations or not z.sizes["year"]:
        return None
    sectors, years = [str(s) for s in z["sector"].values], z["year"].values.tolist()
    rows, scale, problems = [], [], []
    for name, seen in scenario.observations.items():
        parts = scenario.sectors if seen.of == "total" else seen.of
        rows.append([float(sector in parts) for sector in sectors])
        if seen.year not in years or not any(rows[-1]):
            problems.append(f"observations.{name}: no lever does anything there in {seen.year}")
        scale.append(1.0 if seen.units == "Mt CO2" else _reference(bottom_up, seen, parts))
    if problems:
        raise ScenarioError(f"{scenario.name}: {'; '.join(problems)}")
    given = list(scenario.observations.values())
    return Evidence(
        np.array(rows),
        np.array([s.value for s in given]) * scale,
        np.array([(s.high - s.low) / SPREAD for s in given]) * scale,
        [s.year for s in given],
        list(scenario.observations),
    )


def _reference(bottom_up: xr.Dataset, seen: Observation, parts: tuple[str, ...]) -> float:
    """Reference emissions of sectors in a year; electricity that two models count, once."""
    now = bottom_up[["reference", "reference_twice"]].sel(sector=list(parts), year=seen.year)
    whole = float(now["reference"].sum())
    every = set(parts) == set(bottom_up["sector"].values.tolist())
    return whole - float(now["reference_twice"].sum()) if every else whole


def caps(scenario: Scenario, bottom_up: xr.Dataset, z: xr.DataArray) -> xr.DataArray:
    """
    Say what full adoption could avoid at most: savings at their high ends, on all there is.

    Parameters
    ----------
    scenario : Scenario
        Names the sector models, and what it states of them anew.
    bottom_up : xarray.Dataset
        Gives ``reference``.
    z : xarray.DataArray
        Dims (sector, year): sectors and years wanted.

    Returns
    -------
    xarray.DataArray
        Dims (sector, year) [Mt CO2].
    """
    models = models_of(scenario)
    sectors = [str(s) for s in z["sector"].values]
    high = [float(saving_potential(models[s])["total"].sel(estimate="high")) for s in sectors]
    share = xr.DataArray(high, coords={"sector": sectors}, dims="sector")
    reference = bottom_up["reference"].sel(sector=sectors, year=z["year"].values)
    return (share * reference).transpose("sector", "year").assign_attrs(
        units="Mt CO2", long_name="what full adoption avoids with savings at their high ends",
        source="sector models",
    )  # fmt: skip


def weigh(
    z: xr.DataArray,
    spread: xr.DataArray | Array,
    evidence: Evidence,
    cap: xr.DataArray | None = None,
) -> ReconciledYears:
    """
    Blend sector models with independent evidence; other years move along.

    Parameters
    ----------
    z : xarray.DataArray
        Net enabling effect, dims (sector, year) [Mt CO2].
    spread : xarray.DataArray or numpy.ndarray
        Variances (sector, year), one cause in all years; or the covariance of all numbers.
    evidence : Evidence
        Observations.
    cap : xarray.DataArray, optional
        Upper bounds, dims (sector, year) [Mt CO2].

    Returns
    -------
    ReconciledYears
        A parameter that is wrong in the year observed is wrong in all: the path keeps its
        movement.
    """
    index = pd.MultiIndex.from_arrays([evidence.names, evidence.years])
    table = pd.DataFrame(z.values, z["sector"].values, z["year"].values)
    return reconcile_years(
        table,
        np.asarray(spread),
        evidence.rows,
        pd.Series(evidence.value, index=index),
        pd.Series(evidence.sd**2, index=index),
        persistence=1.0,
        bounds=None if cap is None else (None, cap.to_pandas()),
    )


def held_by_caps(found: ReconciledYears, cap: xr.DataArray) -> xr.Dataset:
    """
    Lay out which caps hold the estimate, and how hard.

    Parameters
    ----------
    found : ReconciledYears
        Outcome of :func:`weigh` with caps.
    cap : xarray.DataArray
        Caps, dims (sector, year).

    Returns
    -------
    xarray.Dataset
        Dims (sector, year): ``cap`` [Mt CO2], ``cap_active``, ``cap_deviations``, by how many
        standard deviations the evidence asks for more [1].
    """
    held = found.stacked.bounds
    said = {
        "cap_active": ("active", "whether full adoption at high savings holds the estimate"),
        "cap_deviations": ("deviations", "how far the evidence goes beyond, in deviations"),
    }
    data = {"cap": cap.drop_attrs().assign_attrs(cap.attrs)}
    for name, (key, title) in said.items():
        values = np.zeros(cap.shape) if held is None else held[key].values.reshape(cap.shape)
        values = values.astype(bool) if name == "cap_active" else values
        data[name] = cap.copy(data=values).assign_attrs(
            units="1", long_name=title, source="observations of the scenario"
        )
    return xr.Dataset(data)


def moved_draws(draws: xr.DataArray, evidence: Evidence) -> xr.DataArray:
    r"""
    Carry draws over to the reconciled state.

    Parameters
    ----------
    draws : xarray.DataArray
        Net enabling effect, dims (sector, year, draw).
    evidence : Evidence
        Observations.

    Returns
    -------
    xarray.DataArray
        The same draws with mean and covariance of the reconciled state.

    Notes
    -----
    The square-root form of the ensemble Kalman filter [1]_: deviations from the mean are
    multiplied by T with :math:`T V T' = \hat V`, so no further random number is needed and
    the shape of the distribution is kept.

    References
    ----------
    .. [1] M. K. Tippett et al., Ensemble square root filters, Monthly Weather Review 131 (2003)
       1485-1490.
    """
    array = draws.transpose("sector", "year", "draw")
    n, t, count = array.shape
    sample = array.values.reshape(n * t, count)
    years = array["year"].values.tolist()
    rows = np.array(
        [
            np.kron(row, np.arange(t) == years.index(year))
            for row, year in zip(evidence.rows, evidence.years, strict=True)
        ]
    )
    covariance, shrink = tighten(np.cov(sample), rows, evidence.sd)
    middle = sample.mean(axis=1)
    gain = covariance @ rows.T / evidence.sd**2
    centre = middle + gain @ (evidence.value - rows @ middle)
    moved = centre[:, None] + shrink @ (sample - middle[:, None])
    return array.copy(data=moved.reshape(n, t, count))


def evidence_table(
    scenario: Scenario, evidence: Evidence, found: ReconciledYears, blended: bool
) -> xr.Dataset:
    """
    Lay out each observation beside what the sector models and the blend say.

    Parameters
    ----------
    scenario : Scenario
        Gives titles and sources.
    evidence : Evidence
        Observations.
    found : ReconciledYears
        Outcome of :func:`weigh`.
    blended : bool
        Whether the blend stands.

    Returns
    -------
    xarray.Dataset
        By ``observation``: value, sd, ``observation_implied`` by the sector models,
        ``observation_estimate`` of the blend [Mt CO2], ``observation_residual``, value less
        implied over the deviation of that difference [1]; scalars ``chi2_observations``,
        ``p_value_observations``, ``observed``.
    """
    stacked = found.stacked
    sides = stacked.sides
    deviation = np.sqrt(np.diag(sides.h @ sides.v @ sides.h.T + sides.r))
    implied = stacked.implied.values
    fitted = sides.h @ stacked.estimate.values if blended else implied
    given = [scenario.observations[name] for name in evidence.names]

    def _row(values: Array, units: str, title: str) -> tuple[str, Array, dict[str, str]]:
        attrs = {"units": units, "long_name": title, "source": "observations of the scenario"}
        return "observation", values, attrs

    def _one(value: float | bool, title: str) -> tuple[tuple[()], float | bool, dict[str, str]]:
        return (), value, {"units": "1", "long_name": title}

    return xr.Dataset(
        {
            "observation_value": _row(evidence.value, "Mt CO2", "observed"),
            "observation_sd": _row(evidence.sd, "Mt CO2", "standard deviation of the observation"),
            "observation_implied": _row(implied, "Mt CO2", "sum of the sector models"),
            "observation_estimate": _row(fitted, "Mt CO2", "reconciled"),
            "observation_residual": _row(
                (evidence.value - implied) / deviation, "1", "difference over its deviation"
            ),
            "chi2_observations": _one(stacked.chi2, "consistency with the observations"),
            "p_value_observations": _one(stacked.p_value, "probability of a larger chi2"),
            "observed": _one(blended, "whether the observations are blended in"),
        },
        coords={
            "observation": evidence.names,
            "observation_year": ("observation", evidence.years),
            "observation_title": ("observation", [s.title for s in given]),
            "observation_title_zh": ("observation", [s.title_zh for s in given]),
            "observation_source": ("observation", [s.source for s in given]),
        },
    )
