"""
Write the pages of worked cases and published totals anew: `python docs/make_sector_pages.py`.

The pages of cases are made as a whole; in the others what stands between `<!-- name -->` and
`<!-- end -->`. A test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import handprint
import sector_models
from handprint.annex import annex_2
from handprint.console_evidence import in_figures, printed_text, range_text, verdict
from handprint.i18n import label
from sector_models import Case

PAGES = Path(__file__).parent / "sectors"
LANGUAGES = {"en": "", "zh": ".zh-CN"}
ESTIMATES = ("low", "central", "high")
YEAR = 2030
HEAD = {
    "en": """# Worked cases

[中文](cases.zh-CN.md)

<!-- Made by docs/make_sector_pages.py from sector_models/data/cases.toml: change it there. -->

Published inputs, the formula, and what comes out beside what the source prints. Where the two
differ, the case says so and why; nothing is adjusted to agree. The same in the terminal:
`handprint cases NAME`; in Python:

```python
import sector_models

found = sector_models.case("caict_ict_sector")
print(found.computed.round(2))
print(found.discrepancy[["computed", "published", "agrees"]])
```

Low and high are the ends of the inputs in all combinations, or all together where the case says so.
A share is written 0.17, not 17 %. A figure that is recollected and not read is an assumption.

""",
    "zh": """# 核算案例

[English](cases.md)

<!-- 由 docs/make_sector_pages.py 根据 sector_models/data/cases.toml 生成，请在该文件中修改。 -->

每个案例列出公开输入、公式、计算结果与原文数值。两者不一致时照实标明并说明原因，不作任何凑数调整。终端：
`handprint cases NAME --lang zh`；Python：

```python
import sector_models

found = sector_models.case("caict_ict_sector")
print(found.computed.round(2))
print(found.discrepancy[["computed", "published", "agrees"]])
```

区间为各输入端点的全部组合，或按案例注明同取低值、同取高值。比例写作0.17而非17%。凭记忆而未读到的数值标为“假设”。

""",
}
GROUPS = {
    "white_paper": ("Cases of the base documents", "基础文献中的案例"),
    "totals": ("Published totals", "已发表的总量研究"),
    "worked": ("Other worked examples", "其他完整算例"),
}
# Study: case, keys of avoided emissions, share and factor among its inputs and outputs, kind.
STUDIES = (
    ("gsma_2018", "avoided", None, "factor", "gross"),
    ("gsma_2030", "sum", None, None, "gross"),
    ("smarter2030", "sum", "share", "ratio", "gross"),
    ("smart2020", "total", "share", "ratio", "gross"),
    ("malmodin_2030", None, "joint_medium", None, "gross"),
    ("malmodin_2030", None, "joint_high", None, "gross"),
    ("bitkom_2021_germany", "total", "share", "vei_gross", "gross"),
    ("bitkom_2024_germany", "net_fast", None, "vei_net_fast", "net"),
    ("gesi_mobile", "avoided", None, "ratio", "gross"),
    ("vodafone_2020", "avoided", "share", None, "gross"),
    ("china_mobile_wwf", "avoided_2009", None, "ratio_2009", "gross"),
    ("china_mobile_2023", "avoided", None, "vei_gross", "gross"),
    ("andrae_2030", None, None, "ratio", "gross"),
    ("ntt_japan_2030", None, "ghg", None, "star"),
    ("bt_3_to_1", None, None, "ratio", "gross"),
    ("caict_sectors", None, "economy", None, "gross"),
)


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], right: str) -> str:
    """Write a table; columns marked r in ``right`` are set to the right."""
    rule = ["--:" if mark == "r" else "---" for mark in right]
    lines = [list(header), rule, *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def own(record: object, name: str, lang: str) -> str:
    """Text of a record in a language."""
    return str(getattr(record, f"{name}_zh" if lang == "zh" else name))


def cases_page(lang: str) -> str:
    """The whole page of cases."""
    parts = [HEAD[lang]]
    for group, titles in GROUPS.items():
        parts.append(f"## {titles[lang == 'zh']}\n\n")
        found = [sector_models.case(name) for name in sector_models.cases()]
        parts += [case_part(case, lang) for case in found if case.group == group]
    parts.append(f"## {('Sources', '来源')[lang == 'zh']}\n\n")
    known = sector_models.sources() | sector_models.case_sources()
    for key in sorted(cited() - {"assumption", "definition"}):
        source = known[key]
        title = own(source, "title", lang)
        parts.append(f"- `{key}`: {title}. {source.publisher}, {source.year}. {source.place}\n")
    return "".join(parts)


def cited() -> set[str]:
    """Keys of all sources that the cases cite."""
    found = [sector_models.case(name) for name in sector_models.cases()]
    inputs = (part for case in found for part in case.inputs.values())
    printed = (o.published for case in found for o in case.outputs.values() if o.published)
    return {key for part in (*inputs, *printed) for key in part.source}


def case_part(case: Case, lang: str) -> str:
    """One case: inputs, outputs, remark."""
    names = ("case_input", "value", "unit", "status", "source")
    rows = [
        (
            f"{own(part, 'title', lang)} `{key}`",
            range_text(part.low, part.value, part.high),
            part.units,
            label(part.status, lang),
            ", ".join(part.source),
        )
        for key, part in case.inputs.items()
    ]
    inputs = markdown([label(n, lang) for n in names], rows, "lrlll")
    heads = ("case_output", "case_formula", "case_computed", "case_printed", "unit")
    computed, printed = case.computed.to_dict("index"), case.published.to_dict("index")
    results = [
        (
            f"{own(output, 'title', lang)} `{key}`",
            f"`{output.formula}`",
            range_text(*(float(computed[key][e]) for e in ESTIMATES)),
            printed_text(printed[key], lang) if key in printed else "",
            output.units,
            verdict(case, key, lang),
        )
        for key, output in case.outputs.items()
    ]
    header = [*(label(n, lang) for n in heads), ""]
    outputs = markdown(header, results, "llrrll")
    title, remark = own(case, "title", lang), own(case, "remark", lang)
    return f"### {title}\n\n`{case.name}`\n\n{inputs}\n\n{outputs}\n\n{remark}\n\n"


def studies(lang: str) -> str:
    """Published totals, and the two results of this package."""
    zh = lang == "zh"
    kinds = {
        "gross": ("gross", "总量"),
        "net": ("net of footprint", "扣除足迹"),
        "star": ("after rebound", "扣除反弹"),
    }
    rows: list[tuple[str, ...]] = []
    for name, avoided, share, factor, kind in STUDIES:
        case = sector_models.case(name)
        cells = (
            "" if avoided is None else in_megatonnes(case, avoided),
            "" if share is None else in_percent(case, share),
            "" if factor is None else in_ratio(case, factor),
        )
        title = own(case, "title", lang)
        if name == "malmodin_2030" and share is not None:
            title += ("; ", "；")[zh] + own(case.outputs[share], "title", lang)
        rows.append((title, *cells, kinds[kind][zh]))
    central = ours()
    for kind, key in (("gross", "enabled"), ("net", "NER"), ("star", "NER_star")):
        title = f"**{('current policy, China', '现行政策，中国')[zh]} {YEAR}**"
        rows.append(
            (
                title,
                f"{central[key]:,.0f}",
                f"{100 * central[key] / central['reference']:.1f}",
                f"{central[key] / central['footprint']:.1f}",
                kinds[kind][zh],
            )
        )
    header = ("study", "avoided, Mt", "share of emissions, %", "over own footprint", "counted")
    header_zh = ("研究", "减排，Mt", "占排放，%", "与自身足迹之比", "口径")
    return markdown(header_zh if zh else header, rows, "lrrrl")


def steps(lang: str) -> str:
    """From annex 2 to the current policy, as shares of the reference emissions."""
    zh = lang == "zh"
    annex = annex_2().savings.loc["economy"]
    found = ours()
    names = {
        "annex": (
            "annex 2: all levers everywhere, none in the reference",
            "附录2：全部应用，基准无应用",
        ),
        "enabled": (
            "spread of the scenario above the level of 2020 (ENB)",
            "情景应用水平，高于2020年部分（ENB）",
        ),
        "NER": ("less the life-cycle footprint of the ICT (NER)", "扣除ICT全生命周期足迹（NER）"),
        "NER_star": ("less direct rebound and re-spending (NER*)", "扣除直接反弹与再消费（NER*）"),
    }
    rows = [(names["annex"][zh], f"{100 * annex['central']:.1f}")]
    for key in ("enabled", "NER", "NER_star"):
        rows.append((names[key][zh], f"{100 * found[key] / found['reference']:.1f}"))
    header = ("step", f"share of reference emissions {YEAR}, %")
    header_zh = ("步骤", f"占{YEAR}年基准排放，%")
    return markdown(header_zh if zh else header, rows, "lr")


@cache
def ours() -> dict[str, float]:
    """Central totals of the current policy in the end year [Mt CO2]."""
    results = handprint.run("current-policy")
    cell = results.indicators.sel(sector="total", year=YEAR, estimate="central")
    keys = ("enabled", "footprint", "NER", "NER_star", "reference")
    return {key: float(cell[key]) for key in keys}


def numbers(case: Case, key: str) -> tuple[list[float], str]:
    """Low, central, high and unit of an input or output of a case."""
    if key in case.inputs:
        part = case.inputs[key]
        return [part.low, part.value, part.high], part.units
    row = case.computed.to_dict("index")[key]
    return [float(row[e]) for e in ESTIMATES], str(row["units"])


def in_megatonnes(case: Case, key: str) -> str:
    """Avoided emissions in Mt, whole ones from a hundred on."""
    values, units = numbers(case, key)
    scale = {"Mt": 1, "Gt": 1000}[units.split()[0]]
    return in_figures(float(f"{scale * values[1]:.4g}"))


def in_ratio(case: Case, key: str) -> str:
    """A ratio in three figures."""
    return range_text(*(float(f"{v:.3g}") for v in numbers(case, key)[0]))


def in_percent(case: Case, key: str) -> str:
    """A share in percent, without sign."""
    low, central, high = (100 * abs(v) for v in numbers(case, key)[0])
    return f"{central:.1f}" if low == high else f"{low:.0f} … {high:.0f}"


def made() -> Iterator[tuple[Path, str | None, str]]:
    """Page, block (None for the whole page) and text."""
    for lang, end in LANGUAGES.items():
        yield PAGES / f"cases{end}.md", None, cases_page(lang)
        for name, block in (("studies", studies), ("steps", steps)):
            yield PAGES / f"published-totals{end}.md", name, block(lang)


def filled(old: str, name: str, text: str) -> str:
    """Put a block into a page."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
    new, count = re.subn(pattern, lambda m: f"{m[1]}{text}\n{m[2]}", old, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"block {name} stands there {count} times")
    return new


def main() -> None:
    """Write the pages."""
    for path, name, text in made():
        old = "" if name is None else path.read_text(encoding="utf-8")
        path.write_text(text if name is None else filled(old, name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
