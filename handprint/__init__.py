"""The house: engine, reconciliation, scenarios and output, on two floors below."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handprint import export
    from handprint.assessment import assess
    from handprint.association import association
    from handprint.backcast import backcast
    from handprint.capital import capital_coefficients
    from handprint.compare import Comparison, compare
    from handprint.counterfactual import Intervention, counterfactual
    from handprint.decomposition import sda
    from handprint.differences import difference_by_factor, difference_table, path_differences
    from handprint.draws import central_values, counterfactuals
    from handprint.emitters import boundary_split, emitter_table, rebound_table
    from handprint.end_year import emitters_by_use_case
    from handprint.errors import HandprintError
    from handprint.export.read_workbook import read_workbook
    from handprint.extraction import extraction
    from handprint.footprint import footprint
    from handprint.hierarchy import aggregation_of, reconcile_hierarchy
    from handprint.imports import import_sensitivity
    from handprint.leontief import Solver, technical_coefficients
    from handprint.linkage import linkage
    from handprint.lmdi import index_decomposition
    from handprint.movement import reconcile_years
    from handprint.paired import difference_quantiles
    from handprint.paths import structural_paths
    from handprint.pipeline import run
    from handprint.plausibility import plausibility
    from handprint.prices import cost_change, price_change
    from handprint.reconcile import Reconciled, reconcile
    from handprint.results import Results
    from handprint.scenario import Scenario, load_scenario, scenario_names
    from handprint.sensitivity import sensitivity
    from handprint.shared_sources import shared_covariance
    from handprint.structure import field_of_influence, key_sectors, upstreamness
    from handprint.sweep import sweep_years
    from handprint.why import lever_ranking, why

# Names are imported when they are first used: `handprint --help` must not wait for xarray.
_HOMES = {
    "explain": "explain",
    "assess": "assessment",
    "backcast": "backcast",
    "Attribution": "gross_to_net",
    "gross_to_net": "gross_to_net",
    "indicator_table": "indicator_table",
    "sentences": "indicator_table",
    "sweep_years": "sweep",
    "footprint": "footprint",
    "rebound_table": "emitters",
    "import_sensitivity": "imports",
    "emitter_table": "emitters",
    "counterfactuals": "draws",
    "central_values": "draws",
    "capital_coefficients": "capital",
    "boundary_split": "emitters",
    "Comparison": "compare",
    "HandprintError": "errors",
    "Intervention": "counterfactual",
    "Reconciled": "reconcile",
    "Results": "results",
    "Scenario": "scenario",
    "Solver": "leontief",
    "compare": "compare",
    "cost_change": "prices",
    "counterfactual": "counterfactual",
    "extraction": "extraction",
    "field_of_influence": "structure",
    "index_decomposition": "lmdi",
    "key_sectors": "structure",
    "linkage": "linkage",
    "load_scenario": "scenario",
    "why": "why",
    "lever_ranking": "why",
    "association": "association",
    "emitters_by_use_case": "end_year",
    "difference_by_factor": "differences",
    "difference_table": "differences",
    "difference_quantiles": "paired",
    "path_differences": "differences",
    "plausibility": "plausibility",
    "price_change": "prices",
    "read_workbook": "export.read_workbook",
    "reconcile": "reconcile",
    "reconcile_years": "movement",
    "aggregation_of": "hierarchy",
    "reconcile_hierarchy": "hierarchy",
    "shared_covariance": "shared_sources",
    "run": "pipeline",
    "scenario_names": "scenario",
    "sda": "decomposition",
    "sensitivity": "sensitivity",
    "structural_paths": "paths",
    "technical_coefficients": "leontief",
    "upstreamness": "structure",
}

__all__ = [
    "Attribution",
    "Comparison",
    "HandprintError",
    "Intervention",
    "Reconciled",
    "Results",
    "Scenario",
    "Solver",
    "aggregation_of",
    "assess",
    "association",
    "backcast",
    "boundary_split",
    "capital_coefficients",
    "central_values",
    "compare",
    "cost_change",
    "counterfactual",
    "counterfactuals",
    "difference_by_factor",
    "difference_quantiles",
    "difference_table",
    "emitter_table",
    "emitters_by_use_case",
    "explain",
    "export",
    "extraction",
    "field_of_influence",
    "footprint",
    "gross_to_net",
    "import_sensitivity",
    "index_decomposition",
    "indicator_table",
    "key_sectors",
    "lever_ranking",
    "linkage",
    "load_scenario",
    "path_differences",
    "plausibility",
    "price_change",
    "read_workbook",
    "rebound_table",
    "reconcile",
    "reconcile_hierarchy",
    "reconcile_years",
    "run",
    "scenario_names",
    "sda",
    "sensitivity",
    "sentences",
    "shared_covariance",
    "structural_paths",
    "sweep_years",
    "technical_coefficients",
    "upstreamness",
    "why",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name == "export":
        return import_module("handprint.export")
    if name not in _HOMES:
        raise AttributeError(f"module 'handprint' has no attribute {name!r}")
    value = getattr(import_module(f"handprint.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


class _House(ModuleType):
    """A package whose functions are not hidden by the modules of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        """Let the import system not put module `linkage` where function `linkage` is meant."""
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _House


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
