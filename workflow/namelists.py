"""From a name list to applications: what the store says against a row, who a listed worker is, the opening."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from workflow import casework, lookups
from workflow.casework import Act, Performed, Result
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor
from workflow.domain.application import Listed
from workflow.domain.everywhere import Reason
from workflow.domain.flow import StepFault
from workflow.domain.namelist import Finding, FindingKind, ListRow, ListRules
from workflow.domain.names import Likeness, Person, same_person
from workflow.domain.policies import listed_rows
from workflow.domain.record import Record
from workflow.domain.registers import Worker as WorkerFacts
from workflow.domain.request import Request
from workflow.domain.rulesets import Ruleset
from workflow.domain.takeover import PaperPermit
from workflow.domain.words import N_
from workflow.store.chain import Envelope
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Account, Case, ListedPass, Pass, Worker
from workflow.store.truth import EventRow
from workflow.visibility import visible_to

OPENS = (Request.LIST_LOCKED, Request.RUNNING)
"""The states of a request in which applications of its list are opened."""


def rules_for(ruleset: Ruleset, starts_on: date | None = None) -> ListRules:
    """Take from the ruleset in force what is asked of a listed worker."""
    nationalities = ruleset.get("nationalities", {})
    return ListRules(
        minimum_age=ruleset.get("ages.minimum", 0),
        maximum_age=ruleset.get("ages.maximum"),
        provinces=frozenset(ruleset.get("pass_provinces", {})),
        nationality=next(iter(nationalities), None),
        starts_on=starts_on,
    )


def found_in_store(
    desk: Desk, rows: Iterable[ListRow], request: str | None = None, reader: Actor | None = None
) -> tuple[Finding, ...]:
    """Say which rows name somebody who is in another file; in which one is told to who may see that file."""
    rows = tuple(rows)
    known, listed = _known_passes(desk, rows), _on_other_lists(desk, rows, request)
    told = _Told(desk, reader)
    found = []
    for row in rows:
        in_file = list(_in_another_file(desk, row, request, told)) if row.pass_key in known else []
        found += in_file or _on_another_list(row, listed.get(row.pass_key, ()), told)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a reader is told of other files: the references of those that he may see, of a rival's nothing."""

    desk: Desk
    reader: Actor | None

    def references(self, subjects: Iterable[str]) -> str:
        """Name the files that the reader may see; empty where he is told of none."""
        if self.reader is None:
            return ""
        seen = select(Case.reference).where(
            Case.subject.in_(tuple(subjects)), visible_to(self.desk, self.reader)
        )
        return ", ".join(self.desk.session.scalars(seen.order_by(Case.reference)))


def _on_other_lists(
    desk: Desk, rows: Iterable[ListRow], request: str | None
) -> dict[str, list[lookups.Listing]]:
    found: dict[str, list[lookups.Listing]] = {}
    for keys in casework.batched((row.pass_key for row in rows if row.pass_key), 500):
        for one in lookups.listings(desk, keys, request):
            found.setdefault(one.pass_key, []).append(one)
    return found


def _on_another_list(row: ListRow, listed: Iterable[lookups.Listing], told: _Told) -> Iterator[Finding]:
    """Of two lists that name one pass the later one waits; who may see both sees it on both."""
    before = [one.request for one in listed if one.first]
    after = told.references(one.request for one in listed if not one.first)
    if before:
        yield _elsewhere(row, told.references(before))
    elif after:
        text = N_("A later list names this border pass too: %(reference)s. There the row waits.")
        values = {"reference": after}
        yield Finding(FindingKind.WARNING, "also_listed_later", row.row, text, values, "pass_number")


def _elsewhere(row: ListRow, references: str) -> Finding:
    text = N_("This border pass is already in another file; the office looks at both.")
    if references:
        text = N_("This border pass is already in another file: %(reference)s. Look at both.")
    return Finding(
        FindingKind.HELD, "in_another_file", row.row, text, {"reference": references}, "pass_number"
    )


def _known_passes(desk: Desk, rows: Iterable[ListRow]) -> set[str]:
    """Ask for all passes of a list by the handful: most are new to the office."""
    known: set[str] = set()
    for keys in casework.batched((row.pass_key for row in rows if row.pass_key), 500):
        known |= set(desk.session.scalars(select(Pass.pass_key).where(Pass.pass_key.in_(keys))))
    return known


def _in_another_file(desk: Desk, row: ListRow, request: str | None, told: _Told) -> Iterator[Finding]:
    holder = desk.session.scalar(select(Pass.worker).where(Pass.pass_key == row.pass_key))
    if holder is None:
        return
    live = select(Case.subject).where(
        Case.worker == holder, Case.flow == "application", Case.live, Case.request != request
    )
    elsewhere = desk.session.scalar(live)
    if elsewhere is not None:
        yield _elsewhere(row, told.references([elsewhere]))
        return
    known = desk.session.get(Worker, holder)
    if not same_person(row.person, person_of(known, row.pass_number)).worth_a_look:
        text = N_("This border pass is registered for a person of another name.")
        yield Finding(FindingKind.HELD, "pass_of_another", row.row, text, field="pass_number")


def person_of(worker: Worker, pass_number: str | None = None) -> Person:
    """Give an entry of the register as a person to be compared with another."""
    return Person(
        name_latin=worker.name_latin or None,
        name_khmer=worker.name_khmer or None,
        name_thai=worker.name_thai or None,
        birth_on=worker.birth_on if worker.birth_precision == "day" else None,
        birth_year=worker.birth_on.year if worker.birth_on else None,
        sex=worker.sex,
        pass_number=pass_number,
    )


def unopened(desk: Desk, request: Record) -> list[ListRow]:
    """List the rows of a locked list that have no application yet."""
    waits = set(desk.session.scalars(select(ListedPass.pass_key).filter_by(request=request.subject)))
    return [row for row in listed_rows(request) if row.pass_key in waits]


@dataclass(frozen=True, slots=True)
class Locking:
    """A list that an officer locked: the request, his user name, and the batch under which he opens it."""

    request: str
    user_name: str
    batch: str


def batch_of(account: str, request: str) -> str:
    """Name the batch under which an officer opens a list: pressing again, or a job, does nothing twice."""
    return f"{account}:open:{request}"


def locked_between(desk: Desk, since: datetime, until: datetime) -> list[Locking]:
    """Give the lists of running requests that were locked in a time, in the names of those who locked them."""
    locked = (
        select(EventRow.subject, EventRow.bytes)
        .join(Case, Case.subject == EventRow.subject)
        .where(EventRow.flow == "request", EventRow.step == "lock_list", Case.state.in_(OPENS))
        .where(EventRow.recorded_at >= since, EventRow.recorded_at <= until)
    )
    by = {row.subject: Envelope.read(json.loads(row.bytes)["event"]) for row in desk.session.execute(locked)}
    asked = select(Account.reference, Account.user_name)
    known = asked.where(Account.reference.in_({envelope.account for envelope in by.values()}))
    names = {row.reference: row.user_name for row in desk.session.execute(known)}
    return [
        Locking(request, names[envelope.account], batch_of(envelope.account, request))
        for request, envelope in by.items()
        if envelope.account in names
    ]


def open_listed(desk: Desk, actor: Actor, request: str, batch: str, after: int = 0) -> Iterator[Result]:
    """Open an application for every row of a locked list that has none; one result a row, safe to repeat.

    Goes through the rows in the order of the list, from the one after row `after`; commits at most every 50
    rows. A row that cannot be opened (already in another file) is left and told.
    """
    desk.forget()
    record = record_of(desk.session, request)
    casework.must_see(desk, actor, record)
    rows = sorted((row for row in unopened(desk, record) if row.row > after), key=lambda row: row.row)
    for some in casework.batched(rows, casework.COMMIT_EVERY):
        with casework.transaction(desk):
            results = [_open_row(desk, actor, record, row, batch) for row in some]
        yield from results


def _open_row(desk: Desk, actor: Actor, request: Record, row: ListRow, batch: str) -> Result:
    try:
        return Result(str(row.row), casework.alone(desk, lambda: _open(desk, actor, request, row, batch)))
    except (StepFault, CaseNotFound) as fault:
        return Result(str(row.row), fault=fault)


def _open(desk: Desk, actor: Actor, request: Record, row: ListRow, batch: str) -> Performed:
    worker, suspected = _who(desk, request.office, row)
    listed = Listed(
        request=request.subject,
        employer=casework.employer_of(request),
        worker=worker,
        row=row,
        suspected=suspected,
    )
    amended = sum(done.step == "amend_list" for done in request.history)
    act = Act(request_id=f"{batch}:{row.row}:{amended}")
    opened = casework.open_subject(
        desk, actor, "application", "open_application", listed, act, chain=request.office, key=worker
    )
    if suspected:
        reason = Reason(reason=N_("Another registered person has nearly the same name and birth."))
        casework.carry_on(desk, SYSTEM, opened.record, "suspect_duplicate", reason)
    return opened


def _who(desk: Desk, chain: str, row: ListRow) -> tuple[str, tuple[str, ...]]:
    """Find the person of a row by the pass, or enter a new one; say who else it might be."""
    holder = desk.session.scalar(select(Pass.worker).where(Pass.pass_key == row.pass_key))
    if holder is not None:
        return holder, ()
    suspected = tuple(_lookalikes(desk, row))
    return enter_person(desk, chain, row, pass_province=row.pass_province), suspected


def enter_person(desk: Desk, chain: str, row: ListRow | PaperPermit, **known: str | None) -> str:
    """Enter a new person of a sheet in the register, with what else is known; give the entry."""
    subject = f"wo{desk.chance(14)}"
    facts = WorkerFacts(
        name_latin=row.name_latin or "",
        name_khmer=row.name_khmer or "",
        name_thai=row.name_thai or "",
        sex=row.sex,
        birth_on=row.birth_on or (date(row.birth_year, 1, 1) if row.birth_year else None),
        birth_precision="day" if row.birth_on else ("year" if row.birth_year else None),
        pass_number=row.pass_number or "",
        pass_expires_on=row.pass_expires_on,
        **known,
    )
    casework.open_subject(
        desk, SYSTEM, "worker", "enter_worker", facts, Act(), chain=chain, key=subject, subject=subject
    )
    return subject


def _lookalikes(desk: Desk, row: ListRow) -> Iterator[str]:
    year = row.birth_on.year if row.birth_on else row.birth_year
    if year is None:
        return
    born = Worker.birth_on.between(date(year, 1, 1), date(year, 12, 31))
    near = select(Worker).where(born, Worker.joined.is_(None))
    for known in desk.session.scalars(near):
        score = same_person(replace(row.person, pass_number=None), person_of(known))
        if score.likeness in (Likeness.LIKELY, Likeness.SAME):
            yield known.subject
