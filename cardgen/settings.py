"""Every setting, parsed and checked: only this file and cardgen/configuration read the environment.

`docs/configuration.md` lists each variable; a test compares the two.
"""

import gc
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from cardgen.access.keys import text as key_text
from cardgen.anomalies.names import OF_KEYS
from cardgen.configuration import cache, database, logs, rest
from cardgen.configuration.cores import cores
from cardgen.configuration.environment import Environment
from cardgen.embedded import master_key, paths
from cardgen.embedded.identity import own_uids
from toolkit.trusted import own_folder

gc.disable()  # until everything is loaded: see cardgen/apps.py

BASE_DIR = Path(__file__).resolve().parent.parent
# Pages and files lie beside the code, or in it where a wheel was installed (setup.py). There nobody
# may write beside it.
INSTALLED = not (BASE_DIR / "manage.py").is_file()
ASSETS = BASE_DIR / "cardgen" if INSTALLED else BASE_DIR
DOCS = ASSETS / "docs"
env = Environment()  # type: ignore[no-untyped-call]

VAR = own_folder(
    env.str("CARDGEN_VAR", str((Path.cwd() if INSTALLED else BASE_DIR) / "var")), owners=own_uids()
)
EMBEDDED_DATABASE = env.given("DATABASE_URL") is None
HTTPS = env.switch("CARDGEN_HTTPS")
# What `make run` of root does not allow itself: web, worker, beat and reconciler as root.
CARDGEN_ALLOW_ROOT = env.choice("CARDGEN_ALLOW_ROOT", "0", among=("0", "1", "IF-NEEDED"))
DEBUG = False


def _secret_key() -> str:
    given = env.secret_text("CARDGEN_SECRET_KEY")
    if given or EMBEDDED_DATABASE:
        return given or master_key.secret_key(VAR)
    raise ImproperlyConfigured("DATABASE_URL is set: set CARDGEN_SECRET_KEY (50 random characters)")


def _master_key() -> bytes:
    given = env.key("CARDGEN_MASTER_KEY")
    if given or EMBEDDED_DATABASE:
        return given or master_key.load_or_create(VAR)
    raise ImproperlyConfigured("DATABASE_URL is set: set CARDGEN_MASTER_KEY (64 hex digits)")


def _bootstrap_key() -> str:
    given: str = env.str("CARDGEN_BOOTSTRAP_KEY", "")
    if given and not key_text.is_new(given):
        raise ImproperlyConfigured(
            "CARDGEN_BOOTSTRAP_KEY is no API key: it begins with cg_ and ends with characters that"
            " check it. Make one with: python3 -c 'from cardgen.access.keys.text import new_key;"
            " print(new_key())'"
        )
    return given


SECRET_KEY = _secret_key()
CARDGEN_MASTER_KEY = _master_key()
# The first API key, if it is to be known before there is a database.
CARDGEN_BOOTSTRAP_KEY = _bootstrap_key()
CARDGEN_BOOTSTRAP_ROLE = env.choice(
    "CARDGEN_BOOTSTRAP_ROLE", "TESTER", among=("VIEWER", "TESTER", "OPERATOR", "ADMINISTRATOR")
)

# The reconciler writes down there how far each range is.
_backups = env.str("CARDGEN_BACKUP_FOLDER", "")
CARDGEN_BACKUP_FOLDER = Path(_backups) if _backups else None
# Who can read backups (age), and what the master key lies behind in them.
CARDGEN_BACKUP_RECIPIENTS = env.recipients("CARDGEN_BACKUP_RECIPIENTS")
CARDGEN_BACKUP_PASSPHRASE = env.secret_text("CARDGEN_BACKUP_PASSPHRASE")

ALLOWED_HOSTS = env.list("CARDGEN_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CARDGEN_TRUSTED_ORIGINS", default=[])
# What these say about the client's address in X-Forwarded-For is believed.
CARDGEN_TRUSTED_PROXIES = env.networks("CARDGEN_TRUSTED_PROXIES")
# Requests a minute: of a key and of a user, and of an address whoever calls; 0: no limit.
CARDGEN_REQUESTS = env.whole("CARDGEN_REQUESTS", 60_000, least=0, most=10**9)
CARDGEN_ADDRESS_REQUESTS = env.whole("CARDGEN_ADDRESS_REQUESTS", 120_000, least=0, most=10**9)
CARDGEN_ADDRESS_HANDSHAKES = env.whole("CARDGEN_ADDRESS_HANDSHAKES", 600, least=0, most=10**9)

INSTALLED_APPS = [
    "cardgen.access.admin_config.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "cardgen",
    "cardgen.access",
    "cardgen.anomalies",
    "jobs",
    "uniqueness",
    "realtime",
    "generation",
]

MIDDLEWARE = [
    "cardgen.http.health.probes",
    "cardgen.http.measuring.tell_route",
    "django.middleware.security.SecurityMiddleware",
    "cardgen.http.request_ids.name_requests",
    "cardgen.http.transport.https_only",
    "cardgen.http.transport.permissions_policy",
    "corsheaders.middleware.CorsMiddleware",
    "cardgen.server.handler.static_files",
    "cardgen.http.headers.HeadersMiddleware",
    "cardgen.http.urls_without_nul.refuse_nul",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cardgen.access.rights.pages.PageRights",
    "cardgen.bounds.PageLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cardgen.http.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "cardgen.urls"
ASGI_APPLICATION = "cardgen.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ASSETS / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# Behind PgBouncer in transaction mode nothing outlives a transaction: no named cursor, and no
# connection by which a worker could be told from another (jobs.work.leases). Django prepares no
# statements by itself.
CARDGEN_POOLED = env.switch("CARDGEN_POOLED")
# Where systemd hears that a web process takes connections (sd_notify(3)).
NOTIFY_SOCKET = env.str("NOTIFY_SOCKET", "")
# The address that `make run` listens on.
CARDGEN_BIND = env.address("CARDGEN_BIND", "127.0.0.1")
# `make run` starts so many web processes behind one socket; each answers on a core of its own.
CARDGEN_WEB_PROCESSES = env.whole("CARDGEN_WEB_PROCESSES", min(cores(), 64), least=1, most=64)
# A connection pool belongs to web processes alone: under ASGI each request has its own thread,
# and a Celery child needs exactly one connection.
DATABASE_POOL = env.whole("CARDGEN_DATABASE_POOL", 0, least=0, most=1_000)
DATABASES = database.databases(
    env,
    application=paths.database_url(VAR, role=paths.APPLICATION),
    owner=paths.database_url(VAR),
    pool=DATABASE_POOL,
    pooled=CARDGEN_POOLED,
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.str("CACHE_URL", paths.cache_url(VAR))
CARDGEN_CACHE_TIMEOUT_MS = env.whole("CARDGEN_CACHE_TIMEOUT_MS", 500, least=10, most=5_000)
CARDGEN_CACHE_SECONDS = env.whole("CARDGEN_CACHE_SECONDS", 86_400, least=60, most=2_592_000)
CARDGEN_CACHE_LOCAL = env.whole("CARDGEN_CACHE_LOCAL", 100_000, least=0, most=10_000_000)
CARDGEN_CACHE_SHARED = env.whole("CARDGEN_CACHE_SHARED", 500_000, least=1_000, most=100_000_000)
CACHES = cache.caches(CACHE_URL, timeout=CARDGEN_CACHE_TIMEOUT_MS / 1_000)

CHANNEL_LAYERS = {
    "default": {
        # The pub/sub layer: the core layer keeps messages for late readers and lost the last one.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # socket_timeout None: redis-py 8 would break an idle subscription after 5 seconds.
            "hosts": [
                {
                    "address": env.server(
                        "CHANNEL_URL", paths.channel_url(VAR), schemes=("redis", "rediss", "unix")
                    ),
                    "socket_timeout": None,
                    "socket_connect_timeout": 2,
                }
            ],
            "prefix": "cardgen",
        },
    }
}

# One number system of time limits, checked at start (jobs.limits):
# chunk << slice < soft limit < hard limit < visibility timeout, lease > chunk.
CARDGEN_CHUNK_CARDS = env.whole("CARDGEN_CHUNK_CARDS", 50_000, least=1_000, most=1_000_000)
CARDGEN_LEASE = timedelta(seconds=env.whole("CARDGEN_LEASE_SECONDS", 30, least=1, most=3_600))
# Spans held by an owner that nobody hears of any more are freed after this time.
CARDGEN_RESERVATION = timedelta(days=env.whole("CARDGEN_RESERVATION_DAYS", 7, least=1, most=3_650))
CARDGEN_KEEP_CARDS_DAYS = env.whole("CARDGEN_KEEP_CARDS_DAYS", 0, least=0, most=36_500)
CARDGEN_KEEP_JOBS_DAYS = env.whole("CARDGEN_KEEP_JOBS_DAYS", 0, least=0, most=36_500)
CARDGEN_IDEMPOTENCY = timedelta(
    hours=env.whole("CARDGEN_IDEMPOTENCY_HOURS", 168, least=1, most=87_600)
)
CARDGEN_SLICE = timedelta(seconds=env.whole("CARDGEN_SLICE_SECONDS", 3, least=1, most=119))
CARDGEN_WORKERS = env.whole("CARDGEN_WORKERS", 2, least=1, most=10_000)
CARDGEN_RECONCILE_SECONDS = env.whole("CARDGEN_RECONCILE_SECONDS", 3, least=1, most=3_600)
# What every user may order unless a quota of their own says otherwise; 0: no limit.
CARDGEN_CARDS_PER_DAY = env.whole("CARDGEN_CARDS_PER_DAY", 10**7, least=0, most=10**12)
CARDGEN_ACTIVE_JOBS = env.whole("CARDGEN_ACTIVE_JOBS", 4, least=0, most=10**6)
# Percent of what a range has left that one order may take without an operator's rights.
CARDGEN_RANGE_SHARE = env.whole("CARDGEN_RANGE_SHARE", 10, least=1, most=100)
# A folder on the disk of the database, if that can be seen from here; None: it is not looked at.
_volume = env.str("CARDGEN_DATABASE_VOLUME", "")
CARDGEN_DATABASE_VOLUME = paths.postgres_data(VAR) if EMBEDDED_DATABASE else None
if _volume:
    CARDGEN_DATABASE_VOLUME = Path(_volume)
# Anomalies that suspend the key they are about, or put it on so many requests a minute, by rule;
# and for how long; 0: until it is lifted.
CARDGEN_ANOMALY_SUSPEND = env.words("CARDGEN_ANOMALY_SUSPEND", among=OF_KEYS)
CARDGEN_ANOMALY_THROTTLE = env.words("CARDGEN_ANOMALY_THROTTLE", among=OF_KEYS)
CARDGEN_ANOMALY_REQUESTS = env.whole("CARDGEN_ANOMALY_REQUESTS", 60, least=1, most=10**6)
_suspension = env.whole("CARDGEN_ANOMALY_SUSPENSION_MINUTES", 60, least=0, most=525_600)
CARDGEN_ANOMALY_SUSPENSION = timedelta(minutes=_suspension) if _suspension else None
CARDGEN_DISK_RESERVE_MB = env.whole("CARDGEN_DISK_RESERVE_MB", 1_024, least=0, most=10**7)
# WebSockets at a time, in all web processes of a machine; of one user two fifths.
CARDGEN_SOCKETS = env.whole("CARDGEN_SOCKETS", 2_500, least=10, most=100_000)
# Files that only exist as a whole are written here before they are sent.
CARDGEN_SPOOL = VAR / "spool"
# Web processes share out the places for downloads and watchers by files in here.
CARDGEN_PLACES = VAR / "places"
# Webhooks may point there beside public addresses (jobs.webhooks.networks).
CARDGEN_WEBHOOK_NETWORKS = env.networks("CARDGEN_WEBHOOK_NETWORKS")
CARDGEN_WEBHOOK_MESSAGES = env.whole("CARDGEN_WEBHOOK_MESSAGES", 5_000, least=10, most=10**6)
# Sealed Bloom filters that one process keeps, 2 MiB each; 0: they are never asked.
CARDGEN_BLOOM_FILTERS = env.whole("CARDGEN_BLOOM_FILTERS", 64, least=0, most=100_000)

# Pages of these origins may call the API, with a key, never with somebody's session.
CORS_ALLOWED_ORIGINS = env.origins("CARDGEN_CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/v1(/|$)"
CORS_ALLOW_HEADERS = [
    *("authorization", "content-type", "idempotency-key", "if-none-match", "if-range"),
    *("last-event-id", "range", "x-api-key", "x-request-id"),
]
CORS_EXPOSE_HEADERS = [
    *("Content-Disposition", "Content-Range", "ETag", "Location", "RateLimit"),
    *("RateLimit-Policy", "Retry-After", "X-Request-ID"),
]
# GET /api/v1/cards/generate, by which old clients mint; a GET that mints is a trap for others.
CARDGEN_GET_GENERATE = env.switch("CARDGEN_GET_GENERATE", default="1")

# Where `manage.py serve_metrics` answers Prometheus; None: `make run` does not start it.
CARDGEN_METRICS = env.endpoint("CARDGEN_METRICS")

# Where an OpenTelemetry collector takes spans (OTLP over HTTP); without one none are recorded.
CARDGEN_TRACES = env.given("CARDGEN_TRACES") and env.server(
    "CARDGEN_TRACES", "", schemes=("http", "https")
)

CELERY_BROKER_URL = env.server(
    "BROKER_URL",
    paths.broker_url(VAR),
    schemes=("redis", "rediss", "redis+socket", "sentinel"),
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    # A web request must not wait for a broker that hangs: the reconciler rings too.
    "socket_timeout": 1 if DATABASE_POOL else 10,
    "socket_connect_timeout": 1 if DATABASE_POOL else 2,
    "max_retries": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 180
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = CARDGEN_WORKERS
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Whoever reaches the broker could stop workers or change their limits.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# In memory: the file that Celery keeps by default is a pickle, code for whoever can write it.
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
CELERY_BEAT_SCHEDULE = {
    "clean_up": {
        "task": "jobs.tasks.clean_up",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
}

REST_FRAMEWORK, SPECTACULAR_SETTINGS = rest.FRAMEWORK, rest.SPECTACULAR

AUTHENTICATION_BACKENDS = ["cardgen.access.passwords.PasswordBackend"]
PASSWORD_HASHERS = ["cardgen.access.passwords.PasswordHasher"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
    {"NAME": "cardgen.access.handed_over.AnotherOne"},
]
CSRF_FAILURE_VIEW = "cardgen.http.errors.csrf_failure"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 3_600 * env.whole("CARDGEN_SESSION_HOURS", 12, least=1, most=720)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "cardgen.formats"
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cardgen.http.static_files.RootedFiles"},
}
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ASSETS / "static"]
SERVESTATIC_USE_FINDERS = True

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Browsers remember it for a year, and for a whole domain, which others may use too: only if asked.
HSTS = env.choice("CARDGEN_HSTS", "HOST", among=("HOST", "SUBDOMAINS", "PRELOAD"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS != "HOST"
SECURE_HSTS_PRELOAD = HSTS == "PRELOAD"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they want both
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# The API is refused over plain HTTP, never redirected (cardgen.http.transport).
SECURE_REDIRECT_EXEMPT = [r"^api/v1/"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
CARDGEN_LOG_FORMAT = env.choice("CARDGEN_LOG_FORMAT", "LINES", among=("LINES", "JSON"))
LOGGING_CONFIG = "cardgen.logs.configure"
LOGGING = logs.logging(
    level=env.choice("CARDGEN_LOG_LEVEL", "INFO", among=LOG_LEVELS),
    as_json=CARDGEN_LOG_FORMAT == "JSON",
)
