"""How far a use case has spread, year by year."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sector_models.alignment import check_years
from sector_models.errors import AdoptionError, did_you_mean

Floats = NDArray[np.float64]


def adopt(curve: str, years: Iterable[int], **parameters: float) -> xr.DataArray:
    r"""
    Share of the addressable activity that uses a digital solution, per year.

    Parameters
    ----------
    curve : {"linear", "logistic", "bass"}
        Shape of the path.
    years : iterable of int
        Ascending years.
    **parameters : float
        - linear: ``start`` and ``end`` [1], reached in ``first_year`` and ``last_year``;
          constant before and after.
        - logistic: ``ceiling`` [1], ``midpoint`` [year], ``speed`` [1/year]; optional
          ``start`` [1], the lower end (default 0), and ``first_year``, in which the path
          leaves ``start`` exactly. Without it ``start`` is only approached backwards in time.
        - bass: ``innovation`` and ``imitation`` [1/year], ``first_year``; optional ``ceiling``
          [1] (default 1).

    Returns
    -------
    xarray.DataArray
        Adoption from 0 to 1, dims (year) [1].

    Raises
    ------
    AdoptionError
        If the curve or a parameter is unknown, missing or out of range.
    YearError
        If years are repeated, out of order or not whole.

    Notes
    -----
    With :math:`\sigma(t) = 1 / (1 + e^{-v (t - t_m)})`, ceiling :math:`c` and start :math:`s`:

    - logistic: :math:`s + (c - s)\,\sigma(t)`; with a first year :math:`t_0`,
      :math:`s + (c - s)\,(\sigma(t) - \sigma(t_0)) / (1 - \sigma(t_0))` from then on;
    - Bass [1]_: :math:`c\,(1 - e^{-(p+q)\tau}) / (1 + (q/p)\,e^{-(p+q)\tau})`, where
      :math:`\tau` counts years since the first, :math:`p` is innovation and :math:`q`
      imitation.

    References
    ----------
    .. [1] F. M. Bass, A new product growth for model consumer durables, Management Science
       15(5), 1969, 215-227.

    Examples
    --------
    >>> adopt("linear", [2020, 2025, 2030], start=0.0, end=0.5, first_year=2020, last_year=2030
    ...       ).values.tolist()
    [0.0, 0.25, 0.5]
    """
    if curve not in _CURVES:
        raise AdoptionError(f"no adoption curve {curve!r}; {did_you_mean(curve, _CURVES)}")
    _check_names(curve, parameters)
    for name, value in parameters.items():
        _check_value(name, value)
    found = check_years(years)
    path = _CURVES[curve](found.astype(float), **parameters)
    return xr.DataArray(
        path,
        dims="year",
        coords={"year": found},
        name="adoption",
        attrs={
            "units": "1",
            "long_name": "adoption",
            "curve": curve,
            **{name: float(value) for name, value in parameters.items()},
        },
    )


def _linear(
    years: Floats, *, start: float, end: float, first_year: float, last_year: float
) -> Floats:
    if not first_year < last_year:
        raise AdoptionError(f"first_year {first_year:g} must come before last_year {last_year:g}")
    return np.interp(years, [first_year, last_year], [start, end])


def _logistic(
    years: Floats,
    *,
    ceiling: float,
    midpoint: float,
    speed: float,
    start: float = 0.0,
    first_year: float | None = None,
) -> Floats:
    if start > ceiling:
        raise AdoptionError(f"start {start:g} is above the ceiling {ceiling:g}")
    spread = _sigmoid(speed * (years - midpoint))
    if first_year is not None:
        origin = float(_sigmoid(np.array(speed * (first_year - midpoint))))
        if origin > 0.999:
            raise AdoptionError(
                f"midpoint {midpoint:g} lies so far before first_year {first_year:g} that the "
                "curve is flat there"
            )
        spread = np.clip((spread - origin) / (1.0 - origin), 0.0, 1.0)
    return np.clip(start + (ceiling - start) * spread, start, ceiling)


def _bass(
    years: Floats, *, innovation: float, imitation: float, first_year: float, ceiling: float = 1.0
) -> Floats:
    elapsed = np.maximum(years - first_year, 0.0)
    fading = np.exp(-(innovation + imitation) * elapsed)
    return ceiling * (1.0 - fading) / (1.0 + imitation / innovation * fading)


def _sigmoid(exponent: Floats) -> Floats:
    """Return the logistic function in a form that cannot overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * exponent))


_CURVES: Mapping[str, Callable[..., Floats]] = {
    "linear": _linear,
    "logistic": _logistic,
    "bass": _bass,
}
_SHARES = ("start", "end", "ceiling")
_YEARS = ("first_year", "last_year", "midpoint")


def _check_names(curve: str, parameters: Mapping[str, object]) -> None:
    """Compare parameter names with the signature of the curve."""
    (_, *wanted) = inspect.signature(_CURVES[curve]).parameters.values()
    names = [parameter.name for parameter in wanted]
    for name in parameters:
        if name not in names:
            raise AdoptionError(f"{curve} has no parameter {name!r}; {did_you_mean(name, names)}")
    missing = [p.name for p in wanted if p.default is p.empty and p.name not in parameters]
    if missing:
        raise AdoptionError(f"{curve} needs {', '.join(missing)}")


def _check_value(name: str, value: object) -> None:
    """Check one parameter against the range that its name implies."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.integer)
        or not math.isfinite(value)
    ):
        raise AdoptionError(f"{name}: {value!r} is not a number")
    if name in _SHARES and not 0 <= value <= 1:
        meant = f"; for {value:g} % write {value / 100:g}" if 1 < value <= 100 else ""
        raise AdoptionError(f"{name} {value:g} is outside 0 to 1{meant}")
    if name in _YEARS and not 1900 <= value <= 2200:
        raise AdoptionError(f"{name} {value:g} is not a year between 1900 and 2200")
    if name in ("speed", "innovation") and value <= 0:
        raise AdoptionError(f"{name} {value:g} must be above zero")
    if name == "imitation" and value < 0:
        raise AdoptionError(f"imitation {value:g} must not be negative")
