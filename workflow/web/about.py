"""Whom and what a page is about: the few lines at its top by which a person knows the case again."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select

from workflow.desk import Desk
from workflow.domain.flows import FLOWS
from workflow.domain.kinds import ApplicationKind
from workflow.domain.record import Record
from workflow.store.projections import Case, Pass, RegisterEntry, Worker


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
    kind = (gettext("Kind"), kind_shown(case) if case.kind not in (None, ApplicationKind.NEW) else "")
    lines = [kind, *_person(desk, case.worker), *_employer(desk, case)]
    return About(case.title, case.reference, [line for line in lines if line[1]])


def kind_shown(case: Case) -> str:
    """Say what kind of case it is: its flow, of an application on a permit its own kind."""
    if case.kind in (None, ApplicationKind.NEW):
        return gettext(FLOWS[case.flow].label)
    return gettext(ApplicationKind(case.kind).label)


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
