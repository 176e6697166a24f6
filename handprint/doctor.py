"""Whether this installation can do its work, and what to do where it cannot."""

from __future__ import annotations

import platform
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from packaging.requirements import Requirement

import io_tables
import sector_models
from handprint.canvas import FontError, fonts
from handprint.errors import HandprintError
from handprint.i18n import check_language, label
from handprint.scenario import load_scenario, scenario_names
from io_tables.cache import VARIABLE, cache_folder
from io_tables.errors import TableError
from sector_models import SectorError

State = Literal["ok", "note", "fail"]
OLDEST = (3, 11)
EXTRAS = {"mrio": ("pymrio",), "netcdf": ("netCDF4", "h5netcdf"), "parquet": ("pyarrow",)}
READERS = {
    "mrio": "doctor_for_mrio",
    "netcdf": "doctor_for_netcdf",
    "parquet": "doctor_for_parquet",
}


class Check(NamedTuple):
    """One thing looked at: its state, what was found, and what to do."""

    name: str
    state: State
    found: str
    advice: str = ""


def doctor(lang: str = "en") -> list[Check]:
    """
    Look over the installation.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of what is found.

    Returns
    -------
    list of Check
        Python, packages, optional ones, fonts, folders, shipped tables, sector models and
        scenarios. ``note`` is something optional that is missing; ``fail`` must be mended.

    Raises
    ------
    LanguageError
        If there are no texts in this language.

    Examples
    --------
    >>> [check.name for check in doctor() if check.state == "fail"]
    []
    """
    check_language(lang)
    return [
        *_python(lang),
        *_packages(lang),
        *_extras(lang),
        _fonts(lang),
        _folder(Path(tempfile.gettempdir()), label("doctor_temporary", lang), lang),
        _cache(lang),
        _loaded(label("doctor_tables", lang), io_tables.names(), _table, lang),
        _loaded(label("doctor_sectors", lang), sector_models.names(), sector_models.load, lang),
        _loaded(label("doctor_scenarios", lang), scenario_names(), load_scenario, lang),
    ]


def _python(lang: str) -> Iterator[Check]:
    found = platform.python_version()
    if sys.version_info >= OLDEST:
        yield Check("Python", "ok", found)
    else:
        needed = ".".join(map(str, OLDEST))
        yield Check("Python", "fail", found, label("doctor_python", lang, needed=needed))
    yield Check("handprint", "ok", version("handprint"))


def _packages(lang: str) -> Iterator[Check]:
    """Packages that are needed, with the versions that the installation asks for."""
    for line in requires("handprint") or []:
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        advice = label("doctor_install", lang, package=f'"{needed}"')
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            yield Check(needed.name, "fail", label("doctor_missing", lang), advice)
            continue
        fits = needed.specifier.contains(found, prereleases=True)
        yield Check(needed.name, "ok" if fits else "fail", found, "" if fits else advice)


def _extras(lang: str) -> Iterator[Check]:
    """Packages that only some work needs: one of each group is enough."""
    for extra, packages in EXTRAS.items():
        present = [p for p in packages if find_spec(p) is not None]
        purpose = label(READERS[extra], lang)
        if present:
            found = ", ".join(f"{p} {version(p)}" for p in present)
            yield Check(purpose, "ok", found)
        else:
            advice = label("doctor_install", lang, package=packages[-1])
            yield Check(purpose, "note", label("doctor_missing", lang), advice)


def _fonts(lang: str) -> Check:
    name = label("doctor_fonts", lang)
    try:
        return Check(name, "ok", fonts("zh")[0])
    except FontError as error:
        return Check(name, "note", label("doctor_missing", lang), str(error))


def _cache(lang: str) -> Check:
    folder, name = cache_folder(), label("doctor_cache", lang)
    if folder is None:
        return Check(name, "ok", label("doctor_no_cache", lang, variable=VARIABLE))
    return _folder(folder, name, lang)


def _folder(folder: Path, name: str, lang: str) -> Check:
    """Whether a folder, or the nearest one above that exists, can be written to."""
    place = next((p for p in (folder, *folder.parents) if p.is_dir()), folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check(name, "ok", str(folder))
    except OSError as error:
        found = f"{folder}: {error.strerror or error}"
        return Check(name, "fail", found, label("doctor_writable", lang, variable=VARIABLE))


def _table(name: str) -> None:
    """Load a shipped table and compare it with the hash that was noted when it was made."""
    place = resources.files("io_tables") / "data" / "tables" / f"{name}.toml"
    noted = tomllib.loads(place.read_text(encoding="utf-8"))["content_hash"]
    found = io_tables.load(name).content_hash
    if found != noted:
        raise TableError(f"{name}: content {found[:12]}, noted {noted[:12]}")


def _loaded(name: str, keys: list[str], load: Callable[[str], object], lang: str) -> Check:
    """Whether every shipped file can be read."""
    problems = []
    for key in keys:
        try:
            load(key)
        except (HandprintError, TableError, SectorError, OSError, KeyError) as error:
            problems.append(f"{key}: {error}")
    if problems or not keys:
        found = "; ".join(problems) or label("doctor_missing", lang)
        return Check(name, "fail", found, label("doctor_reinstall", lang))
    return Check(name, "ok", str(len(keys)))
