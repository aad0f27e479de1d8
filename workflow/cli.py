"""The commands of the office: prepare, demo, verify, rebuild, backup, restore, diagram, work."""

import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from workflow import app as application
from workflow import casework, dayclosing, founding, jobs, nightly, verification, vouching
from workflow.config import Config
from workflow.demonstration import rehearsal, showcase
from workflow.demonstration.chance import Calendar
from workflow.demonstration.people import PASSWORD
from workflow.desk import Desk
from workflow.diagram import clock_table as drawn_clocks
from workflow.diagram import mermaid
from workflow.domain.flows import PROCESS
from workflow.measure_command import measure
from workflow.papers_command import papers
from workflow.roadside_command import EVERY as ROADSIDE
from workflow.rules_command import rules
from workflow.store import backup as copies
from workflow.store import checkpoint as checkpoints
from workflow.store.chain import Head, heads
from workflow.store.database import StartRefused, db

DEMO_DAY = date(2026, 11, 23)
"""The day on which a rehearsal begins unless told otherwise: within the DEMO ruleset."""


@click.command("prepare-office")
@click.option(
    "--empty", is_flag=True, help="Without demonstration data; prints a one-time link for the administrator."
)
@with_appcontext
def prepare_office(empty: bool) -> None:
    """Make or upgrade the store, load the rulesets, and say who may sign in."""
    app = _app()
    config: Config = app.config["SAPHAN"]
    fresh = not application.is_prepared(config)
    if fresh and not empty:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (config.home / "DEMONSTRATION").touch()
        app = application.create_app()
    application.prepare(app)
    with _desk(app) as desk:
        jobs.prepare(db.engine)
        if app.config["DEMONSTRATION"]:
            _say(showcase.open_office(desk, PASSWORD))
        else:
            founding.found(desk)
            _say(showcase.first_administrator(desk))
        with casework.transaction(desk):
            vouching.make_keys(desk)


@click.command("demo")
@click.argument("namelist", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the papers go."
)
@click.option("--seed", default=1, show_default=True, help="The same seed and date give the same bytes.")
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), default=DEMO_DAY.isoformat(), show_default=True
)
@with_appcontext
def demo(namelist: Path, out: Path, seed: int, on: datetime) -> None:
    """Drive every acceptable row of a name list to a permit and write all papers; the last line is JSON."""
    calendar, chance = rehearsal.begins_on(on.date(), seed)
    home = rehearsal.fresh_home(_app().config["SAPHAN"].home)
    app = application.create_app(_rehearsal(home, "https://saphan.example"), clock=calendar)
    application.prepare(app)
    with _desk(app, calendar=calendar, chance=chance) as desk:
        founding.found(desk)
        account = rehearsal.Rehearsal(desk, calendar, chance, click.echo).run(
            namelist.name, namelist.read_bytes(), out
        )
    rehearsal.keep_clock(home, calendar)
    click.echo(f"The store of this rehearsal: {home}")
    click.echo(account.line())
    if account.chain != "ok":
        sys.exit(1)


@click.command("verify")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere.",
)
@click.option("--since", help="The code on a day-closing sheet: only what came after is verified, against it.")
@with_appcontext
def verify(against: Path | None, since: str | None) -> None:
    """Recompute chains, copies, counters and digests; exits 1 and names the place of any breach."""
    if since is not None:
        _verify_since(since)
    broken, known = False, checkpoints.read_checkpoint(against.read_text("utf-8")) if against else None
    stores = list(_stores(_app().config["SAPHAN"]))
    if not stores:
        raise click.ClickException(f"there is no store in {_app().config['SAPHAN'].home}")
    for config, clock in stores:
        click.echo(f"{config.database}")
        broken |= _verified(config, known, clock)
    sys.exit(1 if broken else 0)


def _verify_since(written: str) -> NoReturn:
    """Verify the office's own store from the event that a sheet names."""
    mark = dayclosing.read_mark(written)
    if mark is None:
        raise click.BadParameter("a sheet says CHAIN/NUMBER/HASH, of the hash at least 16 signs")
    with _desk(_app()) as desk:
        proof = dayclosing.verify_since(desk, mark)
    click.echo(f"events since {mark.chain} {mark.seq}: {proof.events}")
    _say(f"chain {chain} ends at {seq}, {digest}" for chain, (seq, digest) in proof.heads.items())
    _say(f"BREACH {breach.place}: {breach.fault}" for breach in proof.breaches)
    click.echo("sound" if proof.sound else f"NOT SOUND: {len(proof.breaches)} breaches")
    sys.exit(0 if proof.sound else 1)


def _verified(config: Config, known: Mapping[str, Head] | None = None, clock: Calendar | None = None) -> bool:
    """Verify one store; a store that may not even be opened is a breach of its own."""
    try:
        app = application.create_app(config, clock=clock)
        with _desk(app, calendar=clock) as desk:
            verdict = verification.verify(desk, known)
    except StartRefused as refused:
        click.echo(f"BREACH store: {refused}")
        return True
    _say(verdict.lines())
    return bool(verdict.breaches)


def _stores(config: Config) -> Iterator[tuple[Config, Calendar | None]]:
    """Give the office's own store, and the one that the last rehearsal left beside it with the clock it goes by."""
    if application.is_prepared(config):
        yield config, None
    own = rehearsal.home_in(config.home)
    if (own / "saphan.sqlite").exists():
        yield _rehearsal(own, config.site), rehearsal.clock_of(own)


def _rehearsal(home: Path, site: str) -> Config:
    return Config(home=home, database=f"sqlite:///{home / 'saphan.sqlite'}", site=site, demonstration=True)


@click.command("checkpoint")
@with_appcontext
def checkpoint() -> None:
    """Print where every chain ends: to be kept by somebody else, and verified against later."""
    with _desk(_app()) as desk:
        click.echo(checkpoints.write_checkpoint(heads(desk.session)), nl=False)


@click.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Make all copies (lists, registers, counters) again from the events."""
    with _desk(_app()) as desk:
        _say(f"{table}: {count}" for table, count in verification.rebuild(desk).items())


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Copy the running office into one file; the keys go into a file of their own beside it."""
    copies.backup(db.engine, target, now=datetime.now(UTC))
    click.echo(f"{target}\n{copies.keys_beside(target)}  (keep this one apart)")


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Default: FILE.keys"
)
@with_appcontext
def restore(source: Path, keys: Path | None) -> None:
    """Restore an office into an empty home and verify it."""
    config: Config = _app().config["SAPHAN"]
    config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        copies.restore(source, keys or copies.keys_beside(source), config.home, db.engine)
    except (copies.RestoreRefused, StartRefused) as refused:
        raise click.ClickException(str(refused)) from refused
    with _desk(_app()) as desk:
        verification.rebuild(desk)
    sys.exit(1 if _verified(config) else 0)


@click.command("diagram")
@click.argument("flow", required=False)
def diagram(flow: str | None) -> None:
    """Print each flow (or one) as a Mermaid state diagram."""
    for one in PROCESS:
        if flow in (None, one.name):
            click.echo(f"%% {one.name}\n{mermaid(one)}\n")


@click.command("clocks")
def clock_table() -> None:
    """Print the clocks of the law as a table."""
    click.echo(drawn_clocks())


@click.command("nightly")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The night; today unless told otherwise.")
@with_appcontext
def tell_deadlines(on: datetime | None) -> None:
    """Give the alerts of a night: what is coming and what is late; a night is told once."""
    with _desk(_app()) as desk:
        try:
            told = nightly.give_alerts(desk, on.date() if on else None)
        except nightly.NightAhead as ahead:
            raise click.ClickException(str(ahead)) from ahead
        _say(f"{one.office}: {one.alerts}" for one in told)
        click.echo(f"alerts: {sum(one.alerts for one in told)}")


@click.command("work")
@click.option(
    "--beside", is_flag=True, help="End when standard input does: with the process that started it."
)
@with_appcontext
def work(beside: bool) -> None:
    """Make owed papers and open long lists in the background, until stopped."""
    config, stop = _app().config["SAPHAN"], Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN if beside else lambda *_: stop.set())
    if beside:
        Thread(target=lambda: (sys.stdin.buffer.read(), stop.set()), daemon=True).start()
    engine, queues = db.engine, jobs.Queues(db.engine)

    @contextmanager
    def open_desk() -> Iterator[Desk]:
        with Session(engine) as session:
            yield Desk(session, demonstration=config.demonstration, site=config.site, owes=queues.owe_paper)

    jobs.work(open_desk, name=config.worker, stop=stop)


def _app() -> Flask:
    return current_app._get_current_object()


@contextmanager
def _desk(app: Flask, **tools: object) -> Iterator[Desk]:
    config: Config = app.config["SAPHAN"]
    now = tools.pop("calendar", None)
    given = {"now": now} if now else {}
    with app.app_context(), Session(db.engine) as session:
        yield Desk(session, demonstration=config.demonstration, site=config.site, **given, **tools)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


COMMANDS: tuple[click.Command, ...] = (
    prepare_office, demo, verify, checkpoint, rebuild, backup, restore, diagram, clock_table, tell_deadlines, work, rules,
    measure, papers, *ROADSIDE,
)  # fmt: skip
