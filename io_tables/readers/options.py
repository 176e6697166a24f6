"""Options of the readers, and where the further files are that some of them name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from io_tables.cells import existing, sha256
from io_tables.errors import ManifestError, TableFileError, did_you_mean
from io_tables.manifest import Manifest
from io_tables.readers import LAYOUTS

READER_OPTIONS = frozenset(
    name for reader in LAYOUTS.values() for name in getattr(reader, "OPTIONS", ())
)
COMPANION_OPTIONS = frozenset(
    name for reader in LAYOUTS.values() for name in getattr(reader, "COMPANIONS", ())
)


def with_options(
    manifest: Manifest,
    given: Mapping[str, object],
    origin: Path | str | Mapping[str, object] | None = None,
) -> Manifest:
    """
    Put the options of a reader into the manifest it is called with.

    Parameters
    ----------
    manifest : Manifest
        With or without options of its own, which those given override.
    given : mapping
        Option -> value, from the call; paths are taken as they are.
    origin : path or mapping, optional
        Where the manifest was read from. A path in a manifest's file is one in its folder.

    Returns
    -------
    Manifest
        With every option, paths made whole, companions that it knows by digest checked.

    Raises
    ------
    ManifestError
        If the reader has no such option, or a path leads out of the manifest's folder.
    TableFileError
        If a companion is missing, or not the one the manifest describes.
    """
    reader = LAYOUTS[manifest.layout]
    known = getattr(reader, "OPTIONS", ())
    companions = getattr(reader, "COMPANIONS", ())
    options = dict(manifest.options)
    if isinstance(origin, str | Path):
        options |= {k: _inside(origin, k, v) for k, v in options.items() if k in companions}
    options |= {k: v if isinstance(v, int | float) else str(v) for k, v in given.items()}
    for name in options:
        if name not in known:
            hint = did_you_mean(name, known) if known else "it has none"
            raise ManifestError(f"layout {manifest.layout!r} has no option {name!r}: {hint}")
    digests = {file.name: file.sha256 for file in manifest.files}
    for name in companions:
        if name in options:
            path = existing(str(options[name]))
            if digests.get(path.name) not in (None, sha256(path)):
                raise TableFileError(
                    f"{path.name}: its SHA-256 is not the one in the manifest: get the file "
                    "again, or correct the manifest if the publisher changed it"
                )
    return manifest.model_copy(update={"options": options})


def _inside(origin: Path | str, name: str, value: object) -> str:
    """Resolve a path against the folder of the manifest, and keep it there."""
    folder = Path(origin).resolve().parent
    path = (folder / str(value)).resolve()
    if not path.is_relative_to(folder):
        raise ManifestError(
            f"manifest {Path(origin).name}: option {name} = {str(value)!r} leads out of its "
            "folder: put the file beside the manifest"
        )
    return str(path)
