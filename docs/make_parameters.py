"""
Write the parameter book anew: `python docs/make_parameters.py`.

Every number of every shipped sector model with its range and origin, in both languages. A test
compares.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import sector_models
from handprint.console_evidence import range_text
from sector_models.account import load_account
from sector_models.files import common
from sector_models.levers import Affected
from sector_models.records import Covered

PAGES = Path(__file__).parent / "sectors"
LANGUAGES = {"en": "", "zh": ".zh-CN"}
ROLL_UPS = ("power", "industry", "transport", "buildings")
STATUS = {"published": "公开发表", "derived": "推算", "assumption": "假设"}
GOAL = 0.8
ACCOUNT, COMMON = "ict_account", "common"
TITLES = {
    ACCOUNT: ("ICT account (facilities and devices)", "ICT核算账户（设施与设备）"),
    COMMON: ("Shared by several files", "多个文件共用"),
}
HEAD = {
    "en": """# Every parameter of the sector models

[中文](parameters.zh-CN.md)

<!-- Made by docs/make_parameters.py from sector_models/data/: change the numbers there. -->

Each number that a shipped file states, once, with its range, unit, year, status and source.
*Published*: printed in the source. *Derived*: computed from published figures, the note says how.
*Assumption*: judgement, the note says why. A field of `defaults` lies under every use case that
does not state its own; `common.KEY` is counted once, at the end. Low and high are the ends of the
range; without brackets there is none. Adoption curves serve a model that runs alone: in a scenario
the scenario gives the spread. Shares under `covers` say whose emissions in the table belong to the
model, those under `affected` which part of a cell of the table a saving reaches.

The same in the terminal: `handprint sectors show NAME` (or `--json`); in Python:
`sector_models.provenance(NAME)`.

## How much is traced to a source

""",
    "zh": """# 行业模型的全部参数

[English](parameters.md)

<!-- 由 docs/make_parameters.py 根据 sector_models/data/ 生成，请在数据文件中修改。 -->

逐一列出自带文件中的每个数值（各列一次）及其区间、单位、年份、状态和来源。
“公开发表”：原文印有该数值；“推算”：由公开数值算得；“假设”：判断。
`defaults` 中的字段适用于未自行给出该字段的全部用例；`common.KEY` 只在文末计一次。
括号内为区间两端，无括号则无区间。采用率曲线只用于单独运行行业模型；情景运行时由情景给出。
`covers` 下的份额说明表中哪些排放属于该模型，`affected` 下的份额说明减排触及表中单元的多大部分。
数值说明以英文记录，见英文页。

终端：`handprint sectors show NAME --lang zh`（或 `--json`）；
Python：`sector_models.provenance(NAME)`。

## 有多少数值可追溯至来源

""",
}


class Row(NamedTuple):
    """One number as it is stated in a file."""

    name: str
    value: float
    low: float
    high: float
    units: str
    year: str
    status: str
    source: str
    note: str


def stated(name: str) -> list[Row]:
    """Numbers of a shipped file, each once."""
    if name == ACCOUNT:
        rows = sector_models.account_provenance().rename(columns={"quantity": "parameter"})
        return [_row(record) for record in rows.to_dict("records")]
    if name == COMMON:
        return [
            Row(key, p["value"], p["low"], p["high"], p["units"], str(p["year"]), p["status"],
                ", ".join(p["source"]), p["note"])
            for key, p in common().items()
        ]  # fmt: skip
    raw = tomllib.loads(
        (files("sector_models") / "data" / f"{name}.toml").read_text(encoding="utf-8")
    )
    found: dict[str, Row] = {}
    for record in sector_models.provenance(name).to_dict("records"):
        row = _row(record)
        parts = row.name.split(".")
        if parts[0] == "use_cases" and parts[2] not in raw["use_cases"][parts[1]]:
            row = row._replace(name=".".join(["defaults", *parts[2:]]))
        above = raw
        for part in parts[:-1]:
            above = above[part] if isinstance(above, dict) and part in above else {}
        shared = str(above.get(parts[-1], "")) if isinstance(above, dict) else ""
        if shared.startswith("common."):
            row = row._replace(name=f"{row.name} = {shared}")
        found[row.name] = row
    sector = sector_models.load(name)
    cells = {"covers": sector.covers, "affected": sector.affected}
    cells |= {f"use_cases.{k}.affected": case.affected for k, case in sector.use_cases.items()}
    bridge = [_cell(place, cell) for place, listed in cells.items() for cell in listed]
    return [*found.values(), *bridge]


def _row(record: dict[str, object]) -> Row:
    """A row of a table of provenance."""
    keys = ("parameter", "value", "low", "high", "units", "year", "status", "source", "note")
    row = Row(*(record[key] for key in keys))  # type: ignore[arg-type]
    return row._replace(year=str(row.year))


def _cell(place: str, cell: Covered | Affected) -> Row:
    """Share of emitters, or of cells of the table."""
    if isinstance(cell, Covered):
        what = ", ".join(cell.emitters)
    else:
        bought = f"{', '.join(cell.rows)} → " if cell.rows else ""
        what = f"{cell.kind}: {bought}{', '.join(cell.purchasers)}"
    share = (cell.share,) * 3
    sources = ", ".join(cell.source)
    return Row(f"{place} ({what})", *share, "1", "", cell.status, sources, cell.note or "")


def kind(name: str) -> str:
    """Saving, activity, cell of the table, or other."""
    parts = name.split(" (")[0].split(".")
    if parts[-1] in ("covers", "affected"):
        return "cell"
    if parts[0] == "activities":
        return "activity"
    return "saving" if parts[-1] == "saving" else "other"


def counts(rows: Iterable[Row]) -> list[int]:
    """How many are published, derived, assumed; shared parameters count where they are stated."""
    statuses = [row.status for row in rows if " = common." not in row.name]
    return [statuses.count(status) for status in STATUS]


def traced(numbers: Sequence[int]) -> str:
    """Share that is no assumption."""
    total = sum(numbers)
    return f"{(numbers[0] + numbers[1]) / total:.0%}" if total else "–"


def groups() -> dict[str, list[str]]:
    """Detailed models, roll-ups, and what belongs to no sector."""
    detailed = [name for name in sector_models.names() if name not in ROLL_UPS]
    return {"detailed": detailed, "roll_ups": list(ROLL_UPS), "rest": [ACCOUNT, COMMON]}


@cache
def every() -> dict[str, list[Row]]:
    """Numbers of every file."""
    return {name: stated(name) for names in groups().values() for name in names}


def title(name: str, lang: str) -> str:
    """Name of a file for readers."""
    if name in TITLES:
        return TITLES[name][lang == "zh"]
    sector = sector_models.load(name)
    return sector.title_zh if lang == "zh" else sector.title


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], right: str) -> str:
    """Write a table; columns marked r in ``right`` are set to the right."""
    rule = ["--:" if mark == "r" else "---" for mark in right]
    lines = [list(header), rule, *([str(cell).replace("|", "\\|") for cell in r] for r in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n"


def overview(lang: str) -> str:
    """Published, derived and assumed numbers by file."""
    zh = lang == "zh"
    header = (
        ["文件", "全部数值", "可追溯", "节约率", "可追溯", "活动量", "可追溯"]
        if zh
        else ["file", "all numbers", "traced", "savings", "traced", "activities", "traced"]
    )
    rows, sums = [], {}
    for group, names in groups().items():
        inside = [row for name in names for row in every()[name]]
        sums[group] = inside
        rows += [[f"[{title(n, lang)}](#{n})", *_shares(every()[n])] for n in names]
        if group != "rest":
            words = {"detailed": ("all detailed models", "全部细分模型"),
                     "roll_ups": ("all roll-ups of annex 2", "附录2全部汇总模型")}  # fmt: skip
            rows.append([f"**{words[group][zh]}**", *_shares(inside)])
    text = markdown(header, rows, "lrrrrrr")
    both = [row for row in sums["detailed"] if kind(row.name) in ("saving", "activity")]
    numbers = counts(both)
    share, reached = traced(numbers), (numbers[0] + numbers[1]) / sum(numbers) >= GOAL
    alone = [traced(counts(r for r in both if kind(r.name) == k)) for k in ("saving", "activity")]
    if zh:
        verdict = "达到" if reached else "未达到"
        return text + (
            "各格为“公开发表 / 推算 / 假设”的个数；“可追溯”为前两者所占比例。\n\n"
            f"细分模型的{len(both)}个节约率与活动量中，"
            f"公开发表{numbers[0]}个，推算{numbers[1]}个，假设{numbers[2]}个："
            f"可追溯比例为{share}，{verdict}{GOAL:.0%}的目标"
            f"（仅节约率{alone[0]}，仅活动量{alone[1]}）。\n"
            "汇总模型只有行业总量见于附录2，各手段的节约率按总量校准，故均为假设。\n\n"
        )
    verdict = "reaches" if reached else "misses"
    return text + (
        "Cells count published / derived / assumed numbers; *traced* is the share of the first "
        "two.\n\n"
        f"Of the {len(both)} savings and activities of the detailed models {numbers[0]} are "
        f"published, {numbers[1]} derived and {numbers[2]} assumed: {share} are traced to a "
        f"source, which {verdict} the goal of {GOAL:.0%} (savings alone {alone[0]}, activities "
        f"alone {alone[1]}).\nOf the roll-ups annex 2 prints only totals; the savings of their "
        "levers are calibrated to these and therefore assumptions.\n\n"
    )


def _shares(rows: Sequence[Row]) -> list[str]:
    """Counts and traced share of all numbers, savings and activities."""
    cells = []
    for wanted in (None, "saving", "activity"):
        numbers = counts(row for row in rows if wanted is None or kind(row.name) == wanted)
        cells += [" / ".join(map(str, numbers)) if sum(numbers) else "–", traced(numbers)]
    return cells


def book(name: str, lang: str) -> str:
    """Numbers of one file."""
    zh = lang == "zh"
    header = (
        ["参数", "数值（低 … 高）", "单位", "年份", "状态", "来源"]
        if zh
        else ["parameter", "value (low … high)", "unit", "year", "status", "source", "note"]
    )
    rows = []
    for row in every()[name]:
        value = (
            f"{row.value:g}" if row.units == "year" else range_text(row.low, row.value, row.high)
        )
        keys = ", ".join(f"`{key}`" for key in row.source.split(", "))
        status = STATUS[row.status] if zh else row.status
        cells = [f"`{row.name}`", value, row.units, row.year, status, keys]
        rows.append(cells if zh else [*cells, row.note])
    about = "" if zh or name in TITLES else f"{sector_models.load(name).note or ''}\n\n"
    head = f'<a id="{name}"></a>\n\n## {title(name, lang)}\n\n`{name}.toml`\n\n{about}'
    return head + markdown(header, rows, "lrllll" if zh else "lrlllll")


def sources_part(lang: str) -> str:
    """Every source that is cited, with its address."""
    zh = lang == "zh"
    shipped = sector_models.sources()
    known = {(key, source) for key, source in shipped.items()}
    known |= set(load_account().sources.items())
    for name in sector_models.names():
        known |= set(sector_models.load(name).sources.items())
    cited = {key for rows in every().values() for row in rows for key in row.source.split(", ")}
    lines = []
    for key, source in sorted(known, key=lambda pair: (pair[0], pair[1].title)):
        if key in cited:
            text = source.title_zh if zh else source.title
            lines.append(f"- `{key}`: {text}. {source.publisher}, {source.year}. {source.place}")
    return f"## {'来源' if zh else 'Sources'}\n\n" + "\n".join(lines) + "\n"


def page(lang: str) -> str:
    """The whole book."""
    parts = [book(name, lang) for names in groups().values() for name in names]
    return HEAD[lang] + overview(lang) + "".join(parts) + sources_part(lang)


def made() -> Iterator[tuple[Path, str]]:
    """Page and text."""
    for lang, end in LANGUAGES.items():
        yield PAGES / f"parameters{end}.md", page(lang)


def main() -> None:
    """Write the pages."""
    for path, text in made():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
