from foundation.workbooks.report import MOST_ERRORS, ImportReport, RowError, show_value

ERROR = RowError("名单", 12, "日期", "2025-02-29", "日历上没有这一天。", "请改正。")


def test_line_says_where_what_and_what_to_do() -> None:
    assert ERROR.line() == "工作表“名单”第 12 行“日期”列：“2025-02-29” 日历上没有这一天。 请改正。"


def test_blank_values_and_errors_of_whole_rows() -> None:
    assert RowError("S", 3, "", "", "空。", "").line() == "工作表“S”第 3 行：（空白） 空。"


def test_shown_values_are_short_and_printable() -> None:
    assert show_value("长" * 100) == "长" * 60 + "…"
    assert show_value("a\x1b[31m\nb\u202e") == "a [31m b"
    assert show_value(None) == ""


def test_report_with_errors_says_nothing_was_written() -> None:
    report = ImportReport("a.xlsx", "0" * 64, rows=3, added=2, errors=[ERROR])

    assert not report.ok
    assert list(report.lines()) == ["文件：a.xlsx", "共有 1 处错误，没有写入任何内容。", ERROR.line()]


def test_report_of_a_second_import_says_so() -> None:
    report = ImportReport("a.xlsx", "0" * 64, dry_run=False, rows=3, already_there=3)

    assert list(report.lines())[1:] == [
        "读取 3 行。",
        "已有 3",
        "没有新内容：文件中的内容都已存在。",
    ]


def test_errors_beyond_all_reason_are_cut() -> None:
    report = ImportReport("a.xlsx", "")
    for _ in range(MOST_ERRORS + 10):
        report.add_error(ERROR)

    assert len(report.errors) == MOST_ERRORS + 1
    assert "没有列出" in report.errors[-1].problem
