"""The main job without a browser: a name list read, driven to permits by invented people, all papers in a folder."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select

from forms.namelist import Reading, read
from workflow import casework, namelists, printing, verification
from workflow.casework import Act, Result
from workflow.demonstration.chance import Calendar, Chance
from workflow.demonstration.invention import Invention
from workflow.demonstration.people import ORCHARD, Cast, cast
from workflow.demonstration.season import Season
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM
from workflow.domain.flow import Refused
from workflow.domain.namelist import FindingKind
from workflow.store.projections import Case, Document
from workflow.store.truth import EventRow

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Account:
    """What a rehearsal did, in numbers; `rows` counts the data rows found in the list."""

    rows: int
    accepted: int
    refused: int
    applications: int
    permits: int
    documents: int
    events: int
    chain: str
    seconds: float

    def line(self) -> str:
        """Write the account as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(slots=True)
class Rehearsal:
    """One list on its way through an office of its own."""

    desk: Desk
    calendar: Calendar
    chance: Chance
    tell: Tell

    def run(self, name: str, content: bytes, out: Path) -> Account:
        """Read the list, drive every acceptable row to a permit, write all papers into `out`."""
        began = time.perf_counter()
        people = cast(self.desk)
        reading = self._read(name, content)
        season = Season(
            self.desk, people, self.calendar, Invention(self.chance, self.calendar.today), told=self.tell
        )
        season.employer = self._employer(people, reading)
        if reading.accepted():
            season.request(reading.accepted())
            season.drive(self._applications())
        self._tell_refused(reading, season.left)
        documents = self._write_papers(out)
        return self._account(reading, season.left, documents, time.perf_counter() - began)

    def _read(self, name: str, content: bytes) -> Reading:
        on = self.calendar.today()
        return read(name, content, namelists.rules_for(self.desk.in_force(on, "22")), on)

    def _employer(self, people: Cast, reading: Reading) -> str:
        """The orchard signs; where the list names another employer, the orchard's entry takes that name and place."""
        facts = reading.facts
        stated = {"name": facts.employer, "business": facts.business, "address": facts.address}
        named = replace(ORCHARD, **{key: value for key, value in stated.items() if value})
        if named != ORCHARD:
            casework.perform(self.desk, SYSTEM, people.entries["orchard"], "amend_employer", named, Act())
        return "orchard"

    def _applications(self) -> list[str]:
        wanted = select(Case.subject).filter_by(flow="application", state="opened").order_by(Case.reference)
        return list(self.desk.session.scalars(wanted))

    def _tell_refused(self, reading: Reading, left: Iterable[Result]) -> None:
        for fault in reading.faults:
            self.tell(f"refused: {fault.text % fault.params}")
        for finding in reading.findings:
            if finding.kind is not FindingKind.WARNING:
                where = f" ({finding.cell})" if finding.cell else ""
                self.tell(f"row {finding.row}{where} {finding.kind}: {finding.text % dict(finding.params)}")
        for result in left:
            self.tell(f"case {result.subject} stopped: {_reasons(result)}")

    def _write_papers(self, out: Path) -> int:
        out.mkdir(parents=True, exist_ok=True)
        references = dict(self.desk.session.execute(select(Case.subject, Case.reference)).all())
        count = 0
        for paper in printing.make_owed(self.desk, processes=os.cpu_count() or 1):
            count += 1
            if count % 100 == 0:
                self.tell(f"papers made: {count}")
            row = self.desk.session.get(Document, paper)
            number = row.number.replace("/", "-").replace(" ", "_")
            (out / f"{references[row.owner]}_{row.key}_{number}.pdf").write_bytes(
                printing.make(self.desk, paper)
            )
        return count

    def _account(self, reading: Reading, left: list[Result], documents: int, seconds: float) -> Account:
        verdict = verification.verify(self.desk)
        counts = reading.counts
        count = lambda *where: self.desk.session.scalar(select(func.count()).where(*where))  # noqa: E731
        return Account(
            rows=counts.found,
            accepted=counts.accepted - len(left),
            refused=counts.held + counts.refused + len(left),
            applications=count(Case.flow == "application"),
            permits=count(Case.flow == "permit"),
            documents=documents,
            events=count(EventRow.flow == EventRow.flow),
            chain="ok" if not verdict.breaches else "broken",
            seconds=round(seconds, 1),
        )


def _reasons(result: Result) -> str:
    if isinstance(result.fault, Refused):
        return "; ".join(refusal.text % dict(refusal.values) for refusal in result.fault.refusals)
    return str(result.fault)


def home_in(home: Path) -> Path:
    """Say where in an office's home the last rehearsal lies."""
    return home / "demo"


def keep_clock(home: Path, calendar: Calendar) -> None:
    """Keep where a rehearsal's clock stands: its days may lie ahead of the machine's."""
    (home / "CLOCK").write_text(calendar.moment.isoformat(), encoding="ascii")


def clock_of(home: Path) -> Calendar | None:
    """Give the clock that a rehearsal went by; None where it was cut off before its end."""
    kept = home / "CLOCK"
    return Calendar(datetime.fromisoformat(kept.read_text(encoding="ascii"))) if kept.exists() else None


def fresh_home(home: Path) -> Path:
    """Give an empty home for a rehearsal, in place of the one of the last rehearsal."""
    own = home_in(home)
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700, parents=True)
    (own / "DEMONSTRATION").touch()
    return own


def begins_on(on: date, seed: int) -> tuple[Calendar, Chance]:
    """Set the clock and the chance of a rehearsal."""
    return Calendar.at(on), Chance.of(seed)
