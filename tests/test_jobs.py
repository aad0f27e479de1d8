"""Jobs: handed in with the act that owes them, done once whatever is killed or lost, started and ended with the office."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from tests.conftest import TODAY
from tests.offices import applications, desk_at, new_office, season_at
from tests.stores import ENGINES
from tests.test_casework import ROWS
from workflow import casework, jobs, measures, namelists, printfile, printrun
from workflow.demonstration import Season
from workflow.domain.flow import Refused
from workflow.domain.measure import MeasureDraft, Reach
from workflow.jobs import Queues
from workflow.printrun import Asked
from workflow.store.database import Base, db
from workflow.store.projections import Document
from workflow.store.truth import EventRow
from workflow.verification import verify

ROOT = Path(__file__).parent.parent
PATIENT = 120
"""How many seconds a job may take on a machine that is busy with other tests."""


NOW = datetime.combine(TODAY + timedelta(days=1), datetime.min.time(), UTC)
AHEAD = {"ahead": (NOW - datetime.now(UTC)).total_seconds()}
"""All workers share one clock, which goes on from the day after the office was driven."""


class Office:
    """An office with queues, a season to owe papers, and workers as processes of their own."""

    def __init__(self, folder: Path, url: str, season: Season) -> None:
        self.folder, self.url, self.season = folder, url, season
        self.desk, self.log = season.desk, folder / "begun.log"

    def owe(self, requests: int) -> None:
        """Submit requests: each owes a demand letter and a receipt."""
        for _ in range(requests):
            self.season.request((), until="received", men=1)

    def state(self) -> Counter[str]:
        """Count papers by state."""
        self.desk.session.rollback()
        return Counter(self.desk.session.scalars(select(Document.state)))

    def jobs(self) -> Counter[str]:
        """Count jobs by status."""
        self.desk.session.rollback()
        return Counter(self.desk.session.scalars(text(f"SELECT status FROM {self.schema}workflow_status")))

    @property
    def schema(self) -> str:
        return "dbos." if self.desk.session.get_bind().dialect.name == "postgresql" else ""

    def begun(self) -> list[str]:
        """List the papers that were begun, as often as they were."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    @contextmanager
    def worker(self, name: str = "one", **options: object) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker until the end of the block, however that comes."""
        given = [word for key, value in (options | AHEAD).items() for word in (f"--{key}", str(value))]
        command = [
            sys.executable,
            "-m",
            "tests.keep_working",
            self.folder / "home",
            self.url,
            name,
            self.log,
            *given,
        ]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            yield process
            process.terminate()
            assert process.wait(PATIENT) == 0
        finally:
            process.kill()
            process.wait()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that a worker is to bring about."""
        end = time.monotonic() + PATIENT
        while not holds():
            assert time.monotonic() < end, (self.state(), self.jobs())
            time.sleep(0.1)


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with new_office(request.param, tmp_path) as (_, calendar), Session(db.engine) as session:
        jobs.prepare(db.engine)
        desk = desk_at(session, calendar)
        desk.owes = Queues(db.engine).owe_paper
        url = db.engine.url.render_as_string(hide_password=False)
        yield Office(tmp_path, url, season_at(desk, calendar))


sqlite_alone = pytest.mark.parametrize("office", ["sqlite"], indirect=True)
"""What goes alike on both engines needs no second worker to be started."""


def made_once(office: Office) -> None:
    """Every paper was made by exactly one event, and the register is sound."""
    asked = (
        select(EventRow.subject, func.count()).where(EventRow.step == "make_paper").group_by(EventRow.subject)
    )
    events = dict(office.desk.session.execute(asked).all())
    papers = set(office.desk.session.scalars(select(Document.subject)))
    assert set(events) == papers
    assert set(events.values()) == {1}
    assert list(verify(office.desk).lines())[-1] == "sound"


# handing in -----------------------------------------------------------------------------------


def test_a_paper_is_handed_in_with_the_act_that_owes_it_and_once(office: Office) -> None:
    office.owe(2)
    assert office.jobs() == {"ENQUEUED": office.state()["owed"]} == {"ENQUEUED": 4}


def test_an_act_that_is_refused_or_fails_hands_nothing_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.owe(1)
    before = office.jobs()

    def refuses(*_: object) -> None:
        raise Refused([])

    monkeypatch.setattr(casework.paperwork, "freeze", refuses)
    with pytest.raises(Refused):
        office.owe(1)
    assert office.jobs() == before
    monkeypatch.undo()
    hand_in = office.desk.owes

    def hands_in_and_fails(session: Session, paper: str) -> None:
        hand_in(session, paper)
        raise ZeroDivisionError

    office.desk.owes = hands_in_and_fails
    with pytest.raises(ZeroDivisionError):
        office.owe(1)
    assert office.jobs() == before


def test_what_is_handed_in_is_written_as_words_that_run_nothing(office: Office) -> None:
    office.owe(1)
    kept = office.desk.session.scalars(text(f"SELECT inputs FROM {office.schema}workflow_input")).all()
    papers = office.desk.session.scalars(select(Document.subject)).all()
    assert all(any(paper in inputs for paper in papers) and inputs.startswith("{") for inputs in kept)


def drop_queues(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA dbos CASCADE")
            return
        connection.exec_driver_sql("PRAGMA foreign_keys = 0")
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
        ).all():
            if name not in Base.metadata.tables and not name.startswith(("sqlite_", "alembic_")):
                connection.exec_driver_sql(f"DROP TABLE {name}")


# the work -------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_of_its_work_loses_nothing_and_makes_nothing_twice(
    office: Office,
) -> None:
    office.owe(15)
    wanted = office.state()["owed"]
    kills = 0
    while kills < 2:
        with office.worker(seconds=0.1) as worker:
            reached = office.state()["made"] + 4
            office.until(lambda reached=reached: office.state()["made"] >= reached)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            kills += 1
            break_off(worker)
    with office.worker():
        office.until(lambda: office.state() == {"made": wanted})
    again = {paper: times for paper, times in Counter(office.begun()).items() if times > 1}
    print(f"{wanted} papers, {kills} kills, {len(again)} laid out again because they were in hand")
    assert len(again) <= kills * 4
    made_once(office)


def break_off(worker: subprocess.Popen[bytes]) -> None:
    """A killed worker cannot end well: let the block end as if it had."""
    worker.returncode = 0


def test_the_jobs_of_a_worker_that_never_comes_back_are_taken_up_by_another(office: Office) -> None:
    office.owe(4)
    with office.worker("gone", seconds=60) as worker:
        office.until(lambda: office.jobs()["PENDING"] > 0)
        worker.kill()
        worker.wait()
        break_off(worker)
    assert office.jobs()["PENDING"] > 0
    with office.worker("other", stale=1):
        office.until(lambda: office.state() == {"made": 8})
    made_once(office)


@sqlite_alone
def test_two_workers_share_the_work_and_a_sweep_hands_in_what_was_lost_with_the_queues(
    office: Office,
) -> None:
    office.owe(4)
    drop_queues(db.engine)
    office.owe(4)
    assert office.state() == {"owed": 16}, "casework goes on without queues"
    with office.worker("one", seconds=0.05), office.worker("two", seconds=0.05):
        office.until(lambda: office.state() == {"made": 16})
    made_once(office)


@sqlite_alone
def test_a_list_is_opened_and_a_run_made_in_the_officers_name_and_a_paper_voided_before_it_was_made_is_owed_no_more(
    office: Office,
) -> None:
    season = office.season
    record = season.request(ROWS, until="list_locked")
    letter = season.desk.session.scalar(select(Document.subject).filter_by(key="name_list"))
    casework.perform(
        season.desk, season.cast["officer"], letter, "void_paper", casework.Reason(reason="ผิดแฟ้ม")
    )
    with casework.transaction(season.desk):
        Queues(db.engine).open_listed(season.desk.session, record.subject, "officer", "batch-1")
    asked = Asked(sign="run", user_name="officer", about="", back="/print")
    printrun.begin(season.desk, season.cast["officer"], [], asked)
    with casework.transaction(season.desk):
        assert Queues(db.engine).make_print_file(season.desk.session, "officer", asked.sign)
    with office.worker():
        office.until(lambda: office.state()["owed"] == 0 and len(applications(season.desk)) == 2)
        office.until(lambda: set(office.jobs()) == {"SUCCESS"} and office.state()["owed"] == 0)
    opened = casework.record_of(season.desk.session, applications(season.desk)[0]).history[0]
    assert (opened.step, opened.person) == ("open_application", season.cast["officer"].person)
    assert office.state()["void"] == 1
    run = printfile.find(season.desk.session, season.cast["officer"].account, season.desk.now())
    assert run.sha256, "the file of a run is made there too"
    assert list(verify(season.desk).lines())[-1] == "sound"


@sqlite_alone
def test_a_list_whose_opening_broke_off_and_was_lost_is_opened_to_its_end_by_the_sweep(
    office: Office,
) -> None:
    season = office.season
    request = season.request(ROWS, until="list_locked").subject
    batch = namelists.batch_of(season.cast["officer"].account, request)
    with casework.transaction(season.desk):
        Queues(db.engine).open_listed(season.desk.session, request, "officer", batch)
    first = namelists.unopened(season.desk, season.desk.record(request))[0]
    with casework.transaction(season.desk):
        namelists._open(season.desk, season.cast["officer"], season.desk.record(request), first, batch)
    drop_queues(db.engine)
    assert len(applications(season.desk)) == 1
    with office.worker():
        office.until(lambda: office.state()["owed"] == 0 and len(applications(season.desk)) == 2)
    people = {
        casework.record_of(season.desk.session, one).history[0].person for one in applications(season.desk)
    }
    assert people == {season.cast["officer"].person}
    assert list(verify(season.desk).lines())[-1] == "sound"


# begun and ended with the office --------------------------------------------------------------


@pytest.fixture
def empty_office(tmp_path: Path) -> dict[str, str]:
    """The environment of an office that was prepared on the command line."""
    environment = os.environ | {"SAPHAN_HOME": str(tmp_path / "office"), "SAPHAN_WORKER": "test"}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare-office", "--empty"]
    subprocess.run(flask, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=PATIENT)
    return environment


def test_a_worker_beside_the_web_process_ends_when_that_is_killed(empty_office: dict[str, str]) -> None:
    """A process starts its worker as the web server does and is killed: the pipe between them closes."""
    web = "import time; from workflow.serving import start_worker; print(start_worker().pid, flush=True); time.sleep(600)"
    parent = subprocess.Popen([sys.executable, "-c", web], cwd=ROOT, env=empty_office, stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    lock = Path(empty_office["SAPHAN_HOME"], "worker-test.lock")
    wait_for(lock.exists)
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not is_alive(pid))


def test_a_worker_ends_when_told_to(empty_office: dict[str, str]) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "work"], cwd=ROOT, env=empty_office
    )
    wait_for(Path(empty_office["SAPHAN_HOME"], "worker-test.lock").exists)
    worker.terminate()
    assert worker.wait(PATIENT) == 0


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


# a measure ------------------------------------------------------------------------------------


@sqlite_alone
def test_a_measure_that_was_handed_in_twice_is_carried_out_once_and_what_was_refused_is_told(
    office: Office,
) -> None:
    season, queues = office.season, Queues(db.engine)
    subject = drafted_measure(season)
    tried = {
        "measure": subject,
        "step": "record_dry_run",
        "user_name": "peo",
        "request_id": "ac1:try",
        "version": 1,
    }
    for _ in range(2):
        hand_in(season, queues, jobs.Order(**tried))
    assert office.jobs() == {"ENQUEUED": 1}
    assert queues.last_order(subject).under_way
    refused = jobs.Order(**tried | {"step": "apply_measure", "request_id": "ac1:apply", "version": 2})
    hand_in(season, queues, refused)
    with office.worker():
        office.until(lambda: office.jobs() == {"SUCCESS": 2})
    record = casework.record_of(season.desk.session, subject)
    assert [done.step for done in record.history] == ["draft_measure", "record_dry_run"]
    told = queues.last_order(subject)
    assert {one.code for one in told.refusals} == {"four-eyes", "measure-nothing"}
    assert (told.order, told.failed, told.under_way) == (refused, False, False)


def drafted_measure(season: Season) -> str:
    stated = MeasureDraft(
        title="มาตรการ", legal_basis="มติ", ruleset="DEMO", provinces=("22",), from_on=season.calendar.today(),
        reach=Reach.LIVE,
    )  # fmt: skip
    return measures.draft(season.desk, season.cast["peo"], stated, casework.Act()).record.subject


def hand_in(season: Season, queues: Queues, order: jobs.Order) -> None:
    with casework.transaction(season.desk):
        assert queues.carry_out_measure(season.desk.session, order)
