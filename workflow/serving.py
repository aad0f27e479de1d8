"""How the web server serves the office: gunicorn's settings, and the worker that it keeps beside itself.

Read by gunicorn (`--config python:workflow.serving`). One web process answers people; a process of its own
lays out papers, so that no page waits for one. It ends with the web process, however that ends.
"""

import subprocess
import sys
from typing import Any

workers = 1
worker_class = "gthread"
threads = 8
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Let the web process hand work in, and on one machine start who does it."""
    from workflow.jobs import Queues  # the arbiter reads these settings too and needs none of it
    from workflow.store.database import db

    app = worker.wsgi
    with app.app_context():
        app.extensions["queues"] = Queues(db.engine)
        if db.engine.dialect.name == "sqlite":
            worker.beside = start_worker()


def start_worker() -> "subprocess.Popen[bytes]":
    """Start a worker that ends when this process does: the pipe between them closes with it."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "work", "--beside"]
    return subprocess.Popen(command, stdin=subprocess.PIPE)
