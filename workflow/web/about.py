"""Whom and what a page is about: the few lines at its top by which a person knows the case again."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import false, select

from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.names import pass_key
from workflow.domain.record import Record
from workflow.store.persons import entry_now
from workflow.store.projections import Case, Pass, RegisterEntry, Worker
from workflow.visibility import visible_to


@dataclass(frozen=True, slots=True)
class About:
    """The name on the file and the lines under it."""

    title: str
    reference: str
    lines: list[tuple[str, str]]


def about(desk: Desk, record: Record) -> About:
    """Name a case: the worker with passes and employer, or the employer; a register entry by its name."""
    case = desk.session.get(Case, record.subject)
    if case is None:
        name = desk.session.scalar(select(RegisterEntry.name).where(RegisterEntry.subject == record.subject))
        return About(name or record.reference, record.reference, [])
    lines = [*_person(desk, case.worker), *_employer(desk, case)]
    return About(case.title, case.reference, [line for line in lines if line[1]])


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Another registered person who may be the worker of a file: what to compare, and where that person stands."""

    worker: Worker
    passes: tuple[str, ...]
    cases: tuple[Case, ...]


def lookalikes(desk: Desk, record: Record, actor: Actor | None = None) -> list[Lookalike]:
    """List the persons whom a file was found to look like, and the one with whom it is proposed to be joined.

    Their files are named as far as the actor may see them.
    """
    session = desk.session
    this = entry_now(session, record.history[0].evidence.worker)
    proposed = record.last("propose_same_person") if "same_person" in record.flags else None
    named = pass_key(proposed.evidence.other_pass) if proposed else None
    other = session.scalar(select(Pass.worker).filter_by(pass_key=named)) if named else None
    suspected = getattr(record.history[0].evidence, "suspected", ())
    alike = [entry_now(session, one) for one in suspected]
    return [_lookalike(desk, one, actor) for one in dict.fromkeys([*alike, *([other] if other else [])]) if one != this]


def _lookalike(desk: Desk, subject: str, actor: Actor | None) -> Lookalike:
    passes = select(Pass.pass_number).filter_by(worker=subject).order_by(Pass.pass_expires_on)
    seen = visible_to(desk, actor) if actor else false()
    cases = select(Case).where(Case.worker == subject, seen).order_by(Case.opened_at.desc())
    return Lookalike(
        desk.session.get_one(Worker, subject),
        tuple(desk.session.scalars(passes)),
        tuple(desk.session.scalars(cases)),
    )


def _person(desk: Desk, worker: str | None) -> list[tuple[str, str]]:
    person = desk.session.get(Worker, worker) if worker else None
    if person is None:
        return []
    numbers = desk.session.scalars(select(Pass.pass_number).filter_by(worker=worker).order_by(Pass.pass_expires_on))
    return [
        (gettext("Name in Khmer"), person.name_khmer),
        (gettext("Name in Thai"), person.name_thai),
        (gettext("Border pass number"), ", ".join(numbers)),
        (gettext("Foreigner identification number"), person.foreigner_number or ""),
    ]


def _employer(desk: Desk, case: Case) -> list[tuple[str, str]]:
    """The employers of a permit, several perhaps, are listed by its own page, to each its own."""
    if case.flow == "permit":
        return []
    name = desk.session.scalar(select(RegisterEntry.name).where(RegisterEntry.subject == case.employer))
    asked = desk.session.scalar(select(Case.reference).where(Case.subject == case.request)) if case.request else None
    return [
        (gettext("Employer"), (name or "") if case.worker else ""),
        (gettext("Request"), asked or ""),
    ]
