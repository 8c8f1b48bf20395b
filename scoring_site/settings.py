"""Settings, read from the environment and from `.env` in the project's root; `.env.example` lists every variable.

A missing secret stops the start with a message that says how to make one.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from scoring_site.browser_rules import PAGES
from scoring_site.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def read_secret(name: str) -> str:
    """Return a secret from the environment.

    Raises:
        ImproperlyConfigured: it is missing or empty.
    """
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is missing from the environment and from .env. "
            "`make setup` (or `python -m scoring_site.secrets`) writes fresh secrets for a new installation; "
            "for an existing one, put back the .env that belongs to its database."
        )
    return str(value)


OWNERS_COMMANDS = frozenset({"migrate", "pseudonymise", "remove_access_entries", "restore", "rotate_keys"})
"""What only the role that owns the tables can do: these take OWNER_DATABASE_URL, where there is one."""


def read_database() -> dict[str, Any]:
    """Return Django's settings for the database that DATABASE_URL names, with what each engine needs to be safe here.

    Raises:
        ImproperlyConfigured: the address is of neither engine.
    """
    url = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
    if OWNERS_COMMANDS.intersection(sys.argv[1:2]):
        url = env.str("OWNER_DATABASE_URL", default=url)
    config: dict[str, Any] = dict(env.db_url_config(url))
    engine = config.get("ENGINE", "").rpartition(".")[2]
    # Each of the server's threads keeps its connection: opening one costs more than most pages ask of it.
    config["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    options = dict(config.get("OPTIONS", {}))
    if engine == "sqlite3":
        config["ENGINE"] = "foundation.databases.sqlite"
        if config["NAME"] != ":memory:":
            config["NAME"] = str(BASE_DIR / config["NAME"])
        # IMMEDIATE takes the write lock at BEGIN: two writers wait for each other instead of failing half-way. Without
        # recursive_triggers, REPLACE would delete ledger rows without firing their triggers.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
            ),
        }
    elif engine == "postgresql":
        config["ENGINE"] = "foundation.databases.postgresql"
        # The host of a unix socket can be given as ?host=/directory.
        config["HOST"] = options.pop("host", config["HOST"])
        config["CONN_HEALTH_CHECKS"] = True  # the server may have gone meanwhile; a file cannot
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite: or postgres: (see .env.example).")
    config["OPTIONS"] = options
    return config


# Secrets
SECRET_KEY = read_secret("SECRET_KEY")
PERSONAL_DATA_KEYS = [key.strip() for key in read_secret("PERSONAL_DATA_KEYS").split(",") if key.strip()]
PERSONAL_DATA_HASH_KEY = read_secret("PERSONAL_DATA_HASH_KEY")

# The site and its address
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "scoring_site.urls"
WSGI_APPLICATION = "scoring_site.wsgi.application"
CLOCK = "django.utils.timezone.now"

BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

HTTPS_ONLY = env.bool("HTTPS_ONLY", default=False)
# Others reach the site without HTTPS: refused unless it is said to be meant (scoring_site.checks).
PLAIN_HTTP_ALLOWED = env.bool("PLAIN_HTTP_ALLOWED", default=False)
SECURE_SSL_REDIRECT = HTTPS_ONLY
# Whoever watches over the process asks it on this machine, past the proxy.
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^ready/$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS_ONLY else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PAGES}

# Cookies: browsers take one named __Host- over HTTPS alone and from this very host, not from a neighbour of its domain.
_PREFIX = "__Host-" if HTTPS_ONLY else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
SESSION_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Apps: unfold must come before the admin whose templates it replaces.
INSTALLED_APPS = [
    "unfold",
    # SimpleAdminConfig: the admin classes are registered on scoring_site.workbench.workbench, which the URLs load.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "foundation",
    "members",
    "veto",
    "points",
    "publicity",
    "scoring_site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "scoring_site.browser_rules.PermissionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "scoring_site.compression.CompressPages",
    "scoring_site.privacy.NothingKeptMiddleware",
    "scoring_site.requests.ClockMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "scoring_site.request_size.RequestSizeMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "scoring_site.access_log.AccessLogMiddleware",
    "scoring_site.privacy.LoginFirstMiddleware",
    "scoring_site.request_rate.RequestRateMiddleware",
    "scoring_site.second_factor.SecondFactorMiddleware",
    "scoring_site.password_again.PasswordAgainMiddleware",
    "scoring_site.limited_accounts.LimitedAccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "scoring_site.portal.navigation.unread_notifications",
                "scoring_site.portal.navigation.show_portal",
                "scoring_site.password_again.show_session",
                "scoring_site.demonstration.banner.show_demonstration",
            ],
        },
    },
]

# Widgets that are not plain are drawn from `templates/` like every page.
FORM_RENDERER = "scoring_site.forms.renderer.PlainRenderer"

# Storage
DATABASES = {"default": read_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EVIDENCE_DIR = BASE_DIR / env.str("EVIDENCE_DIR", default="var/evidence")
# Files between their preview and its confirmation: encrypted, for hours, in no backup.
UPLOADS_DIR = VAR_DIR / "uploads"
# What the worker made, until it is a day old: encrypted, in no backup. Web processes and worker share it.
JOBS_DIR = BASE_DIR / env.str("JOBS_DIR", default="var/jobs")
# So long one paper that a page sends may take to be laid out; 0: in the site's own process, without limits.
PAPER_SECONDS = env.int("PAPER_SECONDS", default=60)
# So long reading one file that somebody sent may take, and so long it waits for others; 0: as above.
FILE_SECONDS = env.int("FILE_SECONDS", default=30)
# What one job may take before it is stopped.
JOB_MINUTES = env.int("JOB_MINUTES", default=15)
JOB_MEGABYTES = env.int("JOB_MEGABYTES", default=2048)
# Below this the town's staff are warned, and `/ready/` says no.
LEAST_FREE_MEGABYTES = env.int("LEAST_FREE_MEGABYTES", default=1024)
# Where `checkpoint` writes and `verify_ledger` compares: another disk or machine. Empty: nowhere.
CHECKPOINT_DIR = env.str("CHECKPOINT_DIR", default="")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        ),
    },
}

# Uploads: workbooks up to 20 MB. A tick sheet of a branch posts thousands of boxes.
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024
# The whole of a request, files and fields; where nobody is logged in, 64 KB (request_size.py).
REQUEST_LIMIT_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600

# People
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.accounts.authentication.NameOrPhoneBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "members.accounts.sessions"
# Of an officer who does nothing: an office computer is used by many. What was typed stays.
SESSION_IDLE = timedelta(minutes=env.int("IDLE_MINUTES", default=30))
# From the log-in on, whoever it is and whatever they do.
SESSION_LENGTH = timedelta(hours=env.int("SESSION_HOURS", default=12))
# How often one account may ask each server process in a minute: a person clicks a tenth of it. 0: as often as it likes.
REQUESTS_PER_MINUTE = env.int("REQUESTS_PER_MINUTE", default=300)
# How long the password counts as just given where something grave asks for it again.
PASSWORD_COUNTS_FOR = timedelta(minutes=env.int("PASSWORD_MINUTES", default=15))
# Whether the town's own roles must set up a second factor (an authenticator app) before anything else.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=False)
# A file of passwords that were stolen elsewhere, as their SHA-1 in order; without one only the common ones are refused.
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", default="")
SESSION_COOKIE_AGE = 24 * 60 * 60
PASSWORD_HASHERS = [
    "members.accounts.hashing.SmallArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "members.accounts.passwords.GuessablePasswordValidator"},
    {"NAME": "members.accounts.breached.BreachedPasswordValidator"},
]

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Logging: to standard error, without request bodies, query strings or personal data.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"refusals": {"()": "scoring_site.journal.RefusalsInOneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django would log every failing statement with its values; only the engine's message is kept.
        "django.db.backends": {"level": "WARNING"},
        # WeasyPrint tells every step of every page.
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
