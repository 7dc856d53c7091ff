"""The portal's own settings in a place of their own, so that no test meets another run's files.

DATABASE_URL and BROKER_URL decide what the tests run against; without them SQLite and files.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

_PLACE = "TESTS_PLACE"
if "pytest" in sys.modules or _PLACE not in os.environ:
    # Every pytest process has its place; the processes that a test starts inherit it.
    os.environ[_PLACE] = tempfile.mkdtemp(prefix="finsam-tests-")
    atexit.register(shutil.rmtree, os.environ[_PLACE], ignore_errors=True)
PLACE = Path(os.environ[_PLACE])

# DEBUG is off: what is tested is what an installation in earnest runs.
os.environ["DEBUG"] = "0"
os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SITE_URL"] = "https://testserver"
os.environ["VAR_DIR"] = str(PLACE)
os.environ["STORAGE_URL"] = f"file://{PLACE / 'files'}"
os.environ["EMAIL_URL"] = f"filemail:///{PLACE / 'mail'}"
os.environ["CACHE_URL"] = "locmemcache://"
os.environ.setdefault("LOG_LEVEL", "WARNING")

from finsam.settings import *  # noqa: E402, F403
from finsam.settings import DATABASES, STORAGES  # noqa: E402

_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes with connections of their own can race.
    _database["TEST"] = {"NAME": str(PLACE / "test.sqlite3")}
    # Fifty threads of a race stand in line on a busy machine.
    _database["OPTIONS"]["timeout"] = 60
else:
    _database["TEST"] = {"NAME": f"test_finsam_{os.getpid()}"}
    POOL = _database["OPTIONS"]["pool"]
    POOL["timeout"] = 60
    # A race is one of connections, not of turns in a pool; what a test starts keeps the pool.
    if "pytest" in sys.modules:
        del _database["OPTIONS"]["pool"]

# A test signs in many times; how strong the real hash is has a test of its own.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests and the browser journeys speak plain HTTP; the redirect has a test of its own.
SECURE_SSL_REDIRECT = False
# The sources are served; what collectstatic makes of them has a test of its own.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
