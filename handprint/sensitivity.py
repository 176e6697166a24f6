"""Which uncertain number moves a result how far: one at a time, and as shares of its variance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from handprint.alignment import Array
from handprint.choice import refuse_beyond
from handprint.errors import OptionError
from handprint.guards import TABLE_OR_NAME, WHOLE, YES_OR_NO, checked
from handprint.headline import TOTAL
from handprint.pipeline import Central, central_run
from handprint.results import RunRecord
from handprint.sampling import OneAtATime, Ranks, Sample
from handprint.scenario import Scenario
from handprint.topdown import Progress, closure
from handprint.uncertainty import WORKING, Model, Plan
from io_tables import IOTable
from io_tables.errors import did_you_mean
from sector_models.parameters import Parameter, quantile

By = Literal["input", "kind"]
QUANTITIES = ("NER", "NER_star")
KEYS = ["scenario", "sector", "year", "quantity", "input"]
RESAMPLES = 200
BAND = (0.05, 0.95)
TOLERANCE = 0.05  # half of the 90 % interval of a total index


@dataclass(frozen=True)
class Crossed:
    r"""
    Part of a sample for variance shares: A, B, and A with one input after the other from B.

    Parameters
    ----------
    ranks : Ranks
        Streams ``A:<stream>`` and ``B:<stream>``.
    inputs : tuple of frozenset of str
        Streams that are exchanged together.
    where : slice
        The part; block by block, each as long as the ranks.
    """

    ranks: Ranks
    inputs: tuple[frozenset[str], ...]
    where: slice

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(range(self.ranks.size * (2 + len(self.inputs)))[self.where])

    def __call__(self, parameter: Parameter, stream: str) -> Array:
        """
        Return the draws of a number.

        Parameters
        ----------
        parameter : Parameter
            Its range and distribution.
        stream : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (draw) [units of the parameter].
        """
        if parameter.low == parameter.high:
            return np.full(self.size, parameter.value)
        whole = range(self.ranks.size * (2 + len(self.inputs)))[self.where]
        block, row = np.divmod(np.asarray(whole), self.ranks.size)
        mine = next(k for k, streams in enumerate(self.inputs) if stream in streams)
        one, other = (quantile(parameter, self.ranks.of(f"{side}:{stream}")) for side in "AB")
        return np.where((block == 1) | (block == 2 + mine), other[row], one[row])


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """
    How far inputs move NER and NER*.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    record : RunRecord
        With what; draws and seed are those of the sample.
    year : int
        Year looked at.
    tornado : pandas.DataFrame
        Columns scenario, sector, year, quantity, input; ``low``, ``central``, ``high``: the
        quantity with the input at its low end, in the middle and at its high end, all others
        in the middle; ``swing``, the distance of the ends; unit. Largest swing first.
    indices : pandas.DataFrame
        The same keys; ``first``: share of the variance that goes if the input were known;
        ``total``: share that stays if all others were known [1]; with bounds ``_low`` and
        ``_high`` of a 90 % bootstrap interval. Largest total first.
    error : float
        Half of the widest 90 % interval of a total index.
    """

    scenario: Scenario
    record: RunRecord
    year: int
    tornado: pd.DataFrame
    indices: pd.DataFrame
    error: float

    @property
    def enough(self) -> bool:
        """Whether the draws suffice: every total index is sure to ``TOLERANCE``."""
        return self.error <= TOLERANCE

    @property
    def needed(self) -> int:
        """Draws that would suffice, as the error falls with their square root: a power of two."""
        wanted = self.record.draws * max(1.0, (self.error / TOLERANCE) ** 2)
        return int(2 ** np.ceil(np.log2(wanted)))


@checked(draws=WHOLE, seed=WHOLE, table=TABLE_OR_NAME, draw_drivers=YES_OR_NO)
def sensitivity(
    scenario: str | Path | Scenario,
    *,
    sector: str | None = None,
    year: int | None = None,
    by: By = "input",
    draws: int = 1024,
    seed: int = 1,
    table: IOTable | str | None = None,
    draw_drivers: bool = True,
    progress: Progress = iter,
) -> Sensitivity:
    r"""
    Find the inputs that the uncertainty of a scenario comes from.

    Parameters
    ----------
    scenario : str, path or Scenario
        As in :func:`handprint.run`.
    sector : str, optional
        A sector model that is looked at besides the total.
    year : int, optional
        Year looked at; by default the last.
    by : {"input", "kind"}
        Whether every stream of draws is an input, or all streams of one kind together, such as
        the savings of all sectors. Numbers with a common cause are one stream.
    draws : int
        Rows of the sample, a power of two; the model is run (inputs + 2) x draws times.
    seed : int
        Of the sample.
    table : IOTable or str, optional
        As in :func:`handprint.run`.
    draw_drivers : bool
        Whether drivers of growth are among the inputs.
    progress : callable
        Wraps the years of the top-down half, and then the chunks of the sample.

    Returns
    -------
    Sensitivity
        Tornado and variance shares.

    Raises
    ------
    OptionError
        If sector, year, ``by``, the seed or the number of draws cannot be.
    MemoryLimitError
        If the sample needs more memory than the machine has.

    Notes
    -----
    First-order and total indices by the estimators of Saltelli and of Jansen [1]_ on a
    scrambled Sobol sequence,

    .. math::
        S_i = \frac{\mathrm{mean}(f_B (f_{AB_i} - f_A))}{V}, \quad
        T_i = \frac{\mathrm{mean}((f_A - f_{AB_i})^2)}{2 V}

    They ask for independent inputs. Parameters with one ``shared`` key are drawn at one rank
    and so form one input; so do the savings of the use cases of a sector.

    References
    ----------
    .. [1] A. Saltelli et al., Variance based sensitivity analysis of model output, Computer
       Physics Communications 181(2), 2010, 259-270.
    """
    if draws < 2 or draws & (draws - 1):
        raise OptionError(f"draws is {draws}: give a power of two, for example 1024")
    if by not in ("input", "kind"):
        raise OptionError(f"by is {by!r}: give 'input' or 'kind'")
    plan = Plan(draws, seed, "sobol", draw_drivers)
    central = central_run(scenario, table, progress=progress)
    year = central.scenario.end_year if year is None else year
    sectors = _sectors(central, sector)
    if year not in central.scenario.years:
        first, last = central.scenario.years[0], central.scenario.end_year
        raise OptionError(f"year is {year}: the scenario runs from {first} to {last}")
    model = central.model(draw_drivers=draw_drivers)
    inputs = _inputs(model, by)

    def _values(sample: Sample) -> Array:
        """Quantities of all draws, shape (sector and quantity, draw)."""
        found = model.parts(sample, [year]).sectors
        return np.array(
            [found[q].sel(sector=s, year=year).values for s in sectors for q in QUANTITIES]
        )

    keys = [(central.scenario.name, s, year, q) for s in sectors for q in QUANTITIES]
    names, groups = list(inputs), tuple(inputs.values())
    rows = 2 * len(groups) + len(keys) * (2 + len(groups))
    refuse_beyond(8 * draws * rows, None, f"a sample of {draws} draws", "take fewer")
    tornado = _tornado(_values(OneAtATime(groups)), names, keys)
    ranks = Ranks(draws, seed, "sobol", tuple(f"{x}:{s}" for g in groups for s in g for x in "AB"))
    values = _in_chunks(_values, ranks, groups, model, progress)
    blocks = values.reshape(len(keys), 2 + len(groups), draws)
    indices, error = _shares(blocks, names, keys, seed)
    gap = float(np.abs(closure(central.scenario, central.tables, central.top)["gap"]).max())
    record = central.record(gap, plan)
    return Sensitivity(central.scenario, record, year, tornado, indices, error)


def _sectors(central: Central, sector: str | None) -> list[str]:
    """Total, and the sector model asked for."""
    if sector is None or sector == TOTAL:
        return [TOTAL]
    if sector not in central.scenario.sectors:
        hint = did_you_mean(sector, central.scenario.sectors)
        raise OptionError(f"sector is {sector!r}: not in the scenario; {hint}")
    return [TOTAL, sector]


def _inputs(model: Model, by: By) -> dict[str, frozenset[str]]:
    """Streams with a range, one by one or by kind."""
    found: dict[str, set[str]] = {}
    for stream in model.streams().moving():
        found.setdefault(kind_of(stream) if by == "kind" else stream, set()).add(stream)
    return {name: frozenset(streams) for name, streams in found.items()}


def kind_of(stream: str) -> str:
    """
    Name the kind of input that a stream belongs to.

    Parameters
    ----------
    stream : str
        Its name.

    Returns
    -------
    str
        For example ``saving`` of ``power.saving``, or ``demand`` of ``demand.exports``.

    Examples
    --------
    >>> [kind_of(s) for s in ("power.saving", "demand.exports", "respend")]
    ['saving', 'demand', 'respend']
    """
    first, _, rest = stream.partition(".")
    return (
        first
        if not rest or first in ("demand", "activity", "intensity")
        else stream.rpartition(".")[2]
    )


def _tornado(
    values: Array, names: Sequence[str], keys: Sequence[tuple[str, str, int, str]]
) -> pd.DataFrame:
    """Ends of every input, largest swing first; inputs without any are left out."""
    rows = [
        (
            *key,
            name,
            line[1 + 2 * k],
            line[0],
            line[2 + 2 * k],
            abs(line[2 + 2 * k] - line[1 + 2 * k]),
        )
        for key, line in zip(keys, values, strict=True)
        for k, name in enumerate(names)
    ]
    frame = pd.DataFrame(rows, columns=[*KEYS, "low", "central", "high", "swing"])
    frame["unit"] = "Mt CO2"
    return _ordered(frame[frame["swing"] > 0], "swing", keys)


def _ordered(
    frame: pd.DataFrame, by: str, keys: Sequence[tuple[str, str, int, str]]
) -> pd.DataFrame:
    """Largest first within each sector and quantity."""
    place = {(s, q): k for k, (_, s, _, q) in enumerate(keys)}
    order = [place[pair] for pair in zip(frame["sector"], frame["quantity"], strict=True)]
    sorted_ = frame.assign(_order=order, _size=-frame[by]).sort_values(
        ["_order", "_size"], kind="stable"
    )
    return sorted_.drop(columns=["_order", "_size"]).reset_index(drop=True)


def _in_chunks(
    values: Callable[[Sample], Array],
    ranks: Ranks,
    groups: tuple[frozenset[str], ...],
    model: Model,
    progress: Progress,
) -> Array:
    """Work through a crossed sample; every draw is worked on by itself."""
    size = ranks.size * (2 + len(groups))
    cases = sum(len(m.use_cases) for m in model.bridge.models.values())
    step = max(1, WORKING // (8 * cases))
    parts = [
        values(Crossed(ranks, groups, slice(first, min(first + step, size))))
        for first in progress(list(range(0, size, step)))
    ]
    return np.concatenate(parts, axis=1)


def _shares(
    blocks: Array, names: Sequence[str], keys: Sequence[tuple[str, str, int, str]], seed: int
) -> tuple[pd.DataFrame, float]:
    """Indices with bootstrap intervals, largest total first, and the widest half interval."""
    rng = np.random.default_rng([seed, RESAMPLES])
    draws = blocks.shape[-1]
    picks = rng.integers(0, draws, (RESAMPLES, draws))
    rows, widest = [], 0.0
    for key, (a, b, *ab) in zip(keys, blocks, strict=True):
        mixed = np.array(ab).reshape(len(names), draws)
        found = np.array(variance_shares(a, b, mixed))
        again = np.array([variance_shares(a[p], b[p], mixed[:, p]) for p in picks])
        low, high = np.quantile(again, BAND, axis=0)
        widest = max(widest, float((high - low)[1].max(initial=0.0)) / 2)
        rows += [
            (*key, name, *(x[order, k] for order in (0, 1) for x in (found, low, high)))
            for k, name in enumerate(names)
        ]
    columns = [f"{order}{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
    frame = pd.DataFrame(rows, columns=[*KEYS, *columns])
    return _ordered(frame, "total", keys), widest


def variance_shares(a: Array, b: Array, ab: Array) -> tuple[Array, Array]:
    r"""
    Estimate first-order and total indices.

    Parameters
    ----------
    a, b : numpy.ndarray
        Results of two independent samples, shape (draw).
    ab : numpy.ndarray
        Results of the first with one input from the second, shape (input, draw).

    Returns
    -------
    first, total : numpy.ndarray
        Shape (input) [1]; zero if nothing varies.

    Notes
    -----
    See :func:`sensitivity`; results are centred first, which lowers the error of the first
    order and changes nothing else.
    """
    both = np.concatenate([a, b])
    middle, variance = both.mean(), both.var()
    if variance <= 1e-24 * max(1.0, middle**2):
        return np.zeros(len(ab)), np.zeros(len(ab))
    first = ((b - middle) * (ab - a)).mean(axis=1) / variance
    total = ((a - ab) ** 2).mean(axis=1) / (2 * variance)
    return first, total
