"""
Floor one: a publisher's file becomes a checked input-output table.

Names are resolved when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io_tables.catalogue import classification, describe, load, load_concordance, names, read
    from io_tables.concordance import Concordance
    from io_tables.energy import purchased_energy, with_purchased_energy
    from io_tables.errors import TableError
    from io_tables.manifest import Manifest
    from io_tables.readers.tidy import write_tidy
    from io_tables.table import IOTable, from_arrays

_HOMES = {
    "Concordance": "io_tables.concordance",
    "IOTable": "io_tables.table",
    "Manifest": "io_tables.manifest",
    "TableError": "io_tables.errors",
    "classification": "io_tables.catalogue",
    "describe": "io_tables.catalogue",
    "from_arrays": "io_tables.table",
    "load": "io_tables.catalogue",
    "load_concordance": "io_tables.catalogue",
    "names": "io_tables.catalogue",
    "purchased_energy": "io_tables.energy",
    "read": "io_tables.catalogue",
    "with_purchased_energy": "io_tables.energy",
    "write_tidy": "io_tables.readers.tidy",
}

__all__ = [
    "Concordance",
    "IOTable",
    "Manifest",
    "TableError",
    "classification",
    "describe",
    "from_arrays",
    "load",
    "load_concordance",
    "names",
    "purchased_energy",
    "read",
    "with_purchased_energy",
    "write_tidy",
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
