"""The suite's settings for a worker's process, with the kinds of `trial.py`."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.members.jobs.apps.TrialConfig"]
