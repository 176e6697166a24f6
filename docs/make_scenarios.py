"""
Write the tables of the scenario pages anew: `python docs/make_scenarios.py`.

Everything between `<!-- name -->` and `<!-- end -->` is made here, in both languages; a test
compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import handprint
from handprint.headline import TOTAL
from handprint.i18n import label
from handprint.inherited import lineage
from handprint.plausibility import LEVERS, REFERENCE, Row, check_title, plausibility, rows_of
from handprint.results import Results
from handprint.scenario import Scenario
from handprint.wording import corners, number, scenario_name
from handprint.yardsticks import histories, national

DOCS = Path(__file__).parent
PAGES = {"en": "scenarios.md", "zh": "scenarios.zh-CN.md"}
# Current policy first: the drivers of the others are held against it.
NAMES = ("current-policy", "frozen-digitalisation", "accelerated", "green-ict", "high-rebound",
         "clean-grid", "low-growth", "digital-structure", "verticals")  # fmt: skip
INDICATORS = ("NER", "NER_star", "footprint")
HEADS = {
    "settings": {
        "en": ["scenario", "inherits from", "sector models", "adoption goals", "household demand",
               "electricity use", "grid factor", "per ICT purchase", "rebound", "spent again"],
        "zh": ["情景", "继承自", "部门模型数", "采用目标", "居民消费", "用电量", "电网因子",
               "单位ICT采购", "反弹倍数", "再消费比例"],
    },
    "targets": {
        "en": ["scenario", "economy"],
        "zh": ["情景", "经济"],
    },
    "history": {
        "en": ["what has spread", "share, %", "rise, points", "years", "a year, % of what was left",
               "source"],
        "zh": ["普及内容", "比例，%", "升幅，百分点", "年数", "每年占剩余潜力，%", "来源"],
    },
}  # fmt: skip


@cache
def runs() -> tuple[Results, ...]:
    """Every shipped scenario, run once."""
    return tuple(handprint.run(name) for name in NAMES)


@cache
def checks(lang: str) -> tuple[Row, ...]:
    """Every check of every run."""
    return tuple(rows_of(plausibility(runs(), lang)))


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], words: int = 1) -> str:
    """Write a table; columns after the first ones are set to the right."""
    rule = ["---"] * words + ["--:"] * (len(header) - words)
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def name(scenario: Scenario, lang: str) -> str:
    """Name of a scenario; the one that files use stands behind the Chinese one."""
    shown = scenario_name(scenario, lang)
    return f"`{shown}`" if lang == "en" else f"{shown}（`{scenario.name}`）"


def settings(lang: str) -> str:
    """What each scenario sets, in its last year."""
    rows = []
    for chain in (lineage(n) for n in NAMES):
        mine = chain[0]
        power = mine.sectors[0]
        levels = [f"{goal.level:g}" for goal in mine.adoption.values()]
        if len(levels) > 4:
            low, high = (f(g.level for g in mine.adoption.values()) for f in (min, max))
            levels = [f"{low:g} … {high:g}"]
        ends = [
            _end(mine.demand["urban households"].points),
            _end(mine.activity[power].points),
            _end(mine.intensity[power].points),
            _end(mine.ict_intensity.points) if mine.ict_intensity else "1",
        ]
        factor = f"{mine.rebound_scale.value:g}" if mine.rebound_scale else "1"
        base = f"`{chain[1].name}`" if len(chain) > 1 else "–"
        goals = ", ".join(levels) or "–"
        cells = [base, len(mine.sectors), goals, *ends, factor, f"{mine.respend.value:g}"]
        rows.append([name(mine, lang), *cells])
    return markdown(HEADS["settings"][lang], rows, words=2)


def _end(points: Sequence[handprint.scenario.Point]) -> str:
    return f"{points[-1].value:.2f}"


def headline(lang: str) -> str:
    """Indicators of the last year: central value and corners."""
    rows = []
    for run in runs():
        end = run.indicators.sel(sector=TOTAL, year=run.scenario.end_year)
        cells = []
        for key in INDICATORS:
            low, central, high = (number(v, 0) for v in corners(end[key]))
            cells.append(f"{central} ({low} … {high})")
        reference = number(float(end["reference"].sel(estimate="central")), 0)
        rows.append([name(run.scenario, lang), reference, *cells])
    header = [label("scenario", lang), label("reference", lang)]
    return markdown([*header, *(label(key, lang) for key in INDICATORS)], rows)


def judged(lang: str) -> str:
    """How many places of each check are not in order."""
    keys = list(dict.fromkeys(row.check for row in checks(lang)))
    rows = []
    for run in runs():
        cells = []
        for key in keys:
            mine = [r for r in checks(lang) if (r.check, r.scenario) == (key, run.scenario.name)]
            wrong = [r for r in mine if r.verdict != "ok"]
            said = {r.verdict for r in mine}
            worst = next(v for v in ("fails", "warning", "note", "ok") if v in said or v == "ok")
            count = f" {len(wrong)}/{len(mine)}" if wrong else ""
            cells.append(f"{label(f'verdict_{worst}', lang)}{count}" if mine else "–")
        rows.append([name(run.scenario, lang), *cells])
    return markdown([label("scenario", lang), *(check_title(key, lang) for key in keys)], rows)


def targets(lang: str) -> str:
    """What each run reaches beside the national targets."""
    known = national().targets
    rows = []
    for run in runs():
        for economy in (REFERENCE, LEVERS):
            cells = []
            for key, target in known.items():
                row = next(
                    r
                    for r in checks(lang)
                    if (r.check, r.scenario, r.where) == (key, run.scenario.name, economy)
                )
                peak = target.kind == "peak"
                # A miss that would look like the target itself gets one digit more.
                digits = 3 if row.verdict != "ok" and round(row.value, 2) == target.value else 2
                text = f"{row.value:.0f}" if peak else number(row.value, digits, signed=True)
                cells.append(text if row.verdict == "ok" else f"*{text}*")
            rows.append([name(run.scenario, lang), label(f"economy_{economy}", lang), *cells])
    goals = [
        f"{'<' if t.kind == 'peak' else ''}"
        f"{f'{t.value:.0f}' if t.kind == 'peak' else number(t.value, 0)}"
        for t in known.values()
    ]
    rows.append([label("target", lang), "", *goals])
    titles = [
        check_title(key, lang)
        + ("" if t.kind == "peak" else f"{'，' if lang == 'zh' else ', '}{t.units}")
        for key, t in known.items()
    ]
    return markdown([*HEADS["targets"][lang], *titles], rows, words=2)


def history(lang: str) -> str:
    """How fast digital technology has spread."""
    rows = [
        [
            past.title_zh if lang == "zh" else past.title,
            f"{past.end.value:g} ({past.end.year})",
            f"{past.rise.value:g}",
            past.years,
            f"{100 * past.pace:.1f}",
            f"`{past.end.source}`",
        ]
        for past in histories().values()
    ]
    return markdown(HEADS["history"][lang], rows)


BLOCKS = {
    "settings": settings,
    "headline": headline,
    "judged": judged,
    "targets": targets,
    "history": history,
}


def made() -> Iterator[tuple[Path, str, str]]:
    """Page, name and text of every block."""
    for lang, page in PAGES.items():
        for block, function in BLOCKS.items():
            yield DOCS / page, block, function(lang)


def main() -> None:
    """Put the blocks into the pages."""
    for path, block, text in made():
        old = path.read_text(encoding="utf-8")
        pattern = rf"(<!-- {block} -->\n).*?(<!-- end -->)"
        new, count = re.subn(pattern, lambda m, t=text: f"{m[1]}{t}\n{m[2]}", old, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"{path.name}: block {block} stands there {count} times")
        path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
