"""Index decomposition: the change of a product of factors, shared among the factors exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from handprint.alignment import Array, ArrayInput, Labels, demand_labels, read
from handprint.errors import DecompositionError, MissingValueError, OptionError, ShapeError
from handprint.guards import LABELLED, TEXT, checked
from io_tables.errors import did_you_mean

Form = Literal["additive", "multiplicative"]
FORMS = ("additive", "multiplicative")
CLOSURE = 1e-9  # largest gap between parts and change, as a share of the quantity


@checked(factors0=LABELLED, factors1=LABELLED, form=TEXT, units=TEXT)
def index_decomposition(
    v0: ArrayInput,
    v1: ArrayInput,
    factors0: Mapping[str, ArrayInput],
    factors1: Mapping[str, ArrayInput],
    *,
    form: Form = "additive",
    units: str = "1",
) -> xr.Dataset:
    r"""
    Share the change of a quantity among the factors whose product it is (LMDI-I).

    Parameters
    ----------
    v0, v1 : array_like
        Quantity by item before and after, shape (item), not negative [units].
    factors0, factors1 : Mapping of str to array_like
        Factor -> value by item before and after, shape (item) or one number for all items,
        not negative. Their product is the quantity.
    form : {"additive", "multiplicative"}
        Differences or ratios.
    units : str
        Unit of the quantity.

    Returns
    -------
    xarray.Dataset
        Additive: ``effect`` (factor, item) and ``total_effect`` (factor) [units]; the sum of
        all is ``change`` (0-d). Multiplicative: ``ratio`` (factor) [1], whose product is
        ``total_ratio`` (0-d), and ``log_effect`` (factor, item) [1], whose sum over items is
        the logarithm of ``ratio``.

    Raises
    ------
    ArgumentError
        If an argument is of another kind.
    OptionError
        If the form is unknown.
    ShapeError, LabelMismatchError, MissingValueError
        If the arrays do not fit each other.
    DecompositionError
        If a value is negative, the factors do not multiply to the quantity, or the total of a
        multiplicative form is zero.

    Notes
    -----
    With the logarithmic mean :math:`L(a, b) = (a - b)/(\ln a - \ln b)`, :math:`L(a, a) = a`,

    .. math::
        \Delta V_k = \sum_i L(V_i^1, V_i^0) \ln\frac{f_{ki}^1}{f_{ki}^0}, \quad
        D_k = \exp\Big(\frac{\Delta V_k}{L(V^1, V^0)}\Big)

    which is perfect: :math:`\sum_k \Delta V_k = V^1 - V^0`, :math:`\prod_k D_k = V^1 / V^0`
    [1]_. Where a value is zero the limit is taken of all zeros going to zero alike [2]_: an
    item that appears is credited in equal parts to the factors that were zero, one that
    vanishes to the factors that are zero, one that is zero twice to none.

    References
    ----------
    .. [1] B. W. Ang, LMDI decomposition approach: a guide for implementation, Energy Policy 86
       (2015) 233-238.
    .. [2] B. W. Ang and N. Liu, Handling zero values in the logarithmic mean Divisia index
       decomposition approach, Energy Policy 35 (2007) 238-246.

    Examples
    --------
    >>> parts = index_decomposition(
    ...     [6.0], [24.0], {"activity": [2.0], "intensity": [3.0]},
    ...     {"activity": [4.0], "intensity": [6.0]}, units="Mt")
    >>> parts["total_effect"].values.round(9)
    array([9., 9.])
    """
    demand_option("form", form, FORMS)
    names = _names(factors0, factors1)
    quantity, labels = _quantities(v0, v1)
    n = quantity.shape[1]
    values = np.empty((2, len(names), n))
    for period, factors in enumerate((factors0, factors1)):
        for k, name in enumerate(names):
            values[period, k] = _by_item(factors[name], f"factor {name!r}", n, labels)
    _refuse_misfit(quantity, values, names, labels)
    effect = log_mean_effects(quantity, values)
    return _dataset(quantity, effect, names, labels, form, units)


def log_mean(a: Array | float, b: Array | float) -> Array:
    """
    Logarithmic mean of two positive numbers, without cancellation where they are close.

    Parameters
    ----------
    a, b : float or numpy.ndarray
        Positive.

    Returns
    -------
    numpy.ndarray
        (a - b) / (ln a - ln b), a where both are the same.

    Examples
    --------
    >>> float(log_mean(2.0, 2.0))
    2.0
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    logarithm = _log_ratio(a, b)
    same = logarithm == 0
    mean: Array = np.asarray(np.where(same, a, (a - b) / np.where(same, 1.0, logarithm)))
    return mean


def _log_ratio(a: Array, b: Array) -> Array:
    """Logarithm of a / b, exact to the last digits for values that are close or far apart."""
    near = np.abs(a - b) < 0.5 * b
    step = np.where(near, a - b, 0.0) / b
    ratio: Array = np.where(near, np.log1p(step), np.log(a) - np.log(b))
    return ratio


def log_mean_effects(quantity: Array, values: Array) -> Array:
    """
    Share changes of products among their factors; see :func:`index_decomposition`.

    Parameters
    ----------
    quantity : numpy.ndarray
        Shape (period, item), two periods.
    values : numpy.ndarray
        Shape (period, factor, item).

    Returns
    -------
    numpy.ndarray
        Shape (factor, item).
    """
    (v0, v1), (f0, f1) = quantity, values
    effect: Array = np.zeros_like(f0)
    both = (v0 > 0) & (v1 > 0)
    effect[:, both] = log_mean(v1[both], v0[both]) * _log_ratio(f1[:, both], f0[:, both])
    for gone, left, sign in ((v0, v1, 1.0), (v1, v0, -1.0)):
        one_sided = (gone == 0) & (left > 0)
        zero = (f0 if sign > 0 else f1)[:, one_sided] == 0
        effect[:, one_sided] = sign * left[one_sided] * zero / zero.sum(axis=0)
    return effect


def demand_option(what: str, value: object, known: tuple[str, ...]) -> None:
    """
    Refuse a choice that does not exist.

    Parameters
    ----------
    what : str
        Name of the argument.
    value : object
        As given.
    known : tuple of str
        What there is.

    Raises
    ------
    OptionError
        With the nearest choice.
    """
    if value not in known:
        raise OptionError(f"{what} {value!r}: {did_you_mean(str(value), known)}")


def _names(factors0: Mapping[str, ArrayInput], factors1: Mapping[str, ArrayInput]) -> list[str]:
    names = list(factors0)
    if not names or set(names) != set(factors1):
        raise DecompositionError(
            f"factors differ or are none: before {names}, after {list(factors1)}: give the same "
            "names twice"
        )
    return names


def _quantities(v0: ArrayInput, v1: ArrayInput) -> tuple[Array, Labels]:
    """Read the quantity of both periods, and the items."""
    before, after = read(v0, "v0"), read(v1, "v1")
    if before.values.ndim != 1 or before.values.shape != after.values.shape:
        raise ShapeError(
            f"v0 and v1 have shapes {before.values.shape} and {after.values.shape}: give one "
            "value for each item, twice"
        )
    given = before.labels[0] if before.labels[0] is not None else after.labels[0]
    labels: Labels = pd.RangeIndex(len(before.values)) if given is None else given
    demand_labels(after.labels[0], labels, "v1")
    return np.array([before.values, after.values]), labels


def _by_item(given: ArrayInput, what: str, n: int, labels: Labels) -> Array:
    """Read a factor; one number stands for every item."""
    block = read(given, what)
    if block.values.shape not in ((), (n,)):
        raise ShapeError(f"{what}: shape {block.values.shape} for {n} items")
    if block.values.shape:
        demand_labels(block.labels[0], labels, what)
    spread: Array = np.broadcast_to(block.values, (n,))
    return spread


def _refuse_misfit(quantity: Array, values: Array, names: list[str], labels: Labels) -> None:
    """Refuse negative values and factors that do not multiply to the quantity."""
    for what, numbers in (("v", quantity), *zip(names, values.swapaxes(0, 1), strict=True)):
        if (numbers < 0).any():
            period, item = np.argwhere(numbers < 0)[0]
            raise DecompositionError(
                f"{what} of {labels[item]!r} is {numbers[period, item]:g} "
                f"{('before', 'after')[period]}: logarithms need values that are not negative; "
                "use differences (sda) or add the items up"
            )
    product = values.prod(axis=1)
    if not np.isfinite(product).all():
        raise MissingValueError("the product of the factors is too large for a number")
    gap = np.abs(product - quantity) > CLOSURE / 10 * np.maximum(product, quantity)
    if gap.any():
        period, item = np.argwhere(gap)[0]
        raise DecompositionError(
            f"{labels[item]!r} {('before', 'after')[period]}: factors multiply to "
            f"{product[period, item]:.9g}, the quantity is {quantity[period, item]:.9g}"
        )


def _dataset(
    quantity: Array, effect: Array, names: list[str], labels: Labels, form: Form, units: str
) -> xr.Dataset:
    """Label the results, in differences or ratios."""
    v0, v1 = (float(v) for v in quantity.sum(axis=1))
    if abs(effect.sum() - (v1 - v0)) > CLOSURE * max(v0, v1):
        raise DecompositionError(
            f"effects sum to {effect.sum():.12g}, the change is {v1 - v0:.12g}: values differ by "
            "too many orders of magnitude"
        )
    attrs = {"title": f"{form} LMDI-I", "note": "shares of a change, no causes"}
    coords = {"factor": names, "item": labels.to_numpy()}
    both, by_factor = ("factor", "item"), ("factor",)
    if form == "additive":
        found = {
            "effect": (both, effect, "part of the change"),
            "total_effect": (by_factor, effect.sum(axis=1), "part of the change, all items"),
            "change": ((), v1 - v0, "change of the quantity"),
        }
    else:
        if v0 <= 0 or v1 <= 0:
            raise DecompositionError(
                f"totals are {v0:g} before and {v1:g} after: a ratio needs both above zero; use "
                'form="additive"'
            )
        logs, units = effect / log_mean(v1, v0), "1"
        found = {
            "log_effect": (both, logs, "part of the logarithm of the ratio"),
            "ratio": (by_factor, np.exp(logs.sum(axis=1)), "ratio due to the factor"),
            "total_ratio": ((), v1 / v0, "quantity after over before"),
        }
    made = {
        name: xr.Variable(dims, numbers, {"units": units, "long_name": text})
        for name, (dims, numbers, text) in found.items()
    }
    return xr.Dataset(made, coords=coords, attrs=attrs)
