"""What is handed out about an objection, and the paper it came on."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from publicity.objections.papers import ANSWER, RECEIPT, write_answer, write_receipt
from scoring_site.downloads import send_file
from scoring_site.forms.pictures import send_picture
from scoring_site.workbench.publicity.objections.handled import HandledPage, ReceiptedPage


class Receipt(ReceiptedPage):
    """The receipt to hand out."""

    name = "receipt"
    route = "receipt.pdf"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_file(write_receipt(objection=self.row, now=self.now), f"{RECEIPT}-{self.row.receipt}.pdf")


class AnswerPaper(HandledPage):
    """The written answer to hand out to who has no account."""

    name = "answer_pdf"
    route = "answer.pdf"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        if not self.row.is_answered:
            raise Http404
        return send_file(write_answer(objection=self.row), f"{ANSWER}-{self.row.receipt}.pdf")


class ScannedPaper(HandledPage):
    """The paper as it was scanned: it may name the objector, so only those who handle it see it (D11)."""

    name = "scan"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        return send_picture(self.row.scan)
