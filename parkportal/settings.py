"""Settings, read from the environment; a wrong value stops the start with a sentence that names it."""

import ipaddress
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """A variable of the environment, without surrounding space."""
    return os.environ.get(name, default).strip()


def env_bool(name: str, default: bool = False) -> bool:
    """A yes or no; anything but true and false is refused."""
    value = env(name).lower()
    if value not in {"", "true", "false"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return default if value == "" else value == "true"


def env_list(name: str) -> list[str]:
    """Names separated by commas."""
    return [part.strip() for part in env(name).split(",") if part.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's settings of the database that DATABASE_URL names."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:]
            if parts.path.startswith("//")
            else parts.path or str(BASE_DIR / "var/portal.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or "",
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")


TESTING = "pytest" in sys.modules
DEBUG = env_bool("DEBUG")
EMBEDDED = env_bool("PORTAL_EMBEDDED")
HTTPS = env_bool("PORTAL_HTTPS")
SECRET_KEY = env("SECRET_KEY") or ("for-tests-only-" + "0" * 40 if TESTING or DEBUG else "")
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("SECRET_KEY must be set to at least 40 random characters.")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
for origin in CSRF_TRUSTED_ORIGINS:
    if not origin.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"CSRF_TRUSTED_ORIGINS must begin with http:// or https://, not {origin!r}.")

INSTALLED_APPS = [
    "parkportal",
    "enterprises",
    "projects",
    "reports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "parkportal.middleware.RequestIdMiddleware",
    "parkportal.middleware.PrivateAnswersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "parkportal.middleware.ApiLocaleMiddleware",
    "parkportal.middleware.BodySizeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "parkportal.middleware.SessionLifeMiddleware",
    "parkportal.middleware.AddressMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "parkportal.urls"
WSGI_APPLICATION = "parkportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "parkportal.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database(env("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'var/portal.sqlite3'}")}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "parkportal" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env("PORTAL_FILES") or BASE_DIR / "var" / "files"
"""Uploaded files, under generated names; no address leads there."""
MEDIA_URL = ""
WHITENOISE_USE_FINDERS = EMBEDDED or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED or DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

AUTH_USER_MODEL = "parkportal.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "parkportal.api.access.client_address"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 30 * 60
SESSIONS_PER_USER = 3
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
"""Three for each difference of the longest comparison: 500 rows of theirs and 1,000 of ours."""
MOST_BODY_BYTES = 11 * 1024 * 1024
"""The largest file, with its form; more is refused unread."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["parkportal.api.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["parkportal.api.MayRead"],
    "DEFAULT_PAGINATION_CLASS": "parkportal.api.SteadyCursor",
    "DEFAULT_RENDERER_CLASSES": [
        "parkportal.api.JSONRenderer",
        "parkportal.api.CSVRenderer",
        "parkportal.api.XLSXRenderer",
        "parkportal.api.NDJSONRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["parkportal.api.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "parkportal.api.explain",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "招商成绩单",
    "DESCRIPTION": _("园区招商引资项目、目标和成绩单的数据接口。金额为整数元，日期为ISO 8601，百分数保留一位小数。"),
    "VERSION": "1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "ENUM_NAME_OVERRIDES": {
        "PrecisionEnum": "parkportal.models.Precision",
        "QualifierEnum": "parkportal.models.Qualifier",
        "ProjectStatusEnum": "projects.models.Project.Status",
    },
}

REDIS_URL = env("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss://.")
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 30 * 60
CELERY_TASK_TIME_LIMIT = 35 * 60
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
"""Nobody who saves waits long for a queue that is away: the job stands, and is carried later."""
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_VISIBILITY_TIMEOUT = 3600
CELERY_BEAT_SCHEDULE = {
    "what-is-due": {"task": "parkportal.tasks.look_for_due", "schedule": crontab(hour="0,6", minute="10")},
    "open-jobs": {"task": "parkportal.tasks.pick_up_open_jobs", "schedule": timedelta(minutes=10)},
}
JOB_KINDS = {
    "scorecard_compile": "reports.services.scorecard_compile_job",
    "import_check": "projects.imports.work.check_job",
    "import_run": "projects.imports.work.run_job",
    "reminders": "projects.services.reminders.reminders_job",
    "publication_announce": "reports.subscriptions.announce_job",
    "publication_deliver": "reports.subscriptions.deliver_job",
    "webhook_try": "reports.subscriptions.try_job",
}
ENTERPRISE_CHANGED = "projects.services.projects_rederive_for_enterprise"
"""Derives again, in the same transaction, what projects take from an enterprise: its name and its group."""
JOBS_AT_ONCE = ["scorecard_compile"]
"""Short kinds that run in the request where there is no broker."""
JOBS_DUE = [
    "reports.services.scorecards_due_jobs",
    "projects.services.reminders.reminders_due_jobs",
    "reports.subscriptions.deliveries_due_jobs",
]

EMAIL_HOST = env("EMAIL_HOST")
"""The mail server by which reminders go out; without one they are in the portal only."""
if not re.fullmatch("[1-9][0-9]{0,4}", env("EMAIL_PORT", "25") or "25"):
    raise ImproperlyConfigured("EMAIL_PORT must be a number from 1 to 65535.")
EMAIL_PORT = int(env("EMAIL_PORT") or 25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS")
EMAIL_USE_SSL = env_bool("EMAIL_USE_SSL")
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured("EMAIL_USE_TLS and EMAIL_USE_SSL cannot both be true.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM") or "portal@localhost"
if EMAIL_HOST and not env("EMAIL_FROM"):
    raise ImproperlyConfigured("EMAIL_FROM must name the sender when EMAIL_HOST is set.")

SAMPLE_PASSWORD = env("PORTAL_SAMPLE_PASSWORD")
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"portal": {"level": "INFO"}},
}
TRUSTED_PROXIES = env_list("PORTAL_TRUSTED_PROXIES")
"""Addresses and ranges whose X-Forwarded-For is believed."""
for address in TRUSTED_PROXIES:
    try:
        ipaddress.ip_network(address)
    except ValueError as error:
        raise ImproperlyConfigured(f"PORTAL_TRUSTED_PROXIES must be addresses or ranges: {error}.") from error
