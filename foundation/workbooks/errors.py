"""What can be wrong with a workbook as a whole, or with one of its cells."""


class UnreadableWorkbook(Exception):
    """The file cannot be read at all (exit status 2 of the commands).

    `code` is stable and meant for programs; the message is translated, says what is wrong and what to do.
    """

    def __init__(self, code: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem}{remedy}")
        self.code = code
        self.problem = problem
        self.remedy = remedy


class CellError(ValueError):
    """The value of one cell cannot be taken as what its column asks for.

    `code` is stable; `problem` says what is wrong, `remedy` what to do, both translated.
    """

    def __init__(self, code: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.code = code
        self.problem = problem
        self.remedy = remedy
