"""全镇总览 as a workbook: what is recorded of what is due, the halves, the spread of scores, what is late and waits.

It holds numbers of branches and names no member; that it was taken out is logged.
"""

from __future__ import annotations

from decimal import Decimal
from typing import IO

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.writing import Column, Look, TableSheet, stream_workbook
from points.scoring.wording import name_period, name_period_in_year
from scoring_site.downloads import name_paper, send_written
from scoring_site.overview.exports import export_overview
from scoring_site.workbench.base.pages import Text, page_url
from scoring_site.workbench.overview.chart import draw_chart
from scoring_site.workbench.overview.page import OverviewPage, OverviewPart
from scoring_site.workbench.overview.reading import Overview

TITLE = "总览"
RECORDED = (
    Column("党支部", 26),
    Column("项目", 18),
    Column("期次", 12),
    Column("应登记人数", 12, Look.WHOLE),
    Column("已登记人数", 12, Look.WHOLE),
    Column("未登记人数", 12, Look.WHOLE),
    Column("说明", 16),
)
HALVES = (
    Column("党支部", 26),
    Column("半年", 16),
    Column("状态", 18),
    Column("期限或天数", 18),
    Column("逾期天数", 10, Look.WHOLE),
    Column("计分人数", 10, Look.WHOLE),
    Column("平均分", 10, Look.HUNDREDTHS),
)
SPREAD = (Column("分数段", 22), Column("本年度人数", 14, Look.WHOLE), Column("上年度人数", 14, Look.WHOLE))
OPEN = (
    Column("党支部", 26),
    Column("事项", 80, Look.WRAPPED_TEXT),
    Column("最长逾期天数", 14, Look.WHOLE),
    Column("最近提醒", 14, Look.DATE),
)


def write_overview_workbook(overview: Overview, file: IO[bytes]) -> None:
    """Write it into an open binary file; Chinese, as its headings are."""
    with translation.override("zh-hans"), stream_workbook(file, title=TITLE, author="") as workbook:
        about = f"{overview.place} {overview.year}年度 {overview.on:%Y-%m-%d}"
        sheet = TableSheet(workbook, "登记进度", RECORDED, above=(about,), frozen_columns=1)
        for row in overview.rows:
            for due in row.dues:
                if due.has_begun(overview.on):
                    said = "未登记" if due.is_untouched else ""
                    running = "" if due.is_over(overview.on) else "未到期"
                    period = name_period_in_year(due.period)
                    counts = (due.due, due.entered, due.missing)
                    sheet.append([row.branch.name, due.item.name, period, *counts, running or said])
        sheet.finish()
        sheet = TableSheet(workbook, "核定与公示", HALVES, above=(about,), frozen_columns=1)
        for row in overview.rows:
            average = Decimal(row.spread.average) if row.spread.count else None
            for half in row.halves.values():
                late = -half.due.days_left if half.due and half.is_late else None
                words = (name_period(f"{half.year}{half.half}"), half.shown, half.note)
                sheet.append([row.branch.name, *words, late, row.spread.count, average])
        sheet.finish()
        sheet = TableSheet(workbook, "积分分布", SPREAD, above=(about,), frozen_columns=1)
        chart = draw_chart(overview.spread, overview.before)
        for words_of, count, before in (*chart.bands, *chart.steps):
            sheet.append([words_of, count, before])
        sheet.finish()
        sheet = TableSheet(workbook, "逾期与待办", OPEN, above=(about,), frozen_columns=1)
        for row in overview.late:
            assert row.lateness is not None
            reminded = row.reminder.on if row.reminder else None
            sheet.append([row.branch.name, "；".join(row.lateness.texts), row.lateness.days, reminded])
        for row in overview.concerns:
            if row.concern.people:
                sheet.append([row.branch.name, f"需关心了解{row.concern.people}人（系统提示，不作结论）", None, None])
        for task in overview.waiting:
            sheet.append([overview.place, task.text, None, None])
        sheet.finish()


class ExportOverview(OverviewPart):
    """The page before the download, and the workbook."""

    route = "overview/export/"
    name = "export_overview"
    title = gettext_lazy("Export the overview")
    template = "workbench/base/export_page.html"

    def prepare(self) -> HttpResponseBase | None:
        answer = super().prepare()
        if self.year not in self.rulebooks or self.unknown_year:
            raise Http404
        return answer

    def get_way_back(self) -> tuple[Text, str]:
        return _("Overview"), page_url(OverviewPage.name) + self.get_query()

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """What the file will hold."""
        about = _(
            "The workbook holds four sheets about %(count)s branches: what is recorded of what is due, half-years and "
            "notices, the spread of scores, what is late and what waits. It names no member."
        )
        return self.render(about=about % {"count": len(self.branches)}, back=self.get_way_back()[1])

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        overview = self.overview
        export_overview(actor=self.actor, now=self.now, town=self.town, year=self.year, branches=self.branches)
        name = name_paper(overview.place, self.year, _("Overview"), f"{self.today:%Y%m%d}")
        return send_written(lambda file: write_overview_workbook(overview, file), f"{name}.xlsx")
