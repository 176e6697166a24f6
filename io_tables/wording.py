"""What codes of findings mean, and reports in words, in English and Chinese."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from io_tables.errors import TableError, did_you_mean

if TYPE_CHECKING:
    from io_tables.report import Finding, Report

DATA = Path(__file__).parent / "data" / "checks.toml"
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "error": "error", "warning": "warning", "info": "info", "report": "Report",
            "findings": "Findings", "subject": "Checked", "verdict": "Verdict",
            "usable": "can be used", "refused": "cannot be used: see the errors",
            "level": "Level", "code": "Code", "where": "Where", "file": "File",
            "sheet": "Sheet", "line": "Line", "row": "Row", "column": "Column",
            "label": "Label", "what": "What", "fix": "What to do", "value": "Value",
            "title": "In short", "changes": "changes", "written": "written to",
            "none_left": "nothing to repair, nothing written",
            "errors_left": "errors are left that no safe repair removes: nothing written",
            "encoding": "encoding", "number": "number", "order": "order", "total": "total",
            "difference": "difference",
        },
        "zh": {
            "error": "错误", "warning": "警告", "info": "提示", "report": "报告",
            "findings": "检查结果", "subject": "检查对象", "verdict": "结论",
            "usable": "可以使用", "refused": "不可使用:见错误",
            "level": "级别", "code": "代码", "where": "位置", "file": "文件",
            "sheet": "工作表", "line": "行号", "row": "行", "column": "列",
            "label": "标签", "what": "问题", "fix": "处理办法", "value": "数值",
            "title": "摘要", "changes": "修改", "written": "已写入",
            "none_left": "无需修复,未写入文件",
            "errors_left": "仍有无法安全修复的错误:未写入文件",
            "encoding": "编码", "number": "数字", "order": "顺序", "total": "合计",
            "difference": "统计误差",
        },
    }
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """
    One kind of finding.

    Parameters
    ----------
    level : str
        Error, warning or info.
    title, title_zh : str
        A few words.
    meaning, meaning_zh : str
        A sentence or two.
    fix, fix_zh : str
        What to do.
    error : str
        Class of the error that it raises.
    stops : {"reading", "engine", ""}
        What an error stops.
    fixable : bool
        Whether :func:`io_tables.fix` can help.
    """

    level: str
    title: str
    title_zh: str
    meaning: str
    meaning_zh: str
    fix: str
    fix_zh: str
    error: str = ""
    stops: str = ""
    fixable: bool = False

    def text(self, field: str, lang: str) -> str:
        """
        Return a text of the code in one language.

        Parameters
        ----------
        field : {"title", "meaning", "fix"}
            Which.
        lang : {"en", "zh"}
            Language.

        Returns
        -------
        str
            The text.
        """
        return str(getattr(self, field if lang == "en" else f"{field}_zh"))


@cache
def codes() -> Mapping[str, Code]:
    """
    Return what every code means.

    Returns
    -------
    mapping
        Code -> its texts, in the order of ``data/checks.toml``.

    Examples
    --------
    >>> codes()["cell-empty"].title
    'empty cell'
    """
    entries = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return MappingProxyType({name: Code(**entry) for name, entry in entries.items()})


def words(lang: str) -> Mapping[str, str]:
    """
    Return headings and levels in one language.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    mapping
        Key -> text.

    Raises
    ------
    TableError
        If there are no texts in this language.
    """
    if lang not in WORDS:
        raise TableError(f"no texts in {lang!r}; {did_you_mean(lang, WORDS)}")
    return WORDS[lang]


def report_text(report: Report, lang: str = "en", limit: int | None = None) -> str:
    """
    Write a report as text.

    Parameters
    ----------
    report : Report
        Findings.
    lang : {"en", "zh"}
        Language of headings and levels; in Chinese each line also has the title and the remedy
        of its code.
    limit : int, optional
        Findings of one code that are spelled out; the others are counted.

    Returns
    -------
    str
        A heading, and a line for each finding.

    Raises
    ------
    TableError
        If there are no texts in this language.
    """
    words(lang)
    if not report.findings:
        return f"{report.subject}: " + ("nothing found" if lang == "en" else "未发现问题")
    counts = ", ".join(f"{n} {words(lang)[level]}" for level, n in report.counts.items() if n)
    heading = f"{len(report)} finding(s)" if lang == "en" else f"{len(report)}条检查结果"
    lines = [f"{report.subject}: {heading} ({counts})"]
    return "\n".join([*lines, *_lines(report, lang, limit)])


def _lines(report: Report, lang: str, limit: int | None) -> Iterator[str]:
    """One line for each finding, and one for those of a code that are left out."""
    total = Counter((f.level, f.code) for f in report)
    seen: Counter[tuple[str, str]] = Counter()
    for finding in report:
        kind = (finding.level, finding.code)
        seen[kind] += 1
        if limit is None or seen[kind] <= limit:
            yield line(finding, lang)
        if limit is not None and seen[kind] == total[kind] > limit:
            more = total[kind] - limit
            yield (
                f"{finding.level}: {more} more of {finding.code}: see them with --json or -o"
                if lang == "en"
                else f"{words(lang)[finding.level]}: 另有{more}条{finding.code}: "
                "用--json或-o查看全部"
            )


def line(finding: Finding, lang: str) -> str:
    """
    Write one finding as a line.

    Parameters
    ----------
    finding : Finding
        Any.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        Level, place, what, fix and code; in Chinese with the title and fix of the code.
    """
    code = codes().get(finding.code)
    if lang == "en" or code is None:
        return f"{finding} [{finding.code}]"
    level, told = words(lang)[finding.level], f"{code.title_zh} ({finding.what})"
    return f"{level}: {finding.where}: {told} -> {code.fix_zh} [{finding.code}]"
