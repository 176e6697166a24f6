"""Arithmetic as data: what is computed, what is refused, how units behave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sector_models.errors import ParameterError, UndefinedRatioError, UnitError
from sector_models.expressions import Quantity, dimension_text, evaluate, unit


def plain(**values):
    return {key: Quantity(float(value), ()) for key, value in values.items()}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("-a ** 2", -9), ("a / 2 - 1", 0.5),
        ("min(a, 2, 5)", 2), ("max(a, 2)", 3), ("2 ** -1", 0.5), ("1e3", 1000),
    ],
)  # fmt: skip
def test_arithmetic(formula, expected):
    assert evaluate(formula, plain(a=3)) == Quantity(expected, ())


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')", "a.real", "a[0]", "[a]", "a if a else 1", "a and 1",
        "a < 1", "lambda: a", "f(a)", "min(*a)", "min(a, key=a)", "min()", "'a'", "True", "a // 2",
        "a % 2", "~1", "1j", "(a := 1)", "a; a", "", "a b", "f'{a}'", "None", "max", "a\0",
        "2 ** 1000", "(0 - 8) ** 0.5", "1e308 * 10 ** 10 ** 1.5", "(" * 300, "1" * 600,
    ],
)  # fmt: skip
def test_anything_else_is_refused(formula):
    with pytest.raises(ParameterError):
        evaluate(formula, plain(a=3))


def test_division_by_zero_is_refused():
    with pytest.raises(UndefinedRatioError, match="'1 / a'"):
        evaluate("1 / a", plain(a=0))


@pytest.mark.parametrize(
    ("text", "amount", "dimension"),
    [
        ("kWh/t", 1e-3, "energy / mass"),
        ("TWh/yr", 1e12, "energy / yr"),
        ("t CO2/MWh", 1.0, "CO2 mass / energy"),
        ("10^4 CNY", 1e4, "money"),
        ("EB", 1e18, "data"),
        ("%", 0.01, "plain number"),
        ("1/yr", 1.0, "plain number / yr"),
        ("mu", 10_000 / 15, "area"),
        ("kg CO2/m2/yr", 1e3, "CO2 mass / area yr"),
    ],
)
def test_units(text, amount, dimension):
    found = unit(text)
    assert found.amount == pytest.approx(amount)
    assert dimension_text(found.dimension) == dimension


@pytest.mark.parametrize("text", ["furlong", "t CO3", "/yr", "kt/", "", "mWh"])
def test_unknown_units_are_refused(text):
    with pytest.raises(UnitError, match="unit"):
        unit(text)


def test_carbon_dioxide_is_not_added_to_its_equivalent():
    with pytest.raises(UnitError, match="CO2 mass and CO2e mass"):
        evaluate("a + b", {"a": unit("t CO2"), "b": unit("t CO2e")})


def test_only_plain_numbers_are_raised_to_a_power():
    with pytest.raises(UnitError, match="power"):
        evaluate("a ** 2", {"a": unit("t")})


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
def test_units_do_not_change_the_number(values):
    a, b, c = values
    known = {
        "a": Quantity(a * unit("kWh/t").amount, unit("kWh/t").dimension),
        "b": Quantity(b * unit("Mt").amount, unit("Mt").dimension),
        "c": Quantity(c * unit("GWh").amount, unit("GWh").dimension),
    }
    found = evaluate("max(a * b, c) / c", known)
    assert found.dimension == ()
    assert found.amount == pytest.approx(max(a * b, c) / c)
