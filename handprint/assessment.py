"""A run beside what standards ask of an assessment: what is met, by which number, which tier."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from handprint.errors import HandprintError
from handprint.evidence_tests import TESTS, WHOLE, Lever, Subject, tier_of
from handprint.overrides import models_of
from handprint.pipeline import _hash as fingerprint
from handprint.results import Results
from handprint.standards import KEYS, standards
from io_tables.errors import did_you_mean

STATUSES = ("met", "partly", "not_met", "not_assessed")


class AssessmentError(HandprintError):
    """A run cannot be assessed: it has no effect, or its sector models have changed since."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """
    Requirements, tiers and open questions of a run.

    Parameters
    ----------
    requirements : pandas.DataFrame
        Columns subject, requirement, title, title_zh, status (``met``, ``partly``,
        ``not_met``, ``not_assessed``), evidence, evidence_zh, and for each standard its duty
        and basis, as ``L1480`` and ``L1480_basis``.
    tiers : pandas.DataFrame
        By use case: tier its file declares, tier that the evidence supports, the worse of both,
        whether it is publishable, and the four conditions.
    gates : pandas.DataFrame
        Questions that the tool does not assess: standard, basis, title, title_zh, status.
    tier : int
        Worst tier of all use cases with an effect.
    publishable : bool
        False for tier 3; true does not answer the gates.
    """

    requirements: pd.DataFrame
    tiers: pd.DataFrame
    gates: pd.DataFrame
    tier: int
    publishable: bool

    def summary(self) -> pd.DataFrame:
        """
        Count for each standard how many requirements the run as a whole meets.

        Returns
        -------
        pandas.DataFrame
            Index standard; columns met, partly, not_met, not_assessed over what it requires and is
            verified, and unverified, the number of its duties known from memory only.
        """
        whole = self.of(WHOLE)
        rows = {}
        for key in KEYS:
            required = whole[whole[key] == "R"]
            known = required[required[f"{key}_basis"] == "V"]
            counts = {s: int((known["status"] == s).sum()) for s in STATUSES}
            rows[key] = counts | {"unverified": len(required) - len(known)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("standard")

    def of(self, subject: str) -> pd.DataFrame:
        """
        Requirements of one subject.

        Parameters
        ----------
        subject : str
            Use case, or ``whole``.

        Returns
        -------
        pandas.DataFrame
            Rows of `requirements`.

        Raises
        ------
        AssessmentError
            If there is no such use case with an effect.
        """
        found = self.requirements[self.requirements["subject"] == subject]
        if found.empty:
            hint = did_you_mean(subject, [WHOLE, *self.tiers.index])
            raise AssessmentError(f"no use case {subject!r} with an effect; {hint}")
        return found

    def to_dict(self) -> dict[str, object]:
        """
        Return plain data for JSON.

        Returns
        -------
        dict
            Tier, whether publishable, and the tables row by row.
        """
        return {
            "tier": self.tier,
            "publishable": self.publishable,
            "summary": self.summary().to_dict("index"),
            "requirements": self.requirements.to_dict("records"),
            "tiers": self.tiers.to_dict("index"),
            "gates": self.gates.to_dict("records"),
        }


def assess(results: Results) -> Assessment:
    """
    Say which requirements a run meets, by which numbers, and which tier it reaches.

    Parameters
    ----------
    results : Results
        One run.

    Returns
    -------
    Assessment
        For each use case with an effect in the end year and for the whole. It claims no
        conformance: the texts were not available in full, and some requirements are known from
        memory only (``basis``).

    Raises
    ------
    AssessmentError
        If no use case has an effect, or a sector model has changed since the run.

    Notes
    -----
    Tiers after ITU-T L.1480: tier 1 needs a consequence tree, a net second-order effect,
    primary data and quantified higher-order effects; tier 2 the first two; all else is tier 3,
    a screening that is not published. Read here as: primary data are savings measured in the
    population or in several cases (data quality 1 or 2) and not assumed; a rebound is
    quantified if its rate is not an assumption. A file may declare a worse tier, never a
    better one.
    """
    year = int(results.indicators["year"].values[-1])
    levers = _levers(results, year)
    subjects = [Subject(lever.name, results, year, [lever]) for lever in levers]
    subjects.append(Subject(WHOLE, results, year, levers))
    tiers = pd.DataFrame.from_dict({v.name: tier_of(v) for v in levers}, orient="index")
    worst = int(tiers["tier"].max())
    gates = [
        {"gate": key, **gate.model_dump(), "status": "not_assessed"}
        for key, gate in standards().gates.items()
    ]
    return Assessment(
        pd.DataFrame([row for subject in subjects for row in _rows(subject)]),
        tiers.rename_axis("use_case"),
        pd.DataFrame(gates),
        worst,
        worst < 3,
    )


def _levers(results: Results, year: int) -> list[Lever]:
    """Use cases with an effect, each with its record; the record must be that of the run."""
    found, records = [], {}
    for name, record in models_of(results.scenario).items():
        if fingerprint(record) != results.record.sector_hashes.get(name):
            raise AssessmentError(
                f"sector model {name!r} is not the one of the run any more: run it again"
            )
        records[name] = record
    for key in map(str, results.bottom_up["use_case"].values):
        cells = results.bottom_up.sel(use_case=key, year=year)
        sector = records.get(str(cells["model"].values))
        case = sector.use_cases.get(str(cells["lever"].values)) if sector else None
        if sector is None or case is None:
            raise AssessmentError(
                f"use case {key!r} of the run is in none of its sector models: run it again"
            )
        if float(abs(cells["enabled"]).max()) > 0:
            found.append(Lever(key, sector, case, cells))
    if not found:
        raise AssessmentError("no digital lever has an effect in this run: nothing to assess")
    return found


def _rows(subject: Subject) -> list[dict[str, object]]:
    """One row per requirement."""
    rows = []
    for key, requirement in standards().requirements.items():
        finding = TESTS[key](subject)
        row: dict[str, object] = {
            "subject": subject.name,
            "requirement": key,
            "title": requirement.title,
            "title_zh": requirement.title_zh,
            "status": finding.status,
            "evidence": finding.text("en"),
            "evidence_zh": finding.text("zh"),
        }
        for standard in KEYS:
            duty = requirement.duty(standard)
            row |= {standard: duty.duty, f"{standard}_basis": duty.basis}
        rows.append(row)
    return rows
