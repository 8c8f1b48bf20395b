"""Settings of the benchmark: the suite's, on a database of its own beside the one that DATABASE_URL names."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE

BENCH_DIRECTORY = Path(os.environ["BENCH_DIRECTORY"])

if DATABASES["default"]["ENGINE"] == "foundation.databases.sqlite":
    DATABASES["default"]["NAME"] = str(BENCH_DIRECTORY / "bench.sqlite3")
else:
    DATABASES["default"]["NAME"] = f"{DATABASES['default']['NAME']}_bench"

# As in production: nothing watches the queries.
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "zeal"]
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("zeal.")]

ROOT_URLCONF = "tests.bench.urls"
