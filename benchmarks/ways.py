"""Every way to the same numbers: of the project, of its peers and of a careful numpy user."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from synthetic import World, table, world

from handprint import Solver
from handprint.footprint import footprint
from io_tables import IOTable

Array = npt.NDArray[np.float64]
Run = Callable[[], object]
Prepared = Callable[[], Run]  # what it does is outside the clock

CALC_ALL, SOLVE, INVERSE = "pymrio calc_all", "numpy solve: T", "numpy inverse: T"
MARIO, T = "MARIO w and f: T", "handprint: T"
ACCOUNTS, TRADE = "handprint: T, accounts", "handprint: T, accounts, trade"
CHECKED = "handprint: checks of arrays, T, accounts"
SLOW, LARGE = {INVERSE, MARIO}, 5000  # left out of larger tables: they take minutes
PEERS = {"pymrio": CALC_ALL, "mario": MARIO}
SIZES = {42: 1, 149: 1, 1000: 20, 2464: 44}  # sectors -> regions
FULL = {4914: 189, 9800: 49}


def regions(n: int) -> int:
    """Regions of a synthetic table of n sectors."""
    return (SIZES | FULL).get(n, max(1, n // 10) if n >= 20 else 1)


def economy(n: int, k: int) -> World:
    """Return a synthetic table, or the real one for n = 0."""
    if n:
        return world(n, regions(n), k)
    real = wiod(k)
    if real is None:
        raise FileNotFoundError("no WIOD table")
    return real


def reciprocal(output: Array) -> Array:
    """Return 1/x, zero where there is no output."""
    return np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)


def missing() -> list[str]:
    """Peers that are not installed."""
    return [name for name in PEERS if find_spec(name) is None]


def names(n: int = 0) -> list[str]:
    """Ways that can run here for n sectors, peers first."""
    absent = {PEERS[name] for name in missing()} | (SLOW if n > LARGE else set())
    return [way for way in WAYS if way not in absent]


class Subject:
    """An economy that is handed to every way in its own form."""

    def __init__(self, made: World) -> None:
        self.made = made

    @cached_property
    def checked(self) -> IOTable:
        """The checked table, made once."""
        return table(self.made)


def _inverse(subject: Subject) -> Prepared:
    made = subject.made
    flows, scale, accounts = made.flows, reciprocal(made.output), made.accounts
    return lambda: lambda: (accounts * scale) @ np.linalg.inv(np.eye(len(flows)) - flows * scale)


def _solve(subject: Subject) -> Prepared:
    made = subject.made
    flows, scale, accounts = made.flows, reciprocal(made.output), made.accounts

    def run() -> object:
        return np.linalg.solve((np.eye(len(flows)) - flows * scale).T, (accounts * scale).T).T

    return lambda: run


def _mario(subject: Subject) -> Prepared:
    from mario.compute.primitives import calc_e, calc_f, calc_w, calc_z

    made = subject.made
    index = pd.MultiIndex.from_arrays([made.regions, ["Sector"] * len(made.regions), _unique(made)])
    flows = pd.DataFrame(made.flows, index=index, columns=index)
    output = pd.DataFrame(made.output[:, None], index=index, columns=["production"])
    accounts = pd.DataFrame(made.accounts, columns=index)
    return lambda: lambda: calc_f(calc_e(accounts, output), calc_w(calc_z(flows, output)))


def _calc_all(subject: Subject) -> Prepared:
    import pymrio

    made = subject.made
    index = pd.MultiIndex.from_arrays([made.regions, made.industries], names=["region", "sector"])
    names = sorted(set(made.regions))
    use = pd.MultiIndex.from_product([names, ["final demand"]], names=["region", "category"])
    flows = pd.DataFrame(made.flows, index=index, columns=index)
    demand = pd.DataFrame(made.demand, index=index, columns=use)
    stressors = pd.Index([f"a{i:03d}" for i in range(len(made.accounts))], name="stressor")
    accounts = pd.DataFrame(made.accounts, index=stressors, columns=index)

    def prepare() -> Run:
        extension = {"name": "accounts", "F": accounts}
        return pymrio.IOSystem(Z=flows, Y=demand, accounts=extension).calc_all

    return prepare


def _t(subject: Subject) -> Prepared:
    made, checked = subject.made, subject.checked
    s = made.accounts * reciprocal(made.output)
    return lambda: lambda: Solver(checked).multipliers(s)


def _accounts(subject: Subject) -> Prepared:
    checked = subject.checked
    return lambda: lambda: footprint(checked, trade=False)


def _trade(subject: Subject) -> Prepared:
    checked = subject.checked
    return lambda: lambda: footprint(checked)


def _checked(subject: Subject) -> Prepared:
    made = subject.made
    return lambda: lambda: footprint(table(made), trade=False)


def _unique(made: World) -> list[str]:
    return [f"{r} {i}" for r, i in zip(made.regions, made.industries, strict=True)]


WAYS: dict[str, Callable[[Subject], Prepared]] = {
    CALC_ALL: _calc_all,
    MARIO: _mario,
    INVERSE: _inverse,
    SOLVE: _solve,
    T: _t,
    ACCOUNTS: _accounts,
    TRADE: _trade,
    CHECKED: _checked,
}


def error(subject: Subject) -> float:
    """Largest relative difference of any element of T from that of numpy's solve."""
    s = subject.made.accounts * reciprocal(subject.made.output)
    t = Solver(subject.checked).multipliers(s).values
    reference = np.asarray(_solve(subject)()())
    known = reference != 0
    return float((np.abs(t - reference)[known] / np.abs(reference[known])).max())


def wiod(k: int) -> World | None:
    """
    Read the world table of WIOD 2013, if it is there, with k invented accounts.

    Parameters
    ----------
    k : int
        Accounts: lognormal intensities, for the table comes without any.

    Returns
    -------
    World or None
        41 regions of 35 industries; flows and output as published, in whole million dollars;
        what rounding leaves of a row is put to final demand at home.
    """
    given = os.environ.get("HANDPRINT_SHARED")
    shared = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    files = sorted((shared / "wiod2013_world").glob("wiot_*.npz"))
    if not files:
        return None
    with np.load(files[-1]) as stored:
        flows, output = stored["Z"].astype(float), stored["x"].astype(float)
        demand = stored["Y"].astype(float)
        countries, industries = stored["countries"].tolist(), stored["industries"].tolist()
    by_region = demand.reshape(len(demand), len(countries), -1).sum(axis=2)
    home = np.repeat(np.arange(len(countries)), len(industries))
    by_region[np.arange(len(output)), home] += output - flows.sum(axis=1) - by_region.sum(axis=1)
    intensity = np.random.default_rng(1).lognormal(0, 2, (k, len(output)))
    return World(
        flows,
        output,
        by_region,
        intensity * output,
        [c for c in countries for _ in industries],
        industries * len(countries),
    )
