"""What is handed out about an objection, and the paper it came on."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from points.scoring.wording import name_half
from publicity.models import Objection
from publicity.objections.papers import ANSWER, RECEIPT, write_answer, write_receipt
from scoring_site.downloads import name_paper, send_file
from scoring_site.forms.pictures import send_scan
from scoring_site.workbench.publicity.objections.handled import HandledPage, ReceiptedPage


class Receipt(ReceiptedPage):
    """The receipt to hand out."""

    name = "receipt"
    route = "receipt.pdf"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_file(write_receipt(objection=self.row, now=self.now), _name_file(self.row, RECEIPT))


class AnswerPaper(HandledPage):
    """The written answer to hand out to who has no account."""

    name = "answer_pdf"
    route = "answer.pdf"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        if not self.row.is_answered:
            raise Http404
        return send_file(write_answer(objection=self.row), _name_file(self.row, ANSWER))


class ScannedPaper(HandledPage):
    """The paper as it was scanned: it may name the objector, so only those who handle it see it (D11)."""

    name = "scan"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_scan(request, self.row.scan)


def _name_file(objection: Objection, what: str) -> str:
    review = objection.notice.review
    return name_paper(review.branch_name, name_half(review), what, objection.receipt) + ".pdf"
