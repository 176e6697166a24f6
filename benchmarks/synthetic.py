"""Synthetic world tables like real ones: skewed flows, mostly domestic, some idle sectors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import io_tables

Array = npt.NDArray[np.float64]


class World(NamedTuple):
    """Arrays of a synthetic economy."""

    flows: Array
    output: Array
    demand: Array
    accounts: Array
    regions: list[str]
    industries: list[str]


def world(
    n: int, regions: int, k: int, *, seed: int = 1, density: float = 0.46, trade: float = 0.25
) -> World:
    """
    Draw an economy.

    Parameters
    ----------
    n, regions, k : int
        Sectors in all, regions that share them evenly, and satellite accounts.
    seed : int
        Of the draw.
    density : float
        Share of cells that are not zero.
    trade : float
        Share of inputs bought abroad.

    Returns
    -------
    World
        Lognormal coefficients with column sums of 0.53 on average, 4 % of sectors without
        output, demand by region.
    """
    rng = np.random.default_rng(seed)
    size = n // regions
    region = np.repeat(np.arange(regions), size)
    a = np.empty((n, n))
    for r in range(regions):  # by region, to keep temporaries small
        mine = region == r
        part = rng.lognormal(0, 2, (size, n)) * (rng.random((size, n)) < density)
        part[:, ~mine] *= trade / max(regions - 1, 1) / (1 - trade) if regions > 1 else 0
        a[mine] = part
    idle = rng.random(n) < 0.04
    a[idle], a[:, idle] = 0, 0
    sums = np.where(idle, 1, a.sum(axis=0))
    sums[sums == 0] = 1
    a *= np.clip(rng.normal(0.53, 0.12, n), 0.1, 0.9) / sums
    demand = np.zeros((n, regions))
    for r in range(regions):
        own = rng.lognormal(3, 1.5, n) * np.where(region == r, 1.0, 0.2 / max(regions, 1))
        demand[:, r] = np.where(idle, 0, own)
    total = demand.sum(axis=1)
    output = total
    for _ in range(120):
        output = total + a @ output
    a *= output  # flows, in place
    accounts = rng.lognormal(0, 2, (k, n)) * output
    return World(
        a,
        np.asarray(a.sum(axis=1) + total),
        demand,
        accounts,
        [f"R{r:03d}" for r in region],
        [f"i{i:03d}" for i in np.tile(np.arange(size), regions)],
    )


def table(made: World) -> io_tables.IOTable:
    """
    Make a checked table of it.

    Parameters
    ----------
    made : World
        Arrays.

    Returns
    -------
    IOTable
        With satellites ``a000``, ``a001`` and so on.
    """
    names = sorted(set(made.regions))
    single = len(names) == 1
    return io_tables.from_arrays(
        made.flows,
        made.demand,
        sectors=made.industries,
        regions=None if single else made.regions,
        categories=[f"{r}:final demand" for r in names] if not single else ["final demand"],
        satellites={f"a{i:03d}": (row, "t") for i, row in enumerate(made.accounts)},
        units="USD",
        price_basis="current",
        source="synthetic",
        scope="direct",
        output=made.output,
    )
