"""
Floor one: a publisher's file becomes a checked input-output table.

Names are resolved when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io_tables.aggregation import aggregation_report
    from io_tables.balance import gras, ras
    from io_tables.building import from_arrays
    from io_tables.catalogue import classification, describe, load, load_concordance, names, read
    from io_tables.cells import read_cells
    from io_tables.checking import check
    from io_tables.concordance import Concordance
    from io_tables.domestic import import_report
    from io_tables.emissions import energy_emissions
    from io_tables.energy import purchased_energy, remove_purchased, with_purchased_energy
    from io_tables.errors import TableError
    from io_tables.fixing import FixLog, fix
    from io_tables.fuels import fuel_factors
    from io_tables.manifest import Manifest
    from io_tables.mrio import from_pymrio, region_totals
    from io_tables.proposal import Proposal, propose
    from io_tables.provenance import origin
    from io_tables.proxies import split_sensitivity
    from io_tables.readers.tidy import write_tidy
    from io_tables.report import Finding, Report
    from io_tables.supply_use import from_supply_use, supply_use_report
    from io_tables.table import IOTable
    from io_tables.to_mrio import to_pymrio
    from io_tables.updating import update
    from io_tables.world import read_world
    from io_tables.writing import write_wide

_HOMES = {
    "Concordance": "io_tables.concordance",
    "Finding": "io_tables.report",
    "FixLog": "io_tables.fixing",
    "IOTable": "io_tables.table",
    "Manifest": "io_tables.manifest",
    "Proposal": "io_tables.proposal",
    "Report": "io_tables.report",
    "TableError": "io_tables.errors",
    "aggregation_report": "io_tables.aggregation",
    "check": "io_tables.checking",
    "classification": "io_tables.catalogue",
    "describe": "io_tables.catalogue",
    "energy_emissions": "io_tables.emissions",
    "fix": "io_tables.fixing",
    "from_arrays": "io_tables.building",
    "from_pymrio": "io_tables.mrio",
    "from_supply_use": "io_tables.supply_use",
    "fuel_factors": "io_tables.fuels",
    "gras": "io_tables.balance",
    "import_report": "io_tables.domestic",
    "load": "io_tables.catalogue",
    "load_concordance": "io_tables.catalogue",
    "names": "io_tables.catalogue",
    "origin": "io_tables.provenance",
    "propose": "io_tables.proposal",
    "purchased_energy": "io_tables.energy",
    "ras": "io_tables.balance",
    "read": "io_tables.catalogue",
    "read_cells": "io_tables.cells",
    "read_world": "io_tables.world",
    "region_totals": "io_tables.mrio",
    "remove_purchased": "io_tables.energy",
    "split_sensitivity": "io_tables.proxies",
    "supply_use_report": "io_tables.supply_use",
    "to_pymrio": "io_tables.to_mrio",
    "update": "io_tables.updating",
    "with_purchased_energy": "io_tables.energy",
    "write_tidy": "io_tables.readers.tidy",
    "write_wide": "io_tables.writing",
}

__all__ = [
    "Concordance",
    "Finding",
    "FixLog",
    "IOTable",
    "Manifest",
    "Proposal",
    "Report",
    "TableError",
    "aggregation_report",
    "check",
    "classification",
    "describe",
    "energy_emissions",
    "fix",
    "from_arrays",
    "from_pymrio",
    "from_supply_use",
    "fuel_factors",
    "gras",
    "import_report",
    "load",
    "load_concordance",
    "names",
    "origin",
    "propose",
    "purchased_energy",
    "ras",
    "read",
    "read_cells",
    "read_world",
    "region_totals",
    "remove_purchased",
    "split_sensitivity",
    "supply_use_report",
    "to_pymrio",
    "update",
    "with_purchased_energy",
    "write_tidy",
    "write_wide",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
