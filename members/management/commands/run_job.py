"""`run_job`: what the worker starts for each job, under its limits; not for hands."""

from __future__ import annotations

import resource
import signal
import sys
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from foundation.clock import read_clock
from foundation.errors import DomainError
from members.jobs.running import LeaseLost, fail_job, finish_job, make_result
from members.jobs.worker import OUT_OF_MEMORY
from members.models import Job

GRACE = 5  # seconds


class Command(BaseCommand):
    help = "Carry out one job that a worker has taken. Started by run_worker, not by hand."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("uuid", type=UUID)
        parser.add_argument("lease", type=UUID)
        parser.add_argument("--seconds", type=int, required=True)
        parser.add_argument("--megabytes", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        limit_process(seconds=options["seconds"], megabytes=options["megabytes"])
        jobs = Job.objects.select_related("owner", "town", "branch__town")
        job = jobs.filter(uuid=options["uuid"], lease=options["lease"]).first()
        if job is None:
            return
        with translation.override(job.language or None):
            try:
                make_result(now=read_clock(), job=job)
                finish_job(now=read_clock(), job=job)
            except LeaseLost:
                return
            except (DomainError, PermissionDenied) as refusal:
                fail_job(now=read_clock(), job=job, why=str(refusal))
            except MemoryError:
                # Whoever has no memory says no more than that.
                sys.exit(OUT_OF_MEMORY)


def limit_process(*, seconds: int, megabytes: int) -> None:
    """Bound this process: address space, time on the processor, and no image of its memory on the disk.

    The worker ends it in time; should the worker be gone, the alarm does.
    """
    signal.alarm(seconds + GRACE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + GRACE))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
