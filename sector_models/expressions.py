"""Arithmetic as data: a formula of named quantities, computed with their units."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sector_models.errors import ParameterError, UndefinedRatioError, UnitError, did_you_mean

_PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "E": 1e18}
_PREFIXED = {"g": "mass", "Wh": "energy", "B": "data", "l": "volume"}
_PLAIN = {
    "1": (1.0, ""),
    "%": (0.01, ""),
    "t": (1e6, "mass"),
    "Mt": (1e12, "mass"),
    "Gt": (1e15, "mass"),
    "kgce": (1e3, "coal equivalent"),
    "tce": (1e6, "coal equivalent"),
    "Mtce": (1e12, "coal equivalent"),
    "m2": (1.0, "area"),
    "ha": (1e4, "area"),
    "mu": (1e4 / 15, "area"),
    "kW": (1e3, "power"),
    "km": (1.0, "kilometre"),
    "CNY": (1.0, "money"),
    "10^4 CNY": (1e4, "money"),
    "10^8 CNY": (1e8, "money"),
}
_COUNTED = ("yr", "person", "CO2", "CO2e", "clinker", "day", "dwelling", "bus", "trip")
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CHOICES: dict[str, Callable[..., float]] = {"min": min, "max": max}
_LONGEST, _LARGEST_POWER = 500, 10

Dimension = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Quantity:
    """
    A number in base units, with its dimension.

    Parameters
    ----------
    amount : float
        Number in base units: g, Wh, B, l, m2, CNY, coal equivalent in g, or counted.
    dimension : tuple
        Pairs of a base and its exponent, in order, none with exponent zero.
    """

    amount: float
    dimension: Dimension


@cache
def unit(text: str) -> Quantity:
    """
    Read a unit such as ``t CO2/MWh``.

    Parameters
    ----------
    text : str
        Units divided by a slash and multiplied by a space; all after the first slash divides.

    Returns
    -------
    Quantity
        One of the unit.

    Raises
    ------
    UnitError
        If a part of it is unknown.

    Examples
    --------
    >>> unit("kWh/t").amount
    0.001
    """
    over, *under = text.split("/")
    size, powers = 1.0, dict[str, int]()
    for sign, part in ((1, over), *((-1, part) for part in under)):
        words = [part] if part in _PLAIN else part.split()
        if not words:
            raise UnitError(f"unit {text!r}: nothing stands beside a slash; write 1/yr")
        for word in words:
            scale, base = _word(word, text)
            size *= scale**sign
            if base:
                powers[base] = powers.get(base, 0) + sign
    return Quantity(size, _ordered(powers))


def evaluate(formula: str, given: Mapping[str, Quantity]) -> Quantity:
    """
    Compute a formula.

    Parameters
    ----------
    formula : str
        Numbers, names, ``+ - * / **``, brackets, ``min`` and ``max``; nothing else.
    given : mapping
        Quantity of each name.

    Returns
    -------
    Quantity
        The result.

    Raises
    ------
    ParameterError
        If there is something else in the formula, or a name that is not given.
    UnitError
        If quantities of unlike dimension are added or compared.
    UndefinedRatioError
        If it divides by zero.

    Examples
    --------
    >>> saved = evaluate("rate * output", {"rate": unit("kWh/t"), "output": unit("Mt")})
    >>> saved == unit("GWh")
    True
    """
    if len(formula) > _LONGEST:
        raise ParameterError(f"formula of {len(formula)} letters: at most {_LONGEST}")
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError) as err:
        raise ParameterError(f"formula {formula!r}: {err.args[0]}") from err
    except RecursionError as err:
        raise ParameterError(f"formula {formula!r}: nested too deeply") from err
    return _value(tree.body, given, formula)


def _word(word: str, text: str) -> tuple[float, str]:
    """Size in base units of one word of a unit, and its base."""
    if word in _PLAIN:
        return _PLAIN[word]
    if word in _COUNTED:
        return 1.0, word
    for base, meaning in _PREFIXED.items():
        prefix = word.removesuffix(base)
        if word.endswith(base) and prefix in _PREFIXES:
            return _PREFIXES[prefix], meaning
    raise UnitError(f"unit {text!r}: {word!r}; {did_you_mean(word, (*_PLAIN, *_COUNTED))}")


def _ordered(powers: Mapping[str, int]) -> Dimension:
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _value(node: ast.expr, given: Mapping[str, Quantity], formula: str) -> Quantity:
    """Compute a node of the tree; only what is listed here is ever computed."""
    match node:
        case ast.Constant(value=float() | int() as number) if not isinstance(number, bool):
            return Quantity(float(number), ())
        case ast.Name(id=name):
            if name not in given:
                hint = did_you_mean(name, given)
                raise ParameterError(f"formula {formula!r}: no {name!r}; {hint}")
            return given[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = _value(inner, given, formula)
            return Quantity(-found.amount, found.dimension)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _combined(
                op, _value(left, given, formula), _value(right, given, formula), formula
            )
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as args, keywords=[]) if (
            name in _CHOICES
        ):
            parts = [_value(part, given, formula) for part in args]
            _alike(parts, formula)
            return Quantity(_CHOICES[name](p.amount for p in parts), parts[0].dimension)
    raise ParameterError(
        f"formula {formula!r}: {ast.unparse(node)!r} is not allowed; a formula has numbers, names, "
        "+ - * / **, brackets, min and max"
    )


def _combined(op: ast.operator, left: Quantity, right: Quantity, formula: str) -> Quantity:
    """Combine two quantities and their dimensions."""
    dimension = left.dimension
    if isinstance(op, ast.Add | ast.Sub):
        _alike([left, right], formula)
    elif isinstance(op, ast.Pow):
        if left.dimension or right.dimension:
            raise UnitError(f"formula {formula!r}: only plain numbers are raised to a power")
        if abs(right.amount) > _LARGEST_POWER or (left.amount < 0 and right.amount % 1):
            raise ParameterError(f"formula {formula!r}: power {right.amount:g} is not allowed")
    else:
        sign = 1 if isinstance(op, ast.Mult) else -1
        powers = dict(left.dimension)
        for base, power in right.dimension:
            powers[base] = powers.get(base, 0) + sign * power
        dimension = _ordered(powers)
    try:
        return Quantity(_OPERATORS[type(op)](left.amount, right.amount), dimension)
    except ZeroDivisionError:
        raise UndefinedRatioError(f"formula {formula!r} divides by zero") from None
    except OverflowError:
        raise ParameterError(f"formula {formula!r}: a number is too large") from None


def _alike(parts: list[Quantity], formula: str) -> None:
    """Refuse to add or compare what has unlike dimensions."""
    dimensions = {part.dimension for part in parts}
    if len(dimensions) > 1:
        told = " and ".join(sorted(dimension_text(d) for d in dimensions))
        raise UnitError(f"formula {formula!r}: {told} cannot be added or compared")


def dimension_text(dimension: Dimension) -> str:
    """
    Write a dimension in words.

    Parameters
    ----------
    dimension : tuple
        Of a `Quantity`.

    Returns
    -------
    str
        Such as ``mass CO2 / energy``.

    Examples
    --------
    >>> dimension_text(unit("kWh/t").dimension)
    'energy / mass'
    """
    over = " ".join(f"{b}^{p}" if p > 1 else b for b, p in dimension if p > 0) or "plain number"
    under = " ".join(f"{b}^{-p}" if p < -1 else b for b, p in dimension if p < 0)
    return f"{over} / {under}" if under else over
