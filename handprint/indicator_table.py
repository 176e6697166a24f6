"""Indicators of a run one by one, with unit, definition, warning and a plain sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
import xarray as xr

import sector_models
from handprint.errors import HandprintError, ScenarioError
from handprint.gross_to_net import By, gross_to_net
from handprint.headline import indicator_ratios
from handprint.i18n import label
from handprint.overrides import models_of
from handprint.projection import ESTIMATES
from handprint.results import Results
from handprint.wording import number

COLUMNS = [
    "scenario", "by", "name", "year", "indicator", "preset", "low", "central", "high", "unit",
    "definition", "definition_zh", "flag", "sentence", "sentence_zh",
]  # fmt: skip
PRESETS = {"EI": "ict_input", "VEI_share": "reference"}


def indicator_table(
    results: Results,
    by: By = "sector",
    *,
    years: Iterable[int] | None = None,
    traffic: Mapping[int, float] | None = None,
) -> pd.DataFrame:
    r"""
    List NER, NER*, EI and VEI with what a reader needs beside each number.

    Parameters
    ----------
    results : Results
        A run.
    by : {"sector", "use_case"}
        Whose indicators.
    years : iterable of int, optional
        Of the run; its last year if missing.
    traffic : Mapping of int to float, optional
        Data traffic by year [TB]; gives the enabling intensity of operators [kg CO2/TB].

    Returns
    -------
    pandas.DataFrame
        One row per name, year and indicator: low, central, high, unit, definition, a warning
        where there is one, and a sentence in English and Chinese. EI comes per ICT input
        [t CO2/10^4 CNY], per physical activity where the sector file states one, and per
        traffic where it is given. Ratios without a footprint to divide by have no row;
        ``attrs["undefined"]`` names them.

    Raises
    ------
    ScenarioError
        If a year is not in the run, or traffic is missing or not above zero in one.

    Notes
    -----
    Ratios are formed on sums: VEI of a sector is the sum of ENB over the sum of F of its use
    cases, never a mean of their ratios.

    Examples
    --------
    >>> import handprint
    >>> table = indicator_table(handprint.run("current-policy"))
    >>> table.loc[table["name"] == "total", "indicator"].tolist()
    ['NER', 'NER_star', 'EI', 'VEI_gross', 'VEI_net', 'VEI_share']
    """
    wanted = _years(results, years, traffic)
    lines = gross_to_net(results, by).sel(year=wanted)
    parts = lines.rename({by: "sector"}) if by == "use_case" else lines
    parts = parts.assign(_bases(results, by, wanted))
    ratios = indicator_ratios(parts)
    rows = list(_amounts(parts, ("NER", "NER_star"), results.indicators))
    rows += list(_amounts(ratios, ("EI", "VEI_gross", "VEI_net", "VEI_share"), ratios))
    rows += list(_per_activity(results, by, parts))
    if traffic is not None:
        rows += list(_per_traffic(parts, traffic))
    order = [str(name) for name in parts["sector"].values]
    rows.sort(key=lambda row: (order.index(str(row["name"])), str(row["year"])))
    titles = _titles(results, by)
    table = pd.DataFrame(
        [_worded(row, results.scenario.name, by, titles) for row in rows], columns=COLUMNS
    )
    table.attrs["undefined"] = ratios.attrs.get("undefined", "")
    return table


def _years(
    results: Results, years: Iterable[int] | None, traffic: Mapping[int, float] | None
) -> list[int]:
    """Years that the run has, with traffic above zero where it is wanted."""
    wanted = [results.scenario.end_year] if years is None else [int(year) for year in years]
    strange = [year for year in wanted if year not in results.scenario.years]
    if strange:
        first, last = results.scenario.years[0], results.scenario.years[-1]
        raise ScenarioError(f"years {strange}: the run goes from {first} to {last}")
    if traffic is not None:
        bad = [y for y in wanted if not float(traffic.get(y, 0.0)) > 0]
        if bad:
            raise ScenarioError(f"traffic: a number of TB above zero is needed for {bad}")
    return wanted


def _bases(results: Results, by: By, years: list[int]) -> dict[str, xr.DataArray]:
    """What ratios are formed on besides the lines of the ledger."""
    if by == "sector":
        now = results.indicators.sel(year=years)
        return {name: now[name] for name in ("reference", "ict_purchases")}
    now = results.bottom_up.sel(year=years)
    model = now["model"].rename("of")
    whole = results.indicators["reference"].sel(year=years, sector=model).drop_vars("sector")
    found = {"reference": whole, "ict_purchases": now["ict_purchases"]}
    return {
        name: array.rename(use_case="sector").drop_vars(["of", "model"], errors="ignore")
        for name, array in found.items()
    }


def _amounts(
    data: xr.Dataset, names: Iterable[str], about: xr.Dataset
) -> Iterator[dict[str, object]]:
    for name in names:
        if name not in data:
            continue
        array = data[name]
        for sector in array["sector"].values:
            for year in array["year"].values:
                here = array.sel(sector=sector, year=year)
                yield {
                    "name": str(sector),
                    "year": int(year),
                    "indicator": name,
                    "preset": PRESETS.get(name, ""),
                    **{e: float(here.sel(estimate=e)) for e in ESTIMATES},
                    "unit": about[name].attrs["units"],
                    "definition": about[name].attrs.get("definition", ""),
                    "definition_zh": about[name].attrs.get("definition_zh", ""),
                    "flag": array.attrs.get("flag", ""),
                }


def _per_activity(results: Results, by: By, parts: xr.Dataset) -> Iterator[dict[str, object]]:
    """Enabling intensity per unit of physical activity."""
    models = models_of(results.scenario)
    index = results.drivers["activity"].sel(estimate="central", drop=True)
    for name, model in models.items():
        if by == "sector":
            pairs = [(name, key) for key in model.activities]
        else:
            pairs = [
                (f"{name}.{case}", use.activity)
                for case, use in model.use_cases.items()
                if use.activity is not None
            ]
        for key, activity in pairs:
            amount = model.activities[activity].amount
            for year in parts["year"].values:
                volume = amount.value * float(index.sel(model=name, year=year))
                unit = f"{model.activities[activity].title}, {amount.units}"
                yield from _intensity(parts, key, int(year), 1.0, volume, "Mt CO2", unit, activity)


def _per_traffic(parts: xr.Dataset, traffic: Mapping[int, float]) -> Iterator[dict[str, object]]:
    for sector in parts["sector"].values:
        for year in parts["year"].values:
            volume = float(traffic[int(year)])
            yield from _intensity(
                parts, str(sector), int(year), 1e9, volume, "kg CO2", "TB", "traffic"
            )


def _intensity(
    parts: xr.Dataset,
    name: str,
    year: int,
    scale: float,
    volume: float,
    amount_unit: str,
    unit: str,
    preset: str,
) -> Iterator[dict[str, object]]:
    net = parts["NER"].sel(sector=name, year=year).drop_vars("sector")
    found = sector_models.ei((net * scale).assign_attrs(units=amount_unit), volume, unit)
    yield {
        "name": name,
        "year": year,
        "indicator": "EI",
        "preset": preset,
        **{e: float(found.sel(estimate=e)) for e in ESTIMATES},
        "unit": found.attrs["units"],
        "definition": found.attrs["definition"],
        "definition_zh": found.attrs["definition_zh"],
        "flag": "",
    }


def _titles(results: Results, by: By) -> dict[str, dict[str, str]]:
    """What sectors and use cases are called, by language."""
    models = models_of(results.scenario)
    found = {"total": {lang: label("total", lang) for lang in ("en", "zh")}}
    for name, model in models.items():
        found[name] = {"en": model.title, "zh": model.title_zh}
        if by == "use_case":
            for key, case in model.use_cases.items():
                found[f"{name}.{key}"] = {"en": case.title, "zh": case.title_zh}
    return found


def _worded(
    row: dict[str, object], scenario: str, by: By, titles: Mapping[str, Mapping[str, str]]
) -> dict[str, object]:
    name = str(row["name"])
    central = float(str(row["central"]))
    kind = (
        "EI_other"
        if row["indicator"] == "EI" and row["preset"] != "ict_input"
        else row["indicator"]
    )
    share = kind == "VEI_share"
    values = {e: float(str(row[e])) * (100 if share else 1) for e in ESTIMATES}
    texts = {}
    for lang, column in (("en", "sentence"), ("zh", "sentence_zh")):
        blanks = {
            "title": titles[name][lang],
            "year": row["year"],
            "value": number(abs(values["central"])),
            "low": number(values["low"]),
            "high": number(values["high"]),
            "unit": row["unit"],
        }
        texts[column] = (
            label(f"sentence_less_{kind}", lang, **blanks)
            if central < 0
            else label(f"sentence_{kind}", lang, **blanks)
        )
    return {"scenario": scenario, "by": by, **row, **texts}


def sentences(results: Results, lang: str = "en", *, by: By = "sector") -> list[str]:
    """
    Say the indicators of the last year in words.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"en", "zh"}
        Language.
    by : {"sector", "use_case"}
        Whose indicators.

    Returns
    -------
    list of str
        One sentence per number, its range included.

    Raises
    ------
    HandprintError
        If there are no texts in this language.
    """
    column = {"en": "sentence", "zh": "sentence_zh"}.get(lang)
    if column is None:
        raise HandprintError(f"no texts in {lang!r}; valid: en, zh")
    return [str(text) for text in indicator_table(results, by)[column]]
