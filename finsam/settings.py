"""Settings, from the environment only. With DEBUG off nothing insecure starts."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
# What this installation writes when the environment names no other place.
VAR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
# Invented cases and sign-ins that everybody knows belong to no installation in earnest.
DEMO = DEBUG and env.bool("DEMO", default=True)


def _development_secret() -> str:
    """A secret of this installation alone, made once and kept outside the repository."""
    path = VAR / "development-secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def _required(name: str, what: str) -> str:
    """The value of a setting that an installation in earnest must state."""
    value = str(env(name, default="")).strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} saknas. Sätt den i miljön till {what} innan portalen startas, "
            "se docs/installation.md."
        )
    return value


if DEBUG:
    SECRET_KEY = env("SECRET_KEY", default="") or _development_secret()
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
    SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
else:
    SECRET_KEY = _required("SECRET_KEY", "minst 50 slumpade tecken")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured(
            "SECRET_KEY är för svag. Sätt den till minst 50 slumpade tecken, till exempel från "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )
    _required("ALLOWED_HOSTS", "portalens värdnamn, åtskilda med komma")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS får inte vara *. Skriv de värdnamn som portalen svarar på."
        )
    SITE_URL = _required("SITE_URL", "portalens adress, https://…").rstrip("/")
    _required("EMAIL_URL", "e-postservern, till exempel smtp+tls://namn:lösenord@server:587")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "boards",
    "applications",
    "budgets",
    "finsam.administration",
    "finsam.documents",
    "finsam.messages",
    "finsam.jobs",
    "finsam.registry",
    "finsam.people",
    "finsam.associations",
    "finsam",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "django_htmx",
]

# The headers come first: every answer carries them, whoever gives it.
MIDDLEWARE = [
    "finsam.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "finsam.registry.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "finsam.outage.OutageMiddleware",
    "finsam.way_back.WrongMethodMiddleware",
    "finsam.headers.HeadMiddleware",
]
if DEBUG:
    MIDDLEWARE.append("finsam.way_back.OwnNotFoundMiddleware")

ROOT_URLCONF = "finsam.urls"
WSGI_APPLICATION = "finsam.wsgi.application"
ASGI_APPLICATION = "finsam.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "finsam.people.context.shell",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    """SQLite that bears many writers, or PostgreSQL with a pool in each process."""
    found: dict[str, Any] = env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'portal.sqlite3'}")
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # Without an immediate start, two that read and then write both fail as "locked".
        found["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
        }
        return found
    found["CONN_MAX_AGE"] = 0
    found["CONN_HEALTH_CHECKS"] = True
    found["OPTIONS"] = {
        **found.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=16), "timeout": 10},
        # Compiling a plan takes longer than any query of a page.
        "options": "-c jit=off",
    }
    return found


# Never ATOMIC_REQUESTS: every page would take SQLite's one write lock.
DATABASES = {"default": _database()}

(VAR / "cache").mkdir(exist_ok=True)
CACHES = {"default": env.cache("CACHE_URL", default=f"filecache://{VAR / 'cache'}")}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
ACCOUNT_ADAPTER = "finsam.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# Beside the library's own limits: the public check of documents, for each address of the network.
ACCOUNT_RATE_LIMITS = {"check_document": "30/m/ip"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = 12 * 3600
# In the session, so that no text of the portal's stands in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
_NPM = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    *(
        (prefix, path)
        for prefix, path in (
            ("npm/designsystemet-css", _NPM / "@digdir/designsystemet-css/dist/src"),
            ("npm/designsystemet-theme", _NPM / "@digdir/designsystemet-theme/src/themes"),
            ("npm/inter", _NPM / "@fontsource-variable/inter"),
            ("npm/htmx", _NPM / "htmx.org/dist"),
            ("npm/aksel", _NPM / "@navikt/aksel-icons/dist/svg"),
        )
        if path.is_dir()
    ),
]
STORAGE_URL = env("STORAGE_URL", default=f"file://{VAR / 'files'}")


def _file_storage(url: str) -> dict[str, Any]:
    """file:///folder, or s3://key:secret@bucket?endpoint_url=https://…&region_name=…"""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return {
            "BACKEND": "finsam.documents.durable.DurableFileStorage",
            "OPTIONS": {"location": unquote(parts.path)},
        }
    if parts.scheme == "s3" and parts.hostname:
        options: dict[str, Any] = {
            "bucket_name": parts.hostname,
            "default_acl": None,
            # Names are checksums: what is written over is its equal.
            "file_overwrite": True,
            "querystring_auth": True,
            **dict(parse_qsl(parts.query)),
        }
        if parts.username:
            options["access_key"] = unquote(parts.username)
            options["secret_key"] = unquote(parts.password or "")
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ImproperlyConfigured("STORAGE_URL ska vara file:///mapp eller s3://bucket?…")


STORAGES = {
    "default": _file_storage(STORAGE_URL),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# While developing, files are served from where they are written.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Where the virus scanner listens: unix:///run/clamav/clamd.ctl or tcp://host:3310.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")
# The key and certificate (PKCS #12) that documents are sealed with; without it they are not sealed.
SEAL_CERTIFICATE = env("SEAL_CERTIFICATE", default="")
SEAL_PASSWORD = env("SEAL_PASSWORD", default="")
# Where people may sign with e-identification: "rest", or the path of an adapter of one's own.
SIGNING_SERVICE = env("SIGNING_SERVICE", default="")
SIGNING_ADDRESS = env("SIGNING_ADDRESS", default="")
SIGNING_KEY = env("SIGNING_KEY", default="")
SIGNING_SECRET = env("SIGNING_SECRET", default="")
SIGNING_CERTIFICATE = env("SIGNING_CERTIFICATE", default="")
SIGNING_HOSTS = env.list("SIGNING_HOSTS", default=[])
if SIGNING_SERVICE:
    for _name, _what in (
        ("SIGNING_ADDRESS", "underskriftstjänstens adress, https://…"),
        ("SIGNING_KEY", "nyckeln som portalen visar för underskriftstjänsten"),
        ("SIGNING_SECRET", "hemligheten som underskriftstjänstens anrop undertecknas med"),
        ("SIGNING_CERTIFICATE", "filen med underskriftstjänstens certifikat eller öppna nyckel"),
    ):
        _required(_name, _what)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = str(VAR / "uploads")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(exist_ok=True)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

CRISPY_ALLOWED_TEMPLATE_PACKS = ["designsystemet"]
CRISPY_TEMPLATE_PACK = "designsystemet"

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{VAR / 'mail'}"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Portalen <noreply@portal.exempel.se>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# The broker only carries the hint "look at job n"; the job row is the promise.
BROKER_URL = env("BROKER_URL", default=f"filesystem://{VAR / 'broker'}")
if BROKER_URL.startswith("filesystem://"):
    _folder = Path(urlsplit(BROKER_URL).path or VAR / "broker")
    for _part in ("queue", "control"):
        (_folder / _part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_folder / "queue"),
        "data_folder_out": str(_folder / "queue"),
        "control_folder": str(_folder / "control"),
        "polling_interval": 0.25,
    }
    # Asking the worker how it is would leave a file for every question.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
    CELERY_WORKER_SEND_TASK_EVENTS = False
else:
    CELERY_BROKER_URL = BROKER_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,
        "unacked_restore_interval": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    # A hint that was lost costs seconds.
    "sweep": {"task": "jobs.sweep", "schedule": 15.0, "options": {"expires": 15}},
    # Uploads that no virus scanner has seen, and what interrupted uploads left behind.
    "upkeep": {"task": "documents.upkeep", "schedule": 300.0, "options": {"expires": 300}},
    # Reminders of deadlines; each is sent once, however often this runs.
    "remind": {"task": "boards.remind", "schedule": 3600.0, "options": {"expires": 3600}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "finsam.stale_forms.stale_form"
if not DEBUG:
    SECURE_SSL_REDIRECT = True
    # The health check comes from inside, past the one who ends TLS.
    SECURE_REDIRECT_EXEMPT = [r"^halsa/$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
# Headers that a visitor could write are believed only when told that a proxy writes them.
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Designsystemet draws its signs as masks in its style sheet
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
    }
}

_LOG_STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*_LOG_STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        # One line of JSON an event: no text of a visitor can begin a line of its own.
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _LOG_STEPS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # These tell of every glyph and of every start.
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
