"""Everything put together: configuration, store, frame, screens and commands make one application."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from workflow.config import ROOT, Config
from workflow.demonstration.people import PASSWORD
from workflow.store import schema
from workflow.store.database import db
from workflow.store.start import open_store
from workflow.web import shell
from workflow.web.screens import SCREENS

Clock = Callable[[], datetime]


def create_app(config: Config | None = None, *, clock: Clock | None = None, trial: bool = False) -> Flask:
    """Make the application; the store is opened if it was prepared.

    `clock` replaces the machine's clock and `trial` allows a careless database server, both for tests.
    Raises StartRefused where the store is not safe to work with.
    """
    config = config or Config.read()
    app = Flask("saphan", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.config.update(
        SAPHAN=config,
        SQLALCHEMY_DATABASE_URI=config.database,
        DEMONSTRATION=config.demonstration,
        DEMONSTRATION_PASSWORD=PASSWORD if config.demonstration else None,
        SITE=config.site,
        HTTPS=config.secure_cookies,
        CLOCK=clock,
        TRIAL=trial,
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
    )
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies, x_host=config.proxies)
    db.init_app(app)
    _screens(app)
    if is_prepared(config):
        open_office(app)
    return app


def is_prepared(config: Config) -> bool:
    """Say whether the office's database is there."""
    url = make_url(config.database)
    return config.home.exists() if url.get_backend_name() != "sqlite" else _there(url.database)


def _there(path: str | None) -> bool:
    return bool(path) and Path(path).exists()


def prepare(app: Flask) -> None:
    """Make or upgrade the tables of the office and open the store."""
    config: Config = app.config["SAPHAN"]
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with app.app_context():
        schema.upgrade(db.engine)
    open_office(app)


def open_office(app: Flask) -> None:
    """Open the store and take its session secret."""
    config: Config = app.config["SAPHAN"]
    now = (app.config["CLOCK"] or (lambda: datetime.now(UTC)))()
    with app.app_context():
        home = open_store(db.engine, config.home, now=now, trial=app.config["TRIAL"])
    app.config["SECRET_KEY"] = home.keys.session_secret


def _screens(app: Flask) -> None:
    shell.init_shell(app)
    for blueprint in SCREENS:
        app.register_blueprint(blueprint)
