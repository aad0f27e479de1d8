"""A worker killed in the middle of a measure's job, again and again: each permit is changed once, the trail is one."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.measuring import Office
from workflow import casework, jobs, measures, nightly, verification
from workflow.store.database import db
from workflow.store.projections import Case, Duty
from workflow.store.truth import EventRow, MeasureItem

pytest_plugins = ["tests.measure_fixtures"]
ROOT = Path(__file__).parent.parent
PATIENT = 120
HANDFUL = 5


class Worked:
    """An office of measures whose work is done by a worker of its own."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.session, self.home = office, office.desk.session, folder / "copy" / "home"
        self.ahead = (office.calendar.moment - datetime.now(UTC)).total_seconds() + 3600

    def ask(self, measure: str, step: str, user: str, version: int) -> None:
        order = jobs.Order(
            measure=measure, step=step, user_name=user, request_id=f"click {step}", version=version, reason="มติใหม่"
        )
        with casework.transaction(self.office.desk):
            assert jobs.Queues(db.engine).carry_out_measure(self.session, order)

    def worker(self, kill: str = "") -> subprocess.Popen[bytes]:
        url = db.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.keep_working", self.home, url, "one", self.home / "log"]
        options = (f"--ahead={self.ahead}", f"--kill={kill}", f"--handful={HANDFUL}")
        return subprocess.Popen([*command, *options], cwd=ROOT)

    def killed(self, kill: str, then: Callable[[], None] = lambda: None) -> None:
        """Run a worker until it dies where it is told to."""
        worker = self.worker(kill)
        try:
            then()
            assert worker.wait(PATIENT) == -signal.SIGKILL
        finally:
            worker.kill()
            worker.wait()

    def until_done(self, count: int) -> None:
        """Wait until so many jobs went through."""
        end = time.monotonic() + PATIENT
        while self.jobs() != {"SUCCESS": count}:
            assert time.monotonic() < end, self.jobs()
            time.sleep(0.1)

    def jobs(self) -> Counter[str]:
        self.session.rollback()
        schema = "dbos." if db.engine.dialect.name == "postgresql" else ""
        return Counter(self.session.scalars(text(f"SELECT status FROM {schema}workflow_status")))

    def staged(self) -> int:
        self.session.rollback()
        return self.session.scalar(select(func.count()).select_from(MeasureItem))

    def under(self, measure: str) -> set[str]:
        self.session.rollback()
        return set(self.session.scalars(select(Case.subject).where(Case.measure == measure)))

    def trail(self) -> Counter[str]:
        """Count the steps of the measure itself and at the offices."""
        self.session.rollback()
        asked = select(EventRow.step).where(EventRow.flow.in_(("measure", "laying")))
        return Counter(self.session.scalars(asked))


@pytest.fixture
def worked(measured: Office, tmp_path: Path) -> Worked:
    jobs.prepare(db.engine)
    return Worked(measured, tmp_path)


@pytest.mark.parametrize("measured_offices", ["sqlite"], indirect=True)
def test_a_worker_killed_while_it_applies_and_takes_back_a_measure_changes_each_permit_once(worked: Worked) -> None:
    office = worked.office
    nightly.give_alerts(office.desk)
    before, duties = office.rows(), office.duties()
    subject = office.tried()
    reached = measures.measure_of(office.desk, subject).last("record_dry_run").evidence.changed
    worked.ask(subject, "apply_measure", "registrar", 2)

    worked.killed("keep_items:3")  # while permits are judged: two handfuls are kept, the third is not
    assert 0 < worked.staged() < reached
    assert worked.under(subject) == set()
    worked.killed("_lay_at:1")  # decided, and at the first office all is done but not committed
    assert (worked.staged(), worked.under(subject)) == (reached, set())
    assert worked.trail() == {"draft_measure": 1, "record_dry_run": 1, "apply_measure": 1}

    def take_back() -> None:
        worked.until_done(1)
        assert len(worked.under(subject)) == worked.staged() == reached
        asked = select(Duty.sequence).where(Duty.clock == "permit", Duty.subject.in_(worked.under(subject)))
        assert set(worked.session.scalars(asked)) == {1}, "each permit is moved once"
        worked.session.rollback()
        worked.ask(subject, "revert_measure", "peo", 3)

    worked.killed("_lift_at:2", take_back)  # one office is lifted, the other is not
    assert worked.trail()["lift_measure"] == 1
    office.calendar.next_day()
    assert len(measures.carry_on(office.desk)) == 1, "what the sweep of the next worker does"
    once = ("draft_measure", "record_dry_run", "apply_measure", "revert_measure")
    assert worked.trail() == {**dict.fromkeys(once, 1), "lay_measure": 2, "lift_measure": 2}
    assert (office.rows(), office.duties()) == (before, duties)
    assert verification.verify(office.desk).breaches == []
