"""Makes the shipped tables from the publishers' files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from io_tables import accounts
from io_tables.catalogue import DATA, load_concordance, read
from io_tables.cells import sha256
from io_tables.errors import TableFileError
from io_tables.readers import ceads
from io_tables.readers.tidy import write_tidy
from io_tables.table import IOTable

VARIANTS = {
    "cn24": ("24 sectors", "24部门"),
    "cn8": ("8 sectors", "8部门"),
    "cn8-instruments": ("8 sectors, instruments in ICT", "8部门（仪器仪表计入信息通信业）"),
}
TOLERANCE = 0.01  # 10^4 CNY; the publisher's tables balance within 4e-5 a row
Recipe = Mapping[str, Any]


def build(source: Path | str, out: Path | str) -> list[Path]:
    """
    Make the shipped tables of China.

    Parameters
    ----------
    source : path
        Folder with the publishers' files named in ``data/china.toml``, at any depth.
    out : path
        Folder for the tidy tables and their manifests; made when missing.

    Returns
    -------
    list of pathlib.Path
        The CSV files written.

    Raises
    ------
    TableFileError
        If a file is missing or stands below ``source`` twice.
    TableError
        If a file is not what it should be.
    """
    source, out = Path(source), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    book = tomllib.loads((DATA / "china.toml").read_text(encoding="utf-8"))
    written = []
    for recipe in book["tables"]:
        files = _files(source, book, recipe)
        for variant, table in tables(recipe, files).items():
            path = out / f"china-{recipe['year']}-{variant}.csv"
            described = replace(
                table, name=path.stem, source=book["source"].format(year=recipe["year"])
            )
            write_tidy(described, path, **_description(book, recipe, variant, table, files))
            written.append(path)
    return written


def tables(recipe: Recipe, files: Mapping[str, Path]) -> dict[str, IOTable]:
    """
    Make the tables of one year.

    Parameters
    ----------
    recipe : mapping
        One entry of ``data/china.toml``.
    files : mapping
        Path of each file of the recipe.

    Returns
    -------
    dict
        Table by classification.
    """
    raw = read(files["flows"], year=recipe["year"])
    step = f"{files['flows'].name}: imports subtracted, the error column kept where there is one"
    raw = replace(raw, history=(*raw.history, step))
    co2, energy = _rows(recipe, files)
    made, tolerance = {}, recipe.get("tolerance", TOLERANCE)
    for fine in ("cn24", "cn24-instruments"):
        flows = raw.aggregate(load_concordance(recipe["concordance"], fine))
        table = _with_accounts(flows, fine, co2, energy)
        made[fine] = replace(table, tolerance=tolerance)
    to_cn8 = load_concordance("cn24", "cn8")
    return {
        "cn24": made["cn24"],
        "cn8": replace(made["cn24"].aggregate(to_cn8), tolerance=tolerance),
        "cn8-instruments": replace(made["cn24-instruments"].aggregate(to_cn8), tolerance=tolerance),
    }


def _rows(recipe: Recipe, files: Mapping[str, Path]) -> tuple[xr.DataArray, xr.DataArray | None]:
    """CO2 inventory of the year by CEADs row, and energy where there is a file of it."""
    rows = accounts.energy_rows()
    co2 = ceads.inventory(files["inventory"], rows)
    if "energy" not in files:
        return co2, None
    energy = ceads.energy(files["energy"], rows)
    if "process_sheet" in recipe:
        later = ceads.inventory(files["workbook"], rows, sheet=recipe["process_sheet"])
        co2 = accounts.carried_forward(
            co2,
            ceads.energy(files["inventory_energy"], rows),
            energy,
            later.sel(fuel=ceads.PROCESS, drop=True),
        )
    return co2, energy


def _with_accounts(
    flows: IOTable, fine: str, co2: xr.DataArray, energy: xr.DataArray | None
) -> IOTable:
    """Put CO2, and where known electricity and heat, on a table of `cn24`."""
    by_fuel = accounts.others_shares(flows, accounts.FUELS)
    rows = {"CO2": (co2.sum("fuel").assign_attrs(units="Mt"), by_fuel)}
    steps = [f"row Others split by purchases of fuels for CO2: {_shares(by_fuel)}"]
    if energy is not None:
        by_power = accounts.others_shares(flows, ["ELE"])
        rows["electricity"] = (ceads.final_use(energy, "Electricity"), by_power)
        rows["heat"] = (ceads.final_use(energy, "Heat"), by_power)
        steps.append(
            "row Others split by purchases of power and heat for electricity and heat: "
            + _shares(by_power)
        )
    satellites, households = {}, {}
    for name, (amounts, shares) in rows.items():
        sectors, own = accounts.by_sector(amounts, accounts.ceads_concordance(fine, shares))
        satellites[name] = sectors.rename(name)
        households[name] = xr.DataArray(own, name=name, attrs={"units": amounts.attrs["units"]})
    return replace(
        flows,
        satellites=satellites,
        households=households,
        scope="direct",
        history=(*flows.history, *steps),
    )


def _shares(shares: Mapping[str, float]) -> str:
    """Write shares for the history."""
    return ", ".join(f"{sector} {share:.6f}" for sector, share in shares.items())


def _files(source: Path, book: Recipe, recipe: Recipe) -> dict[str, Path]:
    """Find the files of a recipe below the source folder."""
    wanted = {
        key: recipe[key]
        for key in ("flows", "energy", "inventory", "inventory_energy")
        if key in recipe
    }
    if "process_sheet" in recipe:
        wanted["workbook"] = book["workbook"]
    found = {}
    for key, name in wanted.items():
        paths = sorted(source.rglob(name))
        if len(paths) != 1:
            count = "is missing" if not paths else f"stands there {len(paths)} times"
            raise TableFileError(f"{name} {count} below {source}: data/china.toml names the files")
        found[key] = paths[0]
    return found


def _description(
    book: Recipe, recipe: Recipe, variant: str, table: IOTable, files: Mapping[str, Path]
) -> dict[str, Any]:
    """Manifest fields: titles, files, accounts, notes."""
    year, (title, title_zh) = recipe["year"], VARIANTS[variant]
    total = {
        name: float(array.sum()) + float(table.households[name])
        for name, array in table.satellites.items()
    }
    estimated = "process_sheet" in recipe
    return {
        "title": f"China {year}, {title}",
        "title_zh": f"中国{year}年投入产出表，{title_zh}",
        "year": year,
        "publisher": book["publisher"],
        "classification": variant.partition("-")[0],
        "files": [
            {
                "name": path.name,
                "sha256": sha256(path),
                "publisher": "NBS" if key == "flows" else "CEADs",
            }
            for key, path in files.items()
        ],
        "accounts": _accounts(total, estimated=estimated),
        "notes": [n for n in NOTES if n != PROVINCES or "electricity" in total],
    }


def _accounts(total: Mapping[str, float], *, estimated: bool) -> dict[str, dict[str, str]]:
    """Status and note of each account that the table has."""
    notes = {
        "CO2": ESTIMATE if estimated else PUBLISHED,
        "electricity": ELECTRICITY,
        "heat": HEAT,
    }
    return {
        name: {
            "status": "derived" if estimated and name == "CO2" else "published",
            "note": notes[name].format(total=amount),
        }
        for name, amount in total.items()
    }


PUBLISHED = (
    "CEADs scope 1 (fuels and processes), {total:.2f} Mt with households. Rows as published; the "
    "row Others is split among ICS, BUS and PUB by assumption."
)
ESTIMATE = (
    "An estimate, not an inventory: {total:.1f} Mt with households, +4.1 % against 9,621.1 Mt of "
    "the 2018 inventory and +2.2 % against 9,794.8 Mt of 2019. Each row and fuel of the 2018 "
    "inventory is scaled with its energy 2020 to 2018, sum of provinces; outside 0.5 to 2 the "
    "ratio of the fuel over all rows is taken; process emissions are those of 2019. The same rule "
    "gives fuel CO2 of 2018 from 2017 2.2 % too high and of 2017 from 2012 4.1 % too high; the "
    "median error of a sector is 5 % and 13 %, the worst are small branches of manufacturing "
    "(vehicles +114 %, metal products -62 %). Read the total as good to about 3 %."
)
ELECTRICITY = (
    "Final consumption, sum of 30 provinces, {total:.1f} TWh with households, without grid losses. "
    "ELE is the own use of power and heating plants as in the source."
)
HEAT = "Final consumption, sum of 30 provinces, {total:.1f} PJ with households."
PROVINCES = "Sum of provinces is not the national energy balance."
NOTES = (
    "Competitive table: imports are a negative column of final demand. domestic() removes them by "
    "the proportional rule.",
    "CEADs keeps transport, storage, post and telecommunication in one row; it goes to TRA whole. "
    "In the statistics behind it telecommunication belongs to Others.",
    "Others is split by what the sectors buy in the table: CO2 by purchases of coal, refined "
    "products and gas, electricity and heat by purchases of power and heat.",
    PROVINCES,
    "CEADs asks to be cited and its data to be fetched from ceads.net; here are sums by sector.",
)
