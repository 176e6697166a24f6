"""Draws of uncertain numbers: every number has a stream of its own name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args
from zlib import crc32

import numpy as np
from scipy.special import ndtri

from handprint.alignment import Array
from handprint.errors import OptionError
from io_tables.errors import did_you_mean
from sector_models.parameters import Parameter, quantile

Method = Literal["lhs", "sobol", "random"]
METHODS: tuple[str, ...] = get_args(Method)
_EDGE = 2.0**-53  # keeps a rank away from 0 and 1, where a normal is infinite


class Sample(Protocol):
    """Where a model takes the values of its uncertain numbers from."""

    @property
    def size(self) -> int:
        """Number of draws."""

    def __call__(self, parameter: Parameter, stream: str, /) -> Array:
        """Return the draws of a number, shape (draw)."""


@dataclass(frozen=True)
class Ranks:
    """
    Ranks of every stream, the same for a name whatever else is drawn.

    Parameters
    ----------
    size : int
        Number of draws.
    seed : int
        Seed; with the name of a stream it decides the ranks.
    method : {"lhs", "sobol", "random"}
        Latin hypercube: every stream hits each of ``size`` equal classes once, in an order of
        its own. Scrambled Sobol sequence: one dimension for each of ``streams``. Plain draws.
    streams : tuple of str
        Names of all streams; only a Sobol sequence asks for them.

    Raises
    ------
    OptionError
        If the method is unknown.

    Notes
    -----
    A Latin hypercube made of independent permutations by name needs no list of streams, so a
    parameter keeps its ranks when another is added; a Sobol sequence deals its dimensions in
    the order of the names, so it does so only among runs with the same names.

    References
    ----------
    .. [1] M. D. McKay, R. J. Beckman, W. J. Conover, A comparison of three methods for selecting
       values of input variables, Technometrics 21(2), 1979, 239-245.

    Examples
    --------
    >>> ranks = Ranks(4, seed=1)
    >>> sorted((ranks.of("respend") * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """

    size: int
    seed: int
    method: Method = "lhs"
    streams: tuple[str, ...] = ()
    _kept: dict[str, Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an unknown method."""
        refuse_method(self.method)

    def of(self, stream: str) -> Array:
        """
        Return the ranks of a stream.

        Parameters
        ----------
        stream : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Numbers between 0 and 1, shape (draw).
        """
        if stream not in self._kept:
            if self.method == "sobol":
                self._kept.update(self._sobol())
            else:
                self._kept[stream] = self._alone(stream)
        return self._kept[stream]

    def _alone(self, stream: str) -> Array:
        rng = np.random.default_rng([self.seed, crc32(stream.encode())])
        if self.method == "random":
            ranks = rng.random(self.size)
        else:
            ranks = (rng.permutation(self.size) + rng.random(self.size)) / self.size
        return ranks.clip(_EDGE, 1 - _EDGE)

    def _sobol(self) -> dict[str, Array]:
        from scipy.stats import qmc

        names = sorted(set(self.streams))
        engine = qmc.Sobol(len(names), scramble=True, rng=self.seed)
        # A power of two, of which the first are taken: the sequence is balanced only there.
        points = engine.random_base2(max(1, (self.size - 1).bit_length()))[: self.size]
        columns = np.ascontiguousarray(points.T).clip(_EDGE, 1 - _EDGE)
        return dict(zip(names, columns, strict=True))


@dataclass(frozen=True)
class Drawn:
    """
    A part of the draws, as a model takes them.

    Parameters
    ----------
    ranks : Ranks
        Of all draws.
    where : slice
        The part.
    """

    ranks: Ranks
    where: slice

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(range(self.ranks.size)[self.where])

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
        return quantile(parameter, self.ranks.of(stream)[self.where])

    def normal(self, stream: str) -> Array:
        """
        Return the draws of a standard normal.

        Parameters
        ----------
        stream : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (draw) [1].
        """
        values: Array = ndtri(self.ranks.of(stream)[self.where])
        return values


@dataclass(frozen=True)
class Recorder:
    """Notes what a model asks for; every number has its central value, in a single draw."""

    asked: dict[str, list[Parameter]] = field(default_factory=dict)
    size: int = 1

    def __call__(self, parameter: Parameter, stream: str) -> Array:
        """
        Note a number and return its central value.

        Parameters
        ----------
        parameter : Parameter
            Its range.
        stream : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (1) [units of the parameter].
        """
        self.asked.setdefault(stream, []).append(parameter)
        return np.array([parameter.value])

    def moving(self) -> list[str]:
        """
        Name the streams of numbers that have a range.

        Returns
        -------
        list of str
            In order of first use.
        """
        return [s for s, found in self.asked.items() if any(p.low < p.high for p in found)]


@dataclass(frozen=True)
class OneAtATime:
    """
    Central values, and each input in turn at its low and its high end.

    Parameters
    ----------
    inputs : tuple of frozenset of str
        Streams that are turned together. Draw 0 is central; 1 + 2 k and 2 + 2 k have input k
        at its low and its high end.
    """

    inputs: tuple[frozenset[str], ...]

    @property
    def size(self) -> int:
        """Number of draws."""
        return 1 + 2 * len(self.inputs)

    def __call__(self, parameter: Parameter, stream: str) -> Array:
        """
        Return the values of a number.

        Parameters
        ----------
        parameter : Parameter
            Its range.
        stream : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (draw) [units of the parameter].
        """
        values = np.full(self.size, parameter.value)
        for k, streams in enumerate(self.inputs):
            if stream in streams:
                values[1 + 2 * k : 3 + 2 * k] = parameter.low, parameter.high
        return values


def refuse_method(method: str) -> None:
    """
    Refuse an unknown way of sampling.

    Parameters
    ----------
    method : str
        Name.

    Raises
    ------
    OptionError
        Naming those there are.
    """
    if method not in METHODS:
        hint = did_you_mean(str(method), METHODS)
        raise OptionError(f"sampling is {method!r}, one of {', '.join(METHODS)} is needed; {hint}")


def spread(low: float, central: float, high: float) -> Parameter:
    """
    Write a number of a scenario as a parameter with a triangular distribution.

    Parameters
    ----------
    low, central, high : float
        Its range.

    Returns
    -------
    Parameter
        To be drawn from; origin and year stand in the scenario.
    """
    return Parameter(
        value=central, low=low, high=high, units="1", year=2020, status="assumption",
        source="scenario",
    )  # fmt: skip
