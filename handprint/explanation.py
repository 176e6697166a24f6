"""The answer to where a number comes from: a tree of terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Corners = tuple[float, float, float]


@dataclass(frozen=True)
class Term:
    """
    One value and where it comes from.

    Parameters
    ----------
    symbol, name : str
        Symbol in formulas, and name of the quantity or parameter.
    values : tuple of float
        Low, central and high.
    unit : str
        Unit.
    formula : str
        How it is computed; empty for inputs.
    origin : Mapping of str to str
        For inputs: status, year, note, and ``sources``, a text for each key.
    parts : tuple of Term
        What the formula is made of.
    """

    symbol: str
    name: str
    values: Corners
    unit: str
    formula: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Term, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """
        Write the term and all below it as plain values.

        Returns
        -------
        dict
            For JSON.
        """
        low, central, high = self.values
        return {
            "symbol": self.symbol,
            "name": self.name,
            "low": low,
            "central": central,
            "high": high,
            "unit": self.unit,
            "formula": self.formula,
            "origin": dict(self.origin),
            "parts": [part.to_dict() for part in self.parts],
        }


@dataclass(frozen=True)
class Explanation:
    """
    Answer to where a number comes from.

    Parameters
    ----------
    scenario, indicator, sector : str
        Which number.
    year : int
        Of it.
    term : Term
        The number and the tree below it.
    table : Mapping of str to float
        For a sector of the table: change of its emissions in the counterfactual economy by the
        sector model whose levers cause it [Mt CO2]; empty for a sector model.
    covered : Mapping of str to float
        For a sector of the table: sector model -> share of its emissions.
    """

    scenario: str
    indicator: str
    sector: str
    year: int
    term: Term
    table: Mapping[str, float] = field(default_factory=dict)
    covered: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """
        Write the explanation as plain values.

        Returns
        -------
        dict
            For JSON.
        """
        return {
            "scenario": self.scenario,
            "indicator": self.indicator,
            "sector": self.sector,
            "year": self.year,
            "value": self.term.to_dict(),
            "change_of_emissions_in_the_table": dict(self.table),
            "covered_by": dict(self.covered),
        }
