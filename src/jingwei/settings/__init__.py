"""Django's settings, derived from the options of this node (`options.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from . import options, secret

HOME: Path = options.HOME.value
SOURCES: Path = (
    Path(options.SOURCES.value).expanduser().resolve() if options.SOURCES.value else HOME / "sample"
)
MEMORY: str = options.MEMORY.value
THREADS: int = options.THREADS.value
LAKE_CATALOG: str = options.LAKE_CATALOG.value
SITE: str = options.SITE.value
MAIL: str = options.MAIL.value
TELL: list[str] = options.TELL.value
LEDGER_KEY: str = options.LEDGER_KEY.value
LEDGER_STAMP: str = options.LEDGER_STAMP.value
LEDGER_STAMP_ROOT: str = options.LEDGER_STAMP_ROOT.value


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "operational.sqlite",
            # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA mmap_size=4294967296;",
            },
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
    }


SECRET_KEY = str(options.SECRET_KEY.value) or secret.read_or_make(HOME)
DEBUG = options.DEBUG.value
ALLOWED_HOSTS = options.HOSTS.value
DATABASES = {"default": _database(options.DATABASE_URL.value)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "kernel.Account"
ROOT_URLCONF = "jingwei.settings.urls"
WSGI_APPLICATION = "jingwei.settings.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_q",
    "jingwei.kernel",
    "jingwei.parts",
    "jingwei.packs",
    "jingwei.inbox",
    "jingwei.people",
    "jingwei.catalog",
    "jingwei.collection",
    "jingwei.registers",
    "jingwei.window",
    "jingwei.audit",
    "jingwei.directory",
    "jingwei.operations",
    "jingwei.portal",
]

MIDDLEWARE = [
    "jingwei.operations.middleware.Observed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "jingwei.portal.middleware.ErrorsInPlainWords",
    "jingwei.people.own_pages.MustChange",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_CALLABLE = "jingwei.portal.views.locked_out"
CSRF_FAILURE_VIEW = "jingwei.portal.views.forbidden"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "jingwei.portal.jinja.environment",
            "context_processors": ["jingwei.portal.context.frame"],
        },
    },
]

LANGUAGE_CODE = "en" if options.LANGUAGE.value == "en" else "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "jingwei-language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = None  # whitenoise serves the rooms' own files; nothing is collected
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "files"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = options.HTTPS.value
SECURE_CONTENT_TYPE_NOSNIFF = True
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

Q_CLUSTER = {
    "name": "jingwei",
    "orm": "default",
    "workers": 1,
    "timeout": 3600,
    "retry": 3700,  # longer than the timeout, or a slow task would be started twice
    "max_attempts": 2,
    "catch_up": False,
    "poll": 1,
    "label": "jobs",
}

SILENCED_SYSTEM_CHECKS = ["axes.W003"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "jingwei.kernel.logs.Lines"}},
    "handlers": {
        "home": {"()": "jingwei.kernel.logs.HomeLog", "home": HOME, "formatter": "line"},
    },
    "root": {"handlers": ["home"], "level": options.LOG_LEVEL.value},
}
