"""Where a number of a result comes from: formula, inputs, intermediate values, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping

from handprint.cell import YEARS, Asked, UnknownIndicatorError, asked_of, find_cell
from handprint.explain_cells import CellTeller
from handprint.explanation import Explanation
from handprint.headline import TOTAL
from handprint.overrides import models_of
from handprint.results import DATASETS, Results
from handprint.telling import Teller, variables
from io_tables.errors import did_you_mean
from sector_models import Sector

__all__ = ["UnknownIndicatorError", "explain", "variables"]

_CELL = re.compile(r"([A-Za-z_]+?)(?:_(\d{4}))?")


def explain(
    results: Results, indicator: str, sector: str = TOTAL, at: Mapping[str, str] | None = None
) -> Explanation:
    """
    Explain one number of a result down to its inputs and their sources.

    Parameters
    ----------
    results : Results
        A run.
    indicator : str
        Quantity and year, such as ``NER_2030``; the last year if it is left out. Any other
        number of the result by its dataset too, such as ``top_down.upstream_2030``,
        ``reconciled.chi2`` or ``ict.electricity_2028``.
    sector : str
        Sector model, ``total``, a use case such as ``power.dispatch``, or a sector of the
        table such as ``STE``, which is explained by the model that covers it. For other
        numbers the label on any dim that knows it.
    at : Mapping of str to str, optional
        Labels by dim, for numbers with several: ``{"emitter": "STE"}``.

    Returns
    -------
    Explanation
        Recomputed from the inputs.

    Raises
    ------
    UnknownIndicatorError
        If the result has no such quantity, year or label.
    LedgerError
        If the inputs or the formula do not give the number in the result, for example because
        sector files have changed since: never a wrong explanation.

    Examples
    --------
    >>> import handprint
    >>> answer = explain(handprint.run("current-policy"), "NER_2030", "industry")
    >>> answer.term.formula, [part.symbol for part in answer.term.parts]
    ('ENB - F', ['ENB', 'F'])
    """
    models = models_of(results.scenario)
    if (asked := _other_number(results, indicator, sector, at or {})) is not None:
        return _any(results, models, asked)
    name, year = _cell(results, indicator)
    covered = _covering(models, sector)
    labels = [*results.scenario.sectors, TOTAL, *map(str, results.bottom_up["use_case"].values)]
    if sector not in labels and not covered:
        table = [str(e) for e in results.top_down["emitter"].values]
        raise UnknownIndicatorError(
            f"no sector {sector!r} in the result; {did_you_mean(sector, [*labels, *table])}"
        )
    shown = next(iter(covered)) if sector not in labels else sector
    term = Teller(results, models, year).quantity(name, shown)
    change: dict[str, float] = {}
    if covered:
        emitters = results.top_down["emitters"].sel(emitter=sector, year=year, estimate="central")
        change = {str(m): float(emitters.sel(sector=m)) for m in emitters["sector"].values}
    return Explanation(results.scenario.name, name, shown, year, term, change, covered)


def _other_number(
    results: Results, indicator: str, sector: str, at: Mapping[str, str]
) -> Asked | None:
    """What is asked for unless it is an indicator by sector model or use case."""
    match = _CELL.fullmatch(indicator) if isinstance(indicator, str) else None
    if not isinstance(indicator, str) or (match and match[1] in variables() and not at):
        return None
    if "." not in indicator and match and not _anywhere(results, match[1]):
        return None
    return asked_of(results, indicator, sector, at)


def _anywhere(results: Results, name: str) -> bool:
    return any(name in getattr(results, d).data_vars for d in DATASETS)


def _any(results: Results, models: Mapping[str, Sector], asked: Asked) -> Explanation:
    """Explain a number of any dataset."""
    cell = find_cell(results, asked)
    term = CellTeller(results, models).term(asked)
    years = [int(v) for k, v in cell.labels.items() if k in YEARS]
    whose = [str(v) for k, v in cell.labels.items() if k not in YEARS]
    year = years[0] if years else results.scenario.end_year
    return Explanation(results.scenario.name, cell.name, ", ".join(whose) or TOTAL, year, term)


def _cell(results: Results, indicator: str) -> tuple[str, int]:
    """Quantity and year that a text names."""
    match = _CELL.fullmatch(indicator) if isinstance(indicator, str) else None
    known = list(variables())
    name = match[1] if match else str(indicator)
    if name not in known:
        raise UnknownIndicatorError(f"no quantity {name!r}; {did_you_mean(name, known)}")
    year = int(match[2]) if match and match[2] else results.scenario.end_year
    if year not in results.scenario.years:
        first, last = results.scenario.years[0], results.scenario.years[-1]
        raise UnknownIndicatorError(f"{indicator}: the run goes from {first} to {last}")
    return name, year


def _covering(models: Mapping[str, Sector], emitter: str) -> dict[str, float]:
    """Sector models that a sector of the table belongs to, the largest share first."""
    shares = {
        name: sum(c.share for c in model.covers if emitter in c.emitters)
        for name, model in models.items()
    }
    return dict(sorted(((m, s) for m, s in shares.items() if s), key=lambda item: -item[1]))
