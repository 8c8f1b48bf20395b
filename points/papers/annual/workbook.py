"""The annual report as a workbook: the sheets, headers and order of the town's contract (`年度积分汇总`).

Sheets: 年度积分, 支部汇总, 分数分布, 扣分与否决 (where the report carries the counts) and 说明.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList

from foundation.tenths import in_points
from foundation.workbooks.writing import Column, Look, Paper, TableSheet, Value, stream_workbook
from points.papers import words
from points.papers.annual.report import AnnualReport, AnnualRow, BranchReport, Figures, Summary, name_remark
from points.rules import ratings
from points.rules.clauses import cite_clause
from points.rules.rulebook import SETTING_RULES, Rulebook

RATING_COLUMNS = (
    ratings.EXCELLENT,
    ratings.QUALIFIED,
    ratings.BASICALLY_QUALIFIED,
    ratings.UNQUALIFIED,
    ratings.DEFERRED,
    ratings.PENDING,
    ratings.PROPOSED_FAIL,
    ratings.NOT_GRADED,
)
AROUND_FIGURES = 9  # columns of 年度积分 before the first item and after 下半年积分
DATE_COLUMNS = ("上半年核定日期", "上半年公示日期", "下半年核定日期", "下半年公示日期")

# Bands of ten points; each boundary belongs to the upper one (D12), and the highest takes 100 in.
BANDS = tuple(range(100, 1000, 100))

# The figures in braces are the rulebook's (`words.name_limits`).
HOW_TO_READ = (
    ("年度积分", "基础分加激励分减扣分，减到0为止；有一票否决的为0（《办法》二（三））。满分{full}分。"),
    ("半年积分", "上半年为截至6月30日的累计得分；下半年为年度积分减上半年积分，因扣分、否决、折算可能为负。"),
    ("基础分", "每人每项每期只计一次，计该项规定的分值；补记按期次归入所属的年度和半年。"),
    ("激励各项", "列出双倍加分和单项限额之后的得分；“激励分”为{items}项合计，不超过{incentive}分。"),
    ("扣分", "年内经支委会确认的扣分合计；{finding}，扣完为止。"),
    ("一票否决", "经支委会确认、归属本年度的为“是”，年度积分为0。"),
    ("计分n个月", "当月最后一天在册、且未免积分管理的月份才计入；计分不满一年的不自动定为不合格。"),
    ("不实行积分制", "经本人申请、支部决定免积分管理的党员，列名而不计分；已离开的党员列名而不计分。"),
    ("评定等次", "年度结束前为空；之后为“拟定不合格”“待评定”或“不评定等次”（预备党员），直到支部作出评定。"),
    ("评先评优资格", "年度结束前为空；年度积分{award}分及以上为“是”（《办法》四）。"),
    ("支部排名", "在本支部计分党员中的名次，同分同名次：1、1、3。"),
    ("可兑现金额", "支部定有兑现标准且年度积分{passing}分及以上的才有数（《办法》四）；没有标准的为空。"),
    ("未定稿", "各支部核定、公示结束以前，本表随记录变化。"),
    ("已定稿", "各支部下半年均已公示期满定稿；各行即定稿时冻结的积分，改动须经镇党建办同意的更正。"),
    ("校验码", "支部本年度最近一次核定或更正的校验值，与公示、通知单上的一致，可据以查验本表（《办法》三2）。"),
    ("分数界限", "{passing}分算合格，{award}分、{excellent}分均含本数。"),
)


def write_annual_workbook(report: AnnualReport, file: IO[bytes]) -> None:
    """Write the report into an open binary file."""
    with stream_workbook(file, title=f"{report.town}{report.year}年度积分汇总", author=report.town) as workbook:
        _write_scores(workbook, report)
        _write_branches(workbook, report)
        _write_distribution(workbook, report)
        if report.finding_counts is not None:
            _write_findings(workbook, report)
        _write_notes(workbook, report)


def score_columns(rulebook: Rulebook) -> tuple[Column, ...]:
    """The columns of 年度积分, in order; which of them an item has, the rulebook says."""
    return (
        Column("序号", 6, Look.WHOLE),
        Column("党支部", 22),
        Column("姓名", 10),
        Column("人员类别", 10),
        *(Column(item.report_column, 9, Look.POINTS) for item in rulebook.base),
        Column("基础分", 9, Look.POINTS),
        *(Column(item.report_column, 9, Look.POINTS) for item in rulebook.incentive),
        Column("激励分", 9, Look.POINTS),
        Column("扣分", 8, Look.POINTS),
        Column("一票否决", 9),
        Column("年度积分", 10, Look.POINTS),
        Column("上半年积分", 10, Look.POINTS),
        Column("下半年积分", 10, Look.POINTS),
        Column("评定等次", 12),
        Column("评先评优资格", 10),
        Column("支部排名", 9, Look.WHOLE),
        Column("可兑现金额", 10, Look.HUNDREDTHS),
        Column("备注", 16),
    )


def _write_scores(workbook: Workbook, report: AnnualReport) -> None:
    columns = score_columns(report.rulebook)
    sheet = TableSheet(
        workbook,
        "年度积分",
        columns,
        above=(f"{report.town}{report.year}年度积分汇总", _state_line(report)),
        frozen_columns=3,
        paper=Paper.A3,
    )
    number = 0
    for branch in report.branches:
        for row in branch.rows:
            number += 1
            sheet.append(_score_values(number, branch.name, row, blanks=len(columns) - AROUND_FIGURES))
    sheet.finish()


def _state_line(report: AnnualReport) -> str:
    version = f"积分办法版本 {report.rulebook.version}（{report.rulebook_hash[:12]}）"
    settings = asdict(report.rulebook.settings)
    readings = (words.READINGS[name, settings[name]] for name in ("lead_bonus", "part_year"))
    state = words.FINAL if report.is_final else words.PROVISIONAL
    return " · ".join((report.town, f"{report.year}年度", state, version, *readings))


def _score_values(number: int, branch: str, row: AnnualRow, *, blanks: int) -> list[Value]:
    """One member's cells; `blanks` is how many stay empty for whoever is not scored."""
    figures = _figure_values(row.figures) if row.figures is not None else [None] * blanks
    eligible = None if row.is_eligible is None else _yes_no(row.is_eligible)
    return [
        number,
        branch,
        row.name,
        words.CATEGORIES[row.category],
        *figures,
        words.RATINGS[row.rating],
        eligible,
        row.rank,
        None,  # worth in goods: branches set no rates yet (D13)
        name_remark(row),
    ]


def _figure_values(figures: Figures) -> list[Value]:
    return [
        *map(in_points, figures.base_items),
        in_points(figures.base),
        *map(in_points, figures.incentive_items),
        in_points(figures.incentive),
        in_points(figures.deducted),
        _yes_no(figures.is_vetoed),
        in_points(figures.total),
        None if figures.first_half is None else in_points(figures.first_half),
        in_points(figures.second_half),
    ]


def _yes_no(is_so: bool) -> str:
    return words.YES if is_so else words.NO


def _write_branches(workbook: Workbook, report: AnnualReport) -> None:
    sheet = TableSheet(
        workbook,
        "支部汇总",
        (
            Column("党支部", 22),
            *(Column(header, 9, Look.WHOLE) for header in ("党员数", "计分人数", words.EXEMPT, "已离开")),
            *(Column(header, 9, Look.HUNDREDTHS) for header in ("平均分", "中位数")),
            *(Column(header, 9, Look.POINTS) for header in ("最高分", "最低分")),
            *(Column(words.RATINGS[code], 10, Look.WHOLE) for code in RATING_COLUMNS),
            *(Column(header, 12, Look.DATE) for header in DATE_COLUMNS),
        ),
        above=(f"{report.town}{report.year}年度支部汇总", _state_line(report)),
        frozen_columns=1,
    )
    for branch in report.branches:
        sheet.append([*_summary_values(branch.name, branch.summary), *branch.days])
    sheet.finish()
    sheet.append([*_summary_values("合计", report.summary), *(None for _header in DATE_COLUMNS)])


def _summary_values(name: str, summary: Summary) -> list[Value]:
    return [
        name,
        summary.members,
        summary.scored,
        summary.exempt,
        summary.left,
        summary.average,
        summary.median,
        None if summary.highest is None else in_points(summary.highest),
        None if summary.lowest is None else in_points(summary.lowest),
        *(summary.ratings[code] for code in RATING_COLUMNS),
    ]


def count_bands(branches: Sequence[BranchReport]) -> list[int]:
    """How many annual scores lie in each band of ten points, lowest first."""
    counts = [0] * (len(BANDS) + 1)
    for branch in branches:
        for row in branch.rows:
            if row.figures is not None:
                counts[bisect_right(BANDS, row.figures.total)] += 1
    return counts


def _write_distribution(workbook: Workbook, report: AnnualReport) -> None:
    sheet = TableSheet(
        workbook,
        "分数分布",
        (Column("年度积分", 14), Column("人数", 10, Look.WHOLE)),
        above=(f"{report.town}{report.year}年度积分分布", _state_line(report)),
    )
    counts = count_bands(report.branches)
    for band, count in enumerate(counts):
        highest = "100" if band == len(BANDS) else f"{band}9.9" if band else "9.9"
        sheet.append([f"{band * 10}～{highest}", count])
    sheet.finish()
    chart = BarChart()
    chart.title = f"{report.year}年度积分分布（人数）"
    chart.legend = None
    chart.gapWidth = 40
    chart.width, chart.height = 24, 12
    chart.x_axis.delete = chart.y_axis.delete = False  # newer Excel hides axes that do not say so
    first, last = sheet.header_row, sheet.last_row
    chart.add_data(Reference(sheet.sheet, min_col=2, min_row=first, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet.sheet, min_col=1, min_row=first + 1, max_row=last))
    chart.series[0].graphicalProperties.solidFill = "B71C1C"
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    sheet.sheet.add_chart(chart, "D3")


def _write_findings(workbook: Workbook, report: AnnualReport) -> None:
    """Categories and counts, never particulars or names (D21)."""
    sheet = TableSheet(
        workbook,
        "扣分与否决",
        (Column("党支部", 22), Column("类别", 10), Column("项目", 50), Column("次数", 8, Look.WHOLE)),
        above=(
            f"{report.town}{report.year}年度扣分与一票否决",
            "经支委会确认的类别和次数；仅供有权限的人员使用，不得外传",
        ),
        frozen_columns=1,
    )
    for count in report.finding_counts or ():
        kind = words.RECORD_KINDS[count.kind]
        sheet.append([count.branch, kind, report.rulebook.item_names(count.kind)[count.item], count.findings])
    sheet.finish()


def _write_notes(workbook: Workbook, report: AnnualReport) -> None:
    """How to read the report, and the readings and rules in force."""
    sheet = TableSheet(
        workbook,
        "说明",
        (Column("栏目", 26), Column("说明", 100, Look.WRAPPED_TEXT), Column("依据", 18)),
        above=(f"{report.town}{report.year}年度积分汇总的说明",),
    )
    limits = words.name_limits(report.rulebook)
    for subject, text in HOW_TO_READ:
        sheet.append([subject, text.format_map(limits), None])
    for name, value in asdict(report.rulebook.settings).items():
        said = words.name_setting_value(report.rulebook, name, value)
        sheet.append([f"设置：{words.SETTING_NAMES[name]}", said, cite_clause(SETTING_RULES[name].clause)])
    for branch in report.branches:
        if branch.link is not None:
            sequence, digest = branch.link
            sheet.append([f"校验码：{branch.name}", f"第{sequence}号 {digest}", None])
    sheet.append(["积分办法", f"{report.rulebook.title}，版本 {report.rulebook.version}", None])
    sheet.append(["积分办法校验值", f"SHA-256 {report.rulebook_hash}", None])
    sheet.append(["制表时间", f"{timezone.localtime(report.made_at):%Y-%m-%d %H:%M}", None])
    sheet.finish()
