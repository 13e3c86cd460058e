"""All settings, from the environment; `.local/env` (or PORTAL_STATE/env) fills what is unset."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env
from pghistory import ForeignKey as EventForeignKey

from apps.common.deadline import BoundedConnection
from portal import connecting

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("PORTAL_STATE", BASE_DIR / ".local"))

env = Env()
if (STATE_DIR / "env").exists():
    env.read_env(str(STATE_DIR / "env"), recurse=False)

# --- safety -----------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
# Missing, short or a default: no process starts (portal.startup).
SECRET_KEY = env.str("SECRET_KEY", "")
# Former keys: they still decrypt and verify old data (secrets of second factors, anchors of the
# trail).
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
# True behind TLS. The demo speaks plain HTTP on the loopback address only.
HTTPS_ONLY = env.bool("HTTPS_ONLY", True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS_ONLY
LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
# With this prefix no neighbouring host name can set them, and browsers require TLS.
_PREFIX = "__Host-" if HTTPS_ONLY else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}django_language"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
)
# How many proxies in front are trusted about the client's address.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # absolute; idle_session ends it then, and after IDLE_SESSION_S
IDLE_SESSION_S = 30 * 60
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "payment", "usb", "fullscreen", "autoplay")
} | {"geolocation": ["self"]}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    },
}

# --- what runs --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "apps.common",
    "apps.audit",
    "apps.jobs",
    "apps.regions",
    "apps.accounts",
    "apps.casework",
    "apps.registry",
    "apps.proposals",
    "apps.reconciliation",
    "apps.indicators",
    "apps.commandcentre",
    "apps.maps",
    "apps.api",
    "apps.demo",
    "portal",
    "portal.pages.admin_site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "portal.static_files.StaticFiles",
    "django.contrib.gis",
    "django.contrib.humanize",
    "django.forms",  # its widgets' templates, for the renderer below
    "leaflet",
    "pgtrigger",
    "pghistory",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_htmx",
    "django_structlog",
    # second factors and the list of sessions: only their models and rules, no pages
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "apps.accounts.apps.SessionsConfig",
]
MIDDLEWARE = [
    "portal.web.middleware.numbered",
    "portal.web.middleware.Logged",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.web.middleware.page_methods",
    "portal.pages.status.probes",
    "portal.web.middleware.database_outage",
    "portal.web.middleware.readable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.middleware.idle_session",
    "portal.web.middleware.private_pages",
    "portal.web.middleware.fragment_sign_in",
    # last: opens the view's transaction and sets the scope in the database
    "apps.accounts.middleware.ScopedTransaction",
]
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
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
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "portal.pages.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database: three roles, one alias ----------------------------------------------------------
DATABASE_ROLE = env.str("PORTAL_DATABASE_ROLE", "web")
DATABASE_URLS = {
    "web": "DATABASE_URL",
    "worker": "DATABASE_WORKER_URL",
    "owner": "DATABASE_OWNER_URL",
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.dj_db_url(
        DATABASE_URLS[DATABASE_ROLE], engine="django.contrib.gis.db.backends.postgis"
    )
}
DATABASES["default"]["OPTIONS"] = {"connect_timeout": 4} | connecting.options(
    DATABASES["default"],
    "-c TimeZone=UTC -c DateStyle=ISO -c client_connection_check_interval=2s",
    name=DATABASE_URLS[DATABASE_ROLE],
    is_plain_allowed=env.bool("DATABASE_WITHOUT_TLS", False),
)
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE", "test_portal")}
# One pool for the threads of a web process. Workers use plain connections, because a lease is a
# lock of its own connection.
WEB_POOL = {
    "min_size": 2,
    "max_size": 20,
    # a request without a connection is refused after 4 s
    "timeout": 4,
    # a lost connection is retried for 5 s, then at the next request for one
    "reconnect_timeout": 5,
    "connection_class": BoundedConnection,
}
if DATABASE_ROLE == "web":
    DATABASES["default"]["OPTIONS"]["pool"] = WEB_POOL
    # an idle connection that broke must not cause a 503
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"]["options"] += " -c statement_timeout=30s -c lock_timeout=5s"
# The time limit of every request, from the end of its body to the first byte of the answer; and how
# many requests one process handles at once, before more are refused.
REQUEST_WITHIN_S = 10
REQUESTS_IN_HAND = env.int("REQUESTS_IN_HAND", 40)
# Boards that one process keeps informed; they need no thread and no connection.
OPEN_STREAMS = env.int("OPEN_STREAMS", 500)
# How long a stream goes on before its session and permission are looked at again.
STREAM_CHECK_S = env.float("STREAM_CHECK_S", 60)
# The scoped transaction (last middleware) opens one transaction per view.
ATOMIC_REQUESTS = False

# Events have no index on repeated columns (apps.registry.models defines their indexes).
PGHISTORY_FOREIGN_KEY_FIELD = EventForeignKey(db_index=False)

# --- broker and cache --------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
_REDIS = {"LOCATION": REDIS_URL, "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1}}
CACHES = {
    # values that can be computed again: works without Redis
    "default": {"BACKEND": "apps.common.soft_cache.SoftRedisCache", **_REDIS},
    # counters of limits: raises without Redis
    "counters": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_REDIS},
}
# Sign-ins do not depend on Redis.
SESSION_ENGINE = "apps.accounts.authentication.session_store"

# --- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.signing_in.backend.GrantBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.authentication.password_rules.NotGuessed"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# Failed sign-ins: per account in SIGN_IN_WINDOW_S, per address in a minute.
SIGN_IN_FAILURES_PER_ACCOUNT = 5
SIGN_IN_FAILURES_PER_ADDRESS = 30
SIGN_IN_WINDOW_S = 300
# A password set by an administrator only opens the page for a new one, for a day.
TEMPORARY_PASSWORD_S = 24 * 3600
# Every user with a grant shows a second factor. False is only for a demo.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", True)
# How old the second factor may be for acts with legal effect or acts that give access.
STEP_UP_S = 300
# Reading other people's data, per user and day: the threshold of the alarm to the data-protection
# officer, and the stop until the next day or until that officer lifts it.
READ_ALARM = {"lookup": 150, "list": 15_000, "reveal": 100, "export": 25_000, "guess": 1}
READ_STOP = {"lookup": 400, "list": 40_000, "reveal": 300, "export": 50_000, "guess": 20}
READ_ALARM |= env.dict("READ_ALARM", {}, subcast_values=int)
READ_STOP |= env.dict("READ_STOP", {}, subcast_values=int)
# Exports above this number of rows need a second person's agreement; how long it is valid.
SECOND_PERSON_ROWS = env.int("SECOND_PERSON_ROWS", 10_000)
SECOND_PERSON_H = 24
# How long a user may take between the password and the second factor.
SECOND_FACTOR_WITHIN_S = 600
MFA_ADAPTER = "apps.accounts.authentication.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute wrong; no code works twice
MFA_RECOVERY_CODE_DIGITS = 10
ACCOUNT_ADAPTER = "apps.accounts.authentication.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.Client"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth2_provider.AccessToken"  # noqa: S105 (a model)
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth2_provider.RefreshToken"  # noqa: S105 (a model)
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth2_provider.IDToken"  # noqa: S105 (a model)
OAUTH2_PROVIDER_GRANT_MODEL = "oauth2_provider.Grant"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "proposals:write": _("Send proposals"),
        "proposals:read": _("Read the proposals sent by this agency"),
    },
    # a request without scopes gets none
    "DEFAULT_SCOPES": [],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
    # only the checksum of a token is stored, and a token is sent only in the header
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    # flows without an address are as strict as the one in use
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OAUTH2_VALIDATOR_CLASS": "apps.accounts.tokens.clients.AgencyValidator",
    "OAUTH2_SERVER_CLASS": "apps.accounts.tokens.clients.ClientCredentialsServer",
}

# --- e-mail: the daily digest -------------------------------------------------------------------
# Printed by the worker unless a server is named: smtp://user:password@host:587/?tls=True
_MAIL = env.dj_email_url("EMAIL_URL", "console://")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL["EMAIL_USE_TLS"], _MAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "portal@localhost")
# The beginning of links in e-mails.
SITE_ADDRESS = env.str("SITE_ADDRESS", "http://127.0.0.1:8000")

# --- the civil register (Dukcapil) ---------------------------------------------------------------
# The web service. Without it the last delivery of a civil source answers, if there is one.
DUKCAPIL_URL = env.str("DUKCAPIL_URL", "")
DUKCAPIL_CLIENT = env.str("DUKCAPIL_CLIENT") if DUKCAPIL_URL else ""
DUKCAPIL_SECRET = env.str("DUKCAPIL_SECRET") if DUKCAPIL_URL else ""
DUKCAPIL_BATCH = env.int("DUKCAPIL_BATCH", 100)  # most NIKs of one request
DUKCAPIL_PER_SECOND = env.int("DUKCAPIL_PER_SECOND", 5)  # most requests of all workers together
DUKCAPIL_TIMEOUT_S = env.float("DUKCAPIL_TIMEOUT_S", 10)  # for a whole answer
DUKCAPIL_TRIES = env.int("DUKCAPIL_TRIES", 3)
DUKCAPIL_PAUSE_S = env.float("DUKCAPIL_PAUSE_S", 1)  # before the second try; then twice as long
DUKCAPIL_OPENS_AFTER = env.int("DUKCAPIL_OPENS_AFTER", 5)  # failures in a row
DUKCAPIL_OPEN_S = env.float("DUKCAPIL_OPEN_S", 60)  # until one request may try again
# How long an answer of the civil register is valid.
CIVIL_FRESH_DAYS = env.int("CIVIL_FRESH_DAYS", 30)

# --- feeds of hazards ----------------------------------------------------------------------------
# BMKG's earthquakes (JSON) and weather warnings (CAP); a feed without an address is off. Public
# addresses with TLS only.
HAZARD_FEEDS: dict[str, str] = {
    "bmkg_autogempa": env.str("BMKG_AUTOGEMPA_URL", ""),
    "bmkg_gempaterkini": env.str("BMKG_GEMPATERKINI_URL", ""),
    "bmkg_gempadirasakan": env.str("BMKG_GEMPADIRASAKAN_URL", ""),
    # the RSS list of weather warnings; the alerts that it names are fetched from the same host
    "bmkg_nowcast": env.str("BMKG_NOWCAST_URL", ""),
}
FEED_INTERVAL_S = env.int("FEED_INTERVAL_S", 60)
FEED_TIMEOUT_S = env.float("FEED_TIMEOUT_S", 8)  # for a whole answer
FEED_OPENS_AFTER = env.int("FEED_OPENS_AFTER", 5)  # failures in a row
FEED_OPEN_S = env.float("FEED_OPEN_S", 120)  # until one request may try again
# Whether a feed may be a stand-in on this machine: for the demo and tests.
FEED_STAND_IN_ALLOWED = env.bool("FEED_STAND_IN_ALLOWED", False)
# --- services of published figures ---
SERVICE_TIMEOUT_S = env.float("SERVICE_TIMEOUT_S", 60)  # for a whole page
SERVICE_OPENS_AFTER = env.int("SERVICE_OPENS_AFTER", 5)  # failures in a row
SERVICE_OPEN_S = env.float("SERVICE_OPEN_S", 1_800)  # until one attempt may try again
# Whether a service may be a stand-in on this machine: for the demo and tests.
SERVICE_STAND_IN_ALLOWED = env.bool("SERVICE_STAND_IN_ALLOWED", False)
# From this intensity (MMI) on a village with registered people raises an alarm; below V no areas
# are drawn.
ALARM_FROM_MMI = env.int("ALARM_FROM_MMI", 5)
# --- counts of regions on maps, in tables and files ---
SMALL_COUNT = env.int("SMALL_COUNT", 5)  # counts of 1 to one less are hidden
# --- the command centre: shifts, who is reached through it, distances ---
SHIFT_HOURS = env.int("SHIFT_HOURS", 8)  # how long the duty is taken for
DUTY_CONTACT = env.str("DUTY_CONTACT", "")  # telephone and e-mail on situation reports
SEA_CROSSING_PENALTY_KM = env.float("SEA_CROSSING_PENALTY_KM", 200.0)  # what one crossing counts as
# Affected villages of a regency and island are one cluster up to this distance from each other.
CLUSTER_DISTANCE_KM = env.float("CLUSTER_DISTANCE_KM", 10.0)
EXPIRING_WITHIN_DAYS = env.int("EXPIRING_WITHIN_DAYS", 90)  # stock that the list of expiring shows
SAME_REGENCY_FIRST = env.bool("SAME_REGENCY_FIRST", True)  # own sources before nearer foreign ones

# --- API ---------------------------------------------------------------------------------------
# Questions of reconciliation: days to answer, by source (its code) or kind, else for all. The civil
# register covers a regency, and reports missing persons there, when it knows this share of our
# persons.
RECONCILIATION_ANSWER_DAYS: dict[str, int] = {"default": 30}
RECONCILIATION_COVERED_SHARE = 0.7

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication"
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsing.BoundedJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "apps.api.problems.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "apps.api.problems.ProblemFormatter",
}
# Requests of one client: at once, and per minute on average.
API_BURST = env.int("API_BURST", 60)
API_PER_MINUTE = env.int("API_PER_MINUTE", 300)
_FIELD_CODES = [
    *("invalid", "max_length", "null"),
    *("null_characters_not_allowed", "surrogate_characters_not_allowed"),
]
SPECTACULAR_SETTINGS = {
    "TITLE": "DTKS portal API",
    "VERSION": "1",
    "DESCRIPTION": "For agencies: OAuth2 client credentials, answers within the agency's regions.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        name: f"drf_standardized_errors.openapi_serializers.{name}.choices"
        for name in (
            *("ValidationErrorEnum", "ClientErrorEnum", "ServerErrorEnum"),
            *(f"ErrorCode{status}Enum" for status in (401, 403, 404, 405, 406, 415, 429, 500)),
        )
    }
    # errors of a required field, and of an optional one
    | {
        "NeededFieldCodeEnum": sorted(["blank", "required", *_FIELD_CODES]),
        "OptionalFieldCodeEnum": _FIELD_CODES,
    },
}

# --- files -------------------------------------------------------------------------------------
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(STATE_DIR / "media")))
ANCHOR_DIR = Path(env.str("ANCHOR_DIR", str(STATE_DIR / "anchors")))
# Nothing is stored if less than this would be left beside two copies of it.
DISK_SPARE_BYTES = env.int("DISK_SPARE_BYTES", 1 << 30)
# The encryption of these folders' disk if this machine cannot detect it (adr/0013), as text.
STORAGE_ENCRYPTION = env.str("STORAGE_ENCRYPTION", "")
# Uploads that are too large for memory: in the protected storage, which `tidy` clears.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "scratch"
DEFAULT_FILE_PERMISSIONS = FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(STATE_DIR / "static")))
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    ("guide", BASE_DIR / "docs" / "images"),
    ("bootstrap", BASE_DIR / "node_modules" / "bootstrap" / "dist"),
    ("leaflet-1.9.4", BASE_DIR / "node_modules" / "leaflet" / "dist"),
    ("maplibre-gl-6.17.0", BASE_DIR / "node_modules" / "maplibre-gl" / "dist"),
    ("maplibre-gl-leaflet-0.1.4", BASE_DIR / "node_modules" / "@maplibre" / "maplibre-gl-leaflet"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str(
            "STATICFILES_BACKEND", "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# Compressed already; and source maps, which only developers' tools load and which took longest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["gif", "jpg", "png", "webp", "woff", "woff2", "map"]

# --- backup: active if a repository is named ----------------------------------------------------
BACKUP_REPOSITORY = env.str("BACKUP_REPOSITORY", "")
# The key of the repository; keep a copy elsewhere, too.
BACKUP_KEY_FILE = Path(env.str("BACKUP_KEY_FILE", str(STATE_DIR / "backup.key")))
BACKUP_STATE = Path(env.str("BACKUP_STATE", str(STATE_DIR / "backup")))
# The folder of the database's files, and of its unix socket (else that of DATABASE_URL).
BACKUP_CLUSTER = Path(env.str("BACKUP_CLUSTER", str(STATE_DIR / "postgres" / "data")))
BACKUP_SOCKET = env.str("BACKUP_SOCKET", DATABASES["default"].get("HOST", ""))
# The command that starts the database after its files are restored.
BACKUP_START = env.str("BACKUP_START", str(BASE_DIR / "bin" / "services") + " start")
BACKUP_EVERY_S = env.int("BACKUP_EVERY_S", 30)
BACKUP_KEEP = env.int("BACKUP_KEEP", 2)  # whole base backups

# --- words, numbers, dates ---------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Jakarta"

# --- maps --------------------------------------------------------------------------------------
# An online base map is optional, `name|url|attribution` each; without it the boundaries are shown.
BASE_MAPS: list[str] = env.list("BASE_MAP_TILES", [])
LEAFLET_CONFIG: dict[str, Any] = {
    "SRID": None,
    "TILES": [
        (name, url, {"attribution": attribution})
        for name, url, attribution in (entry.split("|") for entry in BASE_MAPS)
    ],
    "DEFAULT_CENTER": (-2.5, 118.0),
    "DEFAULT_ZOOM": 5,
    "MIN_ZOOM": 4,
    "MAX_ZOOM": 19,
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
    "NO_GLOBALS": False,
}

# --- work in the background --------------------------------------------------------------------
CELERY_BROKER_URL = env.str("BROKER_URL", REDIS_URL.replace("unix://", "redis+socket://"))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Unlimited: a worker that gives up during a broker outage is not started again.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A Redis without memory refuses a worker's writes; without this the worker would end.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
# Time limit of every task; a job's lease prevents a task delivered twice from running twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_keepalive": True}
if DATABASE_ROLE == "web":
    # A user waits: a broker that does not take the message at once counts as away.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"max_retries": 0, "socket_timeout": 2}
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_connect_timeout": 2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "batches"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- logs: no bodies, no statements, no personal data -------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "portal.logs.configure"
# bin/run names the file of a process's standard error; it is rotated when it is full.
LOGGING: dict[str, Any] = {
    "level": LOG_LEVEL,
    "file": env.str("PORTAL_LOG", ""),
    "bytes": env.int("LOG_BYTES", 20_000_000),
}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# portal.web.middleware.numbered has set our number
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DEFAULT_EXCEPTION_REPORTER_FILTER = "portal.logs.NothingPersonal"
SILENCED_SYSTEM_CHECKS = [
    "gis.W001",  # uploads are read by pyogrio's own GDAL in a closed child, never by Django's
]
if not HTTPS_ONLY:
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

TEST_RUNNER = "django.test.runner.DiscoverRunner"
