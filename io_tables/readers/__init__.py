"""
One module per layout: does it recognise the cells, and what table is in them.

A reader is a module with

``DEFAULTS``
    Fields of the manifest that hold for every file of this publisher: units, source ...
``recognises(cells)``
    Whether the cells have its layout.
``read(cells, manifest)``
    The checked table.

and, where the layout has more to say,

``PRICES``
    The price basis, with ``{year}`` in it.
``facts(cells)``
    Fields of the manifest that the file itself tells, such as the year.
``OPTIONS``
    Names of options of its own, which arrive in ``manifest.options``.
``COMPANIONS``
    Those of its options that are paths of further files.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from io_tables.cells import Cells, read_cells
from io_tables.errors import LayoutError
from io_tables.files import KINDS
from io_tables.manifest import Manifest
from io_tables.readers import (
    bea,
    eurostat,
    nbs,
    nbs_book,
    oecd,
    textbook,
    tidy,
    wide,
    wiod,
    wiod_world,
)
from io_tables.streams import STREAMED, open_text

LAYOUTS = MappingProxyType(
    {
        "nbs_book": nbs_book,
        "nbs": nbs,
        "wiod": wiod,
        "wiod_world": wiod_world,
        "oecd": oecd,
        "bea": bea,
        "eurostat": eurostat,
        "textbook": textbook,
        "tidy": tidy,
        "wide": wide,
    }
)


def opened(path: Path, manifest: Manifest | None = None) -> Cells:
    """
    Open a file of any kind that a reader knows.

    Parameters
    ----------
    path : pathlib.Path
        File.
    manifest : Manifest, optional
        Sheet, encoding and delimiter; a large text file with a wide one is read line by line.

    Returns
    -------
    Cells
        Rows of cells; an archive of arrays brings its arrays.

    Raises
    ------
    TableFileError
        If the file cannot be opened.
    """
    if path.suffix.lower() == ".npz":
        return wiod_world.open_archive(path)
    if manifest is None:
        return read_cells(path)
    plain = (manifest.encoding or "utf-8").lower().replace("-", "") in ("utf8", "utf8sig")
    text = path.suffix.lower() not in KINDS
    reader = LAYOUTS[manifest.layout]
    if text and plain and path.stat().st_size > STREAMED and hasattr(reader, "STREAMS"):
        return open_text(path, manifest.delimiter)
    return read_cells(
        path, manifest.sheet, encoding=manifest.encoding, delimiter=manifest.delimiter
    )


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
        if not hasattr(reader, "DECLARED") and reader.recognises(cells):
            return name
    first = ", ".join(str(cell) for cell in cells.rows[0][:6])
    raise LayoutError(
        f"{cells.name}: unknown layout, the first line reads {first!r}: known are tables of the "
        "National Bureau of Statistics (columns TIU and GO, or workbooks with a cell 代码), WIOD, "
        "OECD, BEA, small tables with Eurostat's names, and the tidy table (columns block, row, "
        "column, value); describe any other sheet in a manifest: handprint tables import proposes "
        "one"
    )
