"""Settings of the suite: the site's own, with what a test run must not take from the machine it runs on.

The environment's DATABASE_URL chooses the database; a `.env` never does, nor does it change anything else here.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATABASE_URL", "sqlite:///var/suite.sqlite3")
os.environ |= {
    "SECRET_KEY": "only-for-tests-" + "k" * 50,
    "PERSONAL_DATA_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    "PERSONAL_DATA_HASH_KEY": "only-for-tests",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "BEHIND_PROXY": "false",
    "HTTPS_ONLY": "false",
    "HSTS_SECONDS": "0",
    "LOG_LEVEL": "WARNING",
    "EVIDENCE_DIR": tempfile.gettempdir() + "/never-written-evidence",
    "PAPER_SECONDS": "0",
    "FILE_SECONDS": "0",
    "REQUESTS_PER_MINUTE": "0",
    "JOBS_DIR": os.environ.get("JOBS_DIR", tempfile.gettempdir() + "/never-written-jobs"),
}

from scoring_site.settings import *  # noqa: F403
from scoring_site.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, STORAGES

if DATABASES["default"]["ENGINE"] == "foundation.databases.sqlite":
    # A file, as in production: an in-memory database has neither WAL nor a second connection. Beside the one that
    # DATABASE_URL names, with the prefix PostgreSQL's test database gets.
    beside = Path(DATABASES["default"]["NAME"])
    beside.parent.mkdir(exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(beside.with_name(f"test_{beside.name}"))}

# Every query that a view repeats row by row fails the test.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
# Django itself looks a session up twice when it renews its key.
ZEAL_ALLOWLIST = [{"model": "members.Session"}]

# Argon2 is slow by design; tests log in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Straight from the sources: no test waits for, or sees, what `collectstatic` once collected.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
