"""How gunicorn serves the portal: gunicorn finsam.wsgi --config=python:finsam.gunicorn"""

from __future__ import annotations

import os
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# An annex of 25 MB over a slow line is read by a thread of its own and may take its time.
timeout = 120
graceful_timeout = 30
keepalive = 5
# Renewed now and then, not all at once.
max_requests = 5_000
max_requests_jitter = 500
# A worker's sign of life must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
errorlog = "-"
accesslog = os.environ.get("ACCESS_LOG") or None
