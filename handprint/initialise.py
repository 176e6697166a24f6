"""A project folder of the user's own: a sector file and a scenario that run as they are."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from handprint.i18n import check_language
from handprint.results import fresh, write
from handprint.schemas import schema_text

TEMPLATES = resources.files("handprint") / "data" / "init"


def initialise(folder: Path | str, *, lang: str = "en", force: bool = False) -> list[Path]:
    """
    Write a project folder.

    Parameters
    ----------
    folder : path
        Made if needed.
    lang : {"en", "zh"}
        Language of the README and of the comments.
    force : bool
        Replace files of these names; without it nothing is written if one exists.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    OutputExistsError
        If a file exists and ``force`` is not set.
    LanguageError
        If the language is unknown.
    """
    check_language(lang)
    folder = Path(folder)
    contents = {
        "README.md": (TEMPLATES / f"README.{lang}.md").read_text(encoding="utf-8"),
        "sector.toml": _spoken("sector.toml", lang),
        "scenario.toml": _spoken("scenario.toml", lang),
        "sector.schema.json": schema_text("sector"),
        "scenario.schema.json": schema_text("scenario"),
    }
    paths = {name: folder / name for name in contents}
    fresh(*paths.values(), force=force)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        write(paths[name], text)
    return list(paths.values())


def _spoken(name: str, lang: str) -> str:
    """A template with its comments in one language, which they are marked with."""
    found = []
    for line in (TEMPLATES / name).read_text(encoding="utf-8").splitlines():
        mark, _, comment = line.partition(" ")
        if mark == f"#{lang}":
            found.append(f"# {comment}")
        elif mark not in ("#en", "#zh"):
            found.append(line)
    return "\n".join(found) + "\n"
