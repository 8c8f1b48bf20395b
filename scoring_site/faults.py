"""What is answered when the site itself fails: 503 where the database or the disk does not answer or a paper
could not be laid out, else 500.

Neither answer asks the database for anything. Where something was sent, nobody can know whether it was saved; to send
it again is right, because a form that was saved is not saved again (`scoring_site/sent_once.py`).
"""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from points.errors import PaperNotMade

RETRY_AFTER = 60  # seconds
DISK_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


def answer_fault(request: HttpRequest) -> HttpResponse:
    """The page for whatever a view or what stands before it did not catch; the resolver's `handler500`."""
    error = sys.exc_info()[1]
    said = str(error) if isinstance(error, PaperNotMade) else ""
    if not said and not is_out_of_service(error):
        return HttpResponse(loader.get_template("500.html").render(), status=500)
    was_sent = request.method not in ("GET", "HEAD")
    page = loader.get_template("503.html").render({"was_sent": was_sent, "said": said})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


def is_out_of_service(error: BaseException | None) -> bool:
    """Whether it says that the database is away or cannot write, or that a disk is full: no fault of the code."""
    return any(_says_so(each) for each in _causes(error))


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_FULL
    cause = error.__cause__
    if type(error) is DatabaseError:
        # Of no kind and under no code of the server's: the connection broke off in the middle of an answer.
        return getattr(cause, "pgcode", "") is None
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # SQLite calls its every complaint operational, a table that is not there too.
    return not (isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode == sqlite3.SQLITE_ERROR)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those it came of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
