"""Work done in the background: papers made, files bound for the printer, long lists opened, measures. No truth here.

Work is handed in within the transaction that brings it about (Queues) and done by one or more workers
(work). What is owed can be asked of the store at any time, so a sweep hands in again whatever was lost
together with the queues' own tables. Every job may be done twice and leaves the same behind.
"""

import fcntl
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import ClassVar

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, WorkflowStatus, error
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workflow import measures, namelists, nightly, printing, printrun
from workflow.casework import Act
from workflow.desk import Desk
from workflow.domain.flow import Refusal, Refused, StepFault
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.namelists import Locking
from workflow.people import actor_named
from workflow.store.chain import ClockBehind
from workflow.store.keys import home_of
from workflow.store.projections import Document

log = logging.getLogger(__name__)

APPLICATION = "saphan"
VERSION = "1"
"""Never changes: with another one, work that was begun before an upgrade would wait for ever."""
PAPERS, BATCHES, MEASURES, PRINTS = "papers", "batches", "measures", "prints"
WORDS = DBOSPortableJSONSerializer()
"""What is handed in is written as JSON; the library's own way would run what it reads."""

PATIENCE = timedelta(minutes=2)
"""How long a paper may be owed before the sweep asks after it."""
STALE = timedelta(minutes=10)
"""How long a job may have been begun before it is taken to have died with its worker."""
KEPT = timedelta(days=2)
"""How long the queues remember what was done."""
LAPSES = timedelta(days=14)
"""How long after a list was locked the sweep looks whether all its applications are open."""
AT_ONCE = 500
UNDER_WAY = frozenset({"ENQUEUED", "PENDING", "DELAYED"})
TAKEN = UNDER_WAY | {"SUCCESS"}
"""A list whose job is under way, or went through all rows: what that one left is told to the officer."""

MOVED = Refusal("moved", N_("Somebody changed this entry meanwhile. Look at it again before you change it."))

OpenDesk = Callable[[], AbstractContextManager[Desk]]


# a measure --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A step on a measure that somebody asked for: by whom, under which request, on which version, for what reason."""

    measure: str
    step: str
    user_name: str
    request_id: str
    version: int
    reason: str = ""

    @property
    def job(self) -> str:
        """Name the job: the same request is handed in once."""
        return f"measure-{self.measure}-{self.version}-{sha256(self.request_id.encode()).hexdigest()[:16]}"

    def plain(self) -> tuple[str, ...]:
        """Give the parts as words."""
        return tuple(str(getattr(self, one.name)) for one in fields(self))

    @classmethod
    def read(cls, *about: str) -> "Order":
        """Read an order from its words."""
        given = dict(zip((one.name for one in fields(cls)), about, strict=True))
        return cls(**given | {"version": int(given["version"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What became of an order: under way, broken off, or done, with what was refused if it was."""

    order: Order
    under_way: bool
    failed: bool
    refusals: tuple[Refusal, ...]

    @classmethod
    def read(cls, job: WorkflowStatus) -> "Ordered":
        """Read what the queues remember of a job."""
        told = job.output if job.status == "SUCCESS" else None
        return cls(
            order=Order.read(*job.input["args"]),
            under_way=job.status in UNDER_WAY,
            failed=job.status not in TAKEN,
            refusals=tuple(Refusal(*one) for one in told or ()),
        )


# handing in -----------------------------------------------------------------------------------


class Queues:
    """The way into the queues for whoever brings work about; it does none itself."""

    def __init__(self, engine: Engine) -> None:
        self.client = DBOSClient(
            system_database_engine=engine, application_name=APPLICATION, serializer=WORDS, lazy=True
        )

    def owe_paper(self, session: Session, paper: str) -> None:
        """Hand in a paper that is to be made, together with the act that owes it."""
        self._hand_in(session, PAPERS, "make_paper", f"paper-{paper}", paper)

    def open_listed(self, session: Session, request: str, user_name: str, batch: str) -> None:
        """Hand in a locked list whose applications are to be opened in the name of an officer."""
        self._hand_in(session, BATCHES, "open_listed", f"list-{batch}", request, user_name, batch)

    def carry_out_measure(self, session: Session, order: "Order") -> bool:
        """Hand in a step on a measure; says whether it was taken: the store owes no measure that was only asked for."""
        return self._hand_in(session, MEASURES, "carry_out_measure", order.job, *order.plain())

    def make_print_file(self, session: Session, user_name: str, sign: str) -> bool:
        """Hand in a run whose file is to be made for the printer; says whether it was taken."""
        named = sha256(f"{user_name}:{sign}".encode()).hexdigest()[:24]
        return self._hand_in(session, PRINTS, "make_print_file", f"print-{named}", user_name, sign)

    def last_order(self, measure: str) -> "Ordered | None":
        """Tell what became of the step that was handed in last for a measure; nothing where none is remembered."""
        try:
            found = self.client.list_workflows(
                workflow_id_prefix=f"measure-{measure}-", limit=1, sort_desc=True
            )
        except (SQLAlchemyError, error.DBOSException):
            return None
        return next(map(Ordered.read, found), None)

    def _hand_in(self, session: Session, queue: str, job: str, name: str, *about: str) -> bool:
        """Queues that are lost or not yet there stop nobody's work: what the store owes the sweep hands in again."""
        options = {"workflow_name": job, "queue_name": queue, "workflow_id": name}
        try:
            with session.begin_nested():
                self.client.enqueue_in_transaction(session, options, *about)
        except (SQLAlchemyError, error.DBOSException) as lost:
            log.warning("%s was not handed in: %s", name, type(lost).__name__)
            return False
        return True


def prepare(engine: Engine) -> None:
    """Make or upgrade the queues' own tables, beside the office's in one database."""
    DBOS.migrate(_address(engine))


def _address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


# the jobs -------------------------------------------------------------------------------------


class _Workbench:
    """Where the jobs of this process find a desk; set once, before the first of them begins."""

    open_desk: ClassVar[OpenDesk]


@DBOS.step(name="make_paper", retries_allowed=True, max_attempts=3, interval_seconds=2, backoff_rate=4)
def _make_paper(paper: str) -> None:
    with _Workbench.open_desk() as desk:
        state = desk.session.scalar(select(Document.state).where(Document.subject == paper))
        if state == "owed":
            printing.make(desk, paper)


@DBOS.workflow(name="make_paper")
def make_paper(paper: str) -> None:
    """Make an owed paper; one that was made or voided meanwhile is owed no more."""
    _make_paper(paper)


@DBOS.step(name="open_listed", retries_allowed=True, max_attempts=3, interval_seconds=2, backoff_rate=4)
def _open_listed(request: str, user_name: str, batch: str) -> list[int]:
    with _Workbench.open_desk() as desk:
        actor = actor_named(desk.session, user_name)
        results = list(namelists.open_listed(desk, actor, request, batch))
        return [sum(result.done for result in results), len(results)]


@DBOS.workflow(name="open_listed")
def open_listed(request: str, user_name: str, batch: str) -> list[int]:
    """Open the applications of a list; gives how many were opened now, of how many rows that had none."""
    return _open_listed(request, user_name, batch)


@DBOS.step(name="make_print_file", retries_allowed=True, max_attempts=3, interval_seconds=2, backoff_rate=4)
def _make_print_file(user_name: str, sign: str) -> bool:
    with _Workbench.open_desk() as desk:
        return printrun.make_file(desk, actor_named(desk.session, user_name), sign) is not None


@DBOS.workflow(name="make_print_file")
def make_print_file(user_name: str, sign: str) -> bool:
    """Make the file of a run for the printer; says whether there was still a run to make it for."""
    return _make_print_file(user_name, sign)


@DBOS.step(name="carry_out_measure", retries_allowed=True, max_attempts=3, interval_seconds=2, backoff_rate=4)
def _carry_out_measure(*about: str) -> list[list[object]]:
    order = Order.read(*about)
    with _Workbench.open_desk() as desk:
        actor = actor_named(desk.session, order.user_name)
        act = Act(request_id=order.request_id, seen_version=order.version)
        try:
            measures.carry_out(desk, actor, order.measure, order.step, order.reason, act)
        except Refused as refused:
            return [[one.code, one.text, dict(one.values)] for one in refused.refusals]
        except StepFault:
            return [[MOVED.code, MOVED.text, {}]]
    return []


@DBOS.workflow(name="carry_out_measure")
def carry_out_measure(*about: str) -> list[list[object]]:
    """Try, apply or take back a measure in somebody's name; gives what was refused, nothing where it was done."""
    return _carry_out_measure(*about)


# a worker -------------------------------------------------------------------------------------


def work(open_desk: OpenDesk, *, name: str, stop: Event, every: float = 20.0, at_once: int = 4) -> None:
    """Do jobs until told to stop; `name` stays the same over restarts and is no other worker's.

    Two workers of one name would take each other's work, so the second waits for the first to end.
    """
    _Workbench.open_desk = open_desk
    with open_desk() as desk:
        engine, home = desk.session.get_bind().engine, home_of(desk.session).folder
        desk.session.rollback()
    with _alone(home / f"worker-{name}.lock"), _launched(engine, name, at_once):
        patience, night = timedelta(0), None  # what was owed when the office closed is handed in at once
        while True:
            sweep(open_desk, patience)
            carry_on_measures(open_desk)
            patience, night = PATIENCE, tell_deadlines(open_desk, night)
            if stop.wait(every):
                return


def tell_deadlines(open_desk: OpenDesk, told: date | None) -> date | None:
    """Give the alerts of a day once it has begun; gives the day that is told now."""
    with open_desk() as desk:
        today = bangkok_date(desk.now())
        if today == told:
            return told
        try:
            given = nightly.give_alerts(desk, today)
        except (SQLAlchemyError, ClockBehind) as failed:  # the next sweep tries again
            log.warning("the alerts of %s were not given: %s", today, type(failed).__name__)
            return told
    log.info("alerts of %s: %s", today, sum(one.alerts for one in given))
    return today


def carry_on_measures(open_desk: OpenDesk) -> int:
    """Finish at every office the measures whose laying or lifting broke off; gives at how many."""
    with open_desk() as desk:
        try:
            done = measures.carry_on(desk)
        except (SQLAlchemyError, ClockBehind) as failed:  # the next sweep tries again
            log.warning("a measure was not carried on: %s", type(failed).__name__)
            return 0
    if done:
        log.info("measures carried on at %s offices", len(done))
    return len(done)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _launched(engine: Engine, name: str, at_once: int) -> Iterator[None]:
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": _address(engine),
            "application_version": VERSION,
            "executor_id": name,
            "serializer": WORDS,
            "log_level": "ERROR",
            "sys_db_pool_size": 5,
        }
    )
    DBOS.launch()
    try:
        DBOS.register_queue(PAPERS, worker_concurrency=at_once, polling_interval_sec=0.25)
        DBOS.register_queue(BATCHES, worker_concurrency=1)
        DBOS.register_queue(MEASURES, worker_concurrency=1, polling_interval_sec=0.5)
        DBOS.register_queue(PRINTS, worker_concurrency=2, polling_interval_sec=0.25)
        yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=30)


# the sweep ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found to do."""

    handed_in: int = 0
    resumed: int = 0
    forgotten: int = 0


def sweep(open_desk: OpenDesk, patience: timedelta = PATIENCE) -> Swept:
    """Hand in again what is owed and lost, wake what died with its worker, forget what is long done."""
    now = datetime.now(UTC)
    with open_desk() as desk:
        waiting = _owed_since(desk, desk.now() - patience)
        lapsed = _lapsed(desk, desk.now() - patience)
        desk.session.rollback()
    handed_in = sum(_hand_in_again(waiting, now)) + sum(_open_again(lapsed, now))
    swept = Swept(handed_in, sum(_resume(now)), _forget(now))
    if swept != Swept():
        log.info("sweep: %s", swept)
    return swept


def _owed_since(desk: Desk, moment: datetime) -> list[str]:
    owed = select(Document.subject).where(Document.state == "owed", Document.owed_at <= moment)
    return list(desk.session.scalars(owed.order_by(Document.owed_at, Document.number).limit(AT_ONCE)))


def _hand_in_again(papers: list[str], now: datetime) -> Iterator[bool]:
    """A job that failed is tried again once an hour; one that is still under way is left alone."""
    known = _known(f"paper-{paper}" for paper in papers)
    for paper in papers:
        status = known.get(f"paper-{paper}")
        if status is None:
            yield _enqueue(f"paper-{paper}", paper)
        elif status.status not in UNDER_WAY:
            yield _enqueue(f"paper-{paper}-{now:%Y%m%d%H}", paper)


def _lapsed(desk: Desk, moment: datetime) -> list[Locking]:
    """Lists with rows that have no application though no job is to open them: it was lost, or broke off."""
    locked = {f"list-{one.batch}": one for one in namelists.locked_between(desk, moment - LAPSES, moment)}
    known = _known(locked)
    idle = [one for name, one in locked.items() if name not in known or known[name].status not in TAKEN]
    return [one for one in idle if namelists.unopened(desk, desk.record(one.request))]


def _open_again(lists: list[Locking], now: datetime) -> Iterator[bool]:
    """Once an hour, since a row that another file holds stays without an application."""
    for one in lists:
        options = {
            "workflow_name": "open_listed",
            "queue_name": BATCHES,
            "workflow_id": f"list-{one.batch}-{now:%Y%m%d%H}",
        }
        if options["workflow_id"] not in _known([options["workflow_id"]]):
            DBOS.enqueue_workflow_with_options(options, one.request, one.user_name, one.batch)
            yield True


def _known(names: Iterable[str]) -> dict[str, WorkflowStatus]:
    wanted = list(names)
    if not wanted:
        return {}
    found = DBOS.list_workflows(workflow_ids=wanted, load_input=False, load_output=False)
    return {status.workflow_id: status for status in found}


def _enqueue(name: str, paper: str) -> bool:
    options = {"workflow_name": "make_paper", "queue_name": PAPERS, "workflow_id": name}
    DBOS.enqueue_workflow_with_options(options, paper)
    return True


def _resume(now: datetime) -> Iterator[bool]:
    """A worker that is gone for good leaves its jobs begun; another takes them up."""
    before = (now - STALE).isoformat()
    begun = DBOS.list_workflows(
        status="PENDING", dequeued_before=before, limit=AT_ONCE, load_input=False, load_output=False
    )
    for job in begun:
        DBOS.resume_workflow(job.workflow_id, queue_name=job.queue_name)
        yield True


def _forget(now: datetime) -> int:
    before = (now - KEPT).isoformat()
    done = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"], completed_before=before, limit=AT_ONCE,
        load_input=False, load_output=False,
    )  # fmt: skip
    names = [job.workflow_id for job in done]
    if names:
        DBOS.delete_workflows(names)
    return len(names)
