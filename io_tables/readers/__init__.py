"""One module per layout: does it recognise the cells, and what table is in them."""

from __future__ import annotations

from types import MappingProxyType

from io_tables.cells import Cells
from io_tables.errors import LayoutError
from io_tables.readers import nbs, tidy

LAYOUTS = MappingProxyType({"nbs": nbs, "tidy": tidy})


def recognise(cells: Cells) -> str:
    """
    Tell the layout of a file from its content.

    Parameters
    ----------
    cells : Cells
        The file.

    Returns
    -------
    str
        A key of ``LAYOUTS``.

    Raises
    ------
    LayoutError
        If no reader knows the layout.
    """
    for name, reader in LAYOUTS.items():
        if reader.recognises(cells):
            return name
    first = ", ".join(cells.rows[0][:6])
    raise LayoutError(
        f"{cells.name}: unknown layout, the first line reads {first!r}: known are the National "
        "Bureau of Statistics table (columns TIU and GO) and the tidy table (columns block, row, "
        "column, value)"
    )
