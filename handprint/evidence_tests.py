"""How each requirement of `standards.toml` is tested on the numbers of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

import sector_models
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.results import Results
from handprint.wording import number
from sector_models import Sector, UseCase

ORDERS = {"first", "second", "higher"}
WHOLE = "whole"


@dataclass(frozen=True)
class Lever:
    """A use case of a run with what its file says of it."""

    name: str
    sector: Sector
    case: UseCase
    cells: xr.Dataset


@dataclass(frozen=True)
class Subject:
    """What is assessed: one use case, or all of a run."""

    name: str
    results: Results
    year: int
    levers: Sequence[Lever]

    @property
    def sector(self) -> str:
        """Name under which the indicators of the subject stand."""
        return TOTAL if self.name == WHOLE else str(self.levers[0].cells["model"].values)

    def title(self, lang: str) -> str:
        """Name of its sector, or of the whole, as people read it."""
        if self.name == WHOLE:
            return label(TOTAL, lang)
        sector = self.levers[0].sector
        return sector.title_zh if lang == "zh" else sector.title

    def mt(self, quantity: str, estimate: str = "central") -> str:
        """Write an indicator of the subject's sector, or of the whole, in Mt CO2."""
        cell = self.results.indicators[quantity].sel(sector=self.sector, year=self.year)
        return number(float(cell.sel(estimate=estimate)))

    def summed(self, quantity: str) -> str:
        """Write the sum of an effect of the use cases of the subject in Mt CO2."""
        cells = [lever.cells[quantity].sel(estimate="central") for lever in self.levers]
        return number(sum(float(cell) for cell in cells))


@dataclass(frozen=True)
class Finding:
    """How far a requirement is met, from 0 to 1 for each use case, and the evidence."""

    scores: Sequence[float]
    evidence: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Return ``met``, ``partly``, ``not_met``, or ``not_assessed`` without scores."""
        if not self.scores:
            return "not_assessed"
        if min(self.scores) == 1:
            return "met"
        return "partly" if max(self.scores) > 0 else "not_met"

    def text(self, lang: str) -> str:
        """Write the evidence."""
        full = sum(score == 1 for score in self.scores)
        values = {k: v.title(lang) if isinstance(v, Subject) else v for k, v in self.values.items()}
        return label(self.evidence, lang, full=full, of=len(self.scores), **values)


def tier_of(lever: Lever) -> dict[str, object]:
    """
    Grade a use case.

    Parameters
    ----------
    lever : Lever
        Use case with its effects in one year.

    Returns
    -------
    dict
        Tier declared, supported by evidence, and the worse of both, whether it is publishable,
        and the four conditions.
    """
    case = lever.case
    central = lever.cells.sel(estimate="central")
    tree = _orders(lever) == ORDERS
    net = float(central["footprint"]) > 0 and float(central["enabled"]) != 0
    primary = case.quality in (1, 2) and case.saving.status != "assumption"
    higher = _rebound(lever) == 1
    supported = 1 if tree and net and primary and higher else 2 if tree and net else 3
    tier = max(case.tier, supported)
    return {
        "declared": case.tier,
        "supported": supported,
        "tier": tier,
        "publishable": tier < 3,
        "consequence_tree": tree,
        "net_second_order": net,
        "primary_data": primary,
        "higher_order": higher,
    }


def _orders(lever: Lever) -> set[str]:
    return {effect.order for effect in lever.case.consequences}


def _rebound(lever: Lever) -> float:
    """1 for a rate from evidence, 0.5 for an assumed one, 0 for none."""
    rate = lever.case.rebound
    if rate.low == rate.high == 0:
        return 0.0
    return 0.5 if rate.status == "assumption" else 1.0


def _reference(subject: Subject) -> Finding:
    scores = [
        1.0 if float(v.cells["reference_adoption"].sel(estimate="central")) > 0 else 0.5
        for v in subject.levers
    ]
    values = {"mt": subject.mt("reference"), "year": subject.year}
    return Finding(scores, "evidence_reference", values)


def _first_order(subject: Subject) -> Finding:
    scores = [
        0.0
        if float(v.cells["footprint"].sel(estimate="central")) <= 0
        else (1.0 if v.case.embodied else 0.5)
        for v in subject.levers
    ]
    return Finding(scores, "evidence_first_order", {"mt": subject.summed("footprint")})


def _both_signs(subject: Subject) -> Finding:
    adds = [sum(c.effect == "adds" for c in v.case.consequences) for v in subject.levers]
    values = {"count": sum(adds), "mt": subject.mt("NER", "low"), "sector": subject}
    return Finding([1.0 if n else 0.5 for n in adds], "evidence_both_signs", values)


def _tree(subject: Subject) -> Finding:
    scores = [
        1.0 if _orders(v) == ORDERS else 0.5 if v.case.consequences else 0.0 for v in subject.levers
    ]
    count = sum(len(v.case.consequences) for v in subject.levers)
    return Finding(scores, "evidence_consequence_tree", {"count": count})


def _higher(subject: Subject) -> Finding:
    scores = [_rebound(v) for v in subject.levers]
    values = {
        "mt": subject.summed("rebound"),
        "spent": subject.mt("rebound_respending"),
        "sector": subject,
    }
    return Finding(scores, "evidence_higher_order", values)


def _stored(subject: Subject) -> Finding:
    tiers = ", ".join(str(t) for t in sorted({v.case.tier for v in subject.levers}))
    scores = [1.0 if "tier" in v.cells.coords else 0.0 for v in subject.levers]
    return Finding(scores, "evidence_tier_stored", {"tiers": tiers})


def _gate(subject: Subject) -> Finding:
    refused = sum(not tier_of(v)["publishable"] for v in subject.levers)
    return Finding([1.0 for _ in subject.levers], "evidence_claim_gate", {"refused": refused})


def _eligibility(_subject: Subject) -> Finding:
    return Finding([], "evidence_eligibility")


def _split(subject: Subject) -> Finding:
    values = {
        "down": subject.mt("actual_reduction"),
        "less": subject.mt("lesser_increase"),
        "sector": subject,
    }
    # Single use cases are not split, only their sector.
    score = 1.0 if subject.name == WHOLE else 0.5
    return Finding([score for _ in subject.levers], "evidence_actual_reduction", values)


def _time(subject: Subject) -> Finding:
    paths = subject.results.drivers["intensity"].sel(estimate="central")
    moves = float((paths.max("year") - paths.min("year")).max()) > 0
    scores = [(0.5 if moves else 0.0) + (0.5 if v.case.time_class else 0.0) for v in subject.levers]
    years = subject.results.indicators["year"].values
    values = {"first": int(years[0]), "last": int(years[-1])}
    return Finding(scores, "evidence_moving" if moves else "evidence_still", values)


def _extrapolation(subject: Subject) -> Finding:
    scores = [1.0 if v.case.shrinkage.low < 1 else 0.5 for v in subject.levers]
    least = min(v.case.shrinkage.value for v in subject.levers)
    return Finding(scores, "evidence_extrapolation", {"least": f"{least:g}"})


def _overlap(subject: Subject) -> Finding:
    values = {"alone": subject.summed("alone"), "joint": subject.summed("enabled")}
    return Finding([1.0 for _ in subject.levers], "evidence_overlap", values)


def _allocation(subject: Subject) -> Finding:
    return Finding([0.5 for _ in subject.levers], "evidence_allocation")


def _uncertainty(subject: Subject) -> Finding:
    draws = subject.results.record.draws
    if draws:
        return Finding([1.0 for _ in subject.levers], "evidence_draws", {"draws": draws})
    ends = {end: subject.mt("NER", end) for end in ("low", "high")}
    values = {"sector": subject, **ends}
    return Finding([0.5 for _ in subject.levers], "evidence_corners", values)


def _inventory(subject: Subject) -> Finding:
    values = {"enabled": subject.summed("enabled"), "own": subject.summed("footprint")}
    return Finding([0.5 for _ in subject.levers], "evidence_separate_inventory", values)


def _data(subject: Subject) -> Finding:
    scores = [1.0 if v.case.quality else 0.5 for v in subject.levers]
    models = {v.sector.name: v.sector for v in subject.levers}
    status = pd.concat([sector_models.provenance(model)["status"] for model in models.values()])
    assumed = int((status == "assumption").sum())
    return Finding(scores, "evidence_data_record", {"numbers": len(status), "assumed": assumed})


TESTS: Mapping[str, Callable[[Subject], Finding]] = {
    "reference_scenario": _reference,
    "first_order": _first_order,
    "both_signs": _both_signs,
    "consequence_tree": _tree,
    "higher_order": _higher,
    "tier_stored": _stored,
    "claim_gate": _gate,
    "eligibility": _eligibility,
    "actual_reduction": _split,
    "time_perspective": _time,
    "extrapolation": _extrapolation,
    "overlap": _overlap,
    "allocation": _allocation,
    "uncertainty": _uncertainty,
    "separate_inventory": _inventory,
    "data_record": _data,
}
"""How each requirement of `standards.toml` is tested."""
