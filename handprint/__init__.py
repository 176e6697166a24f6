"""The house: engine, reconciliation, scenarios and output, on two floors below."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handprint import export
    from handprint.compare import Comparison, compare
    from handprint.counterfactual import Intervention, counterfactual
    from handprint.errors import HandprintError
    from handprint.leontief import Solver, technical_coefficients
    from handprint.linkage import linkage
    from handprint.pipeline import run
    from handprint.reconcile import Reconciled, reconcile
    from handprint.results import Results
    from handprint.scenario import Scenario, load_scenario, scenario_names

# Names are imported when they are first used: `handprint --help` must not wait for xarray.
_HOMES = {
    "Comparison": "compare",
    "HandprintError": "errors",
    "Intervention": "counterfactual",
    "Reconciled": "reconcile",
    "Results": "results",
    "Scenario": "scenario",
    "Solver": "leontief",
    "compare": "compare",
    "counterfactual": "counterfactual",
    "linkage": "linkage",
    "load_scenario": "scenario",
    "reconcile": "reconcile",
    "run": "pipeline",
    "scenario_names": "scenario",
    "technical_coefficients": "leontief",
}

__all__ = [
    "Comparison",
    "HandprintError",
    "Intervention",
    "Reconciled",
    "Results",
    "Scenario",
    "Solver",
    "compare",
    "counterfactual",
    "export",
    "linkage",
    "load_scenario",
    "reconcile",
    "run",
    "scenario_names",
    "technical_coefficients",
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
