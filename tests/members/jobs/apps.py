"""The trial kinds as an app, for a worker's process."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig

from members.jobs.kinds import register_job_kind

NAMES = ("write", "refuse", "break", "hoard", "sleep", "spin")
PATHS = {name: f"tests.members.jobs.trial.{name.upper()}" for name in NAMES}


class TrialConfig(AppConfig):
    """Registers them in a process of its own."""

    name = "tests.members.jobs"
    label = "trial_jobs"
    path = str(Path(__file__).parent)

    def ready(self) -> None:
        for code, path in PATHS.items():
            register_job_kind(code, path)
