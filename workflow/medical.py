"""The doctors of the register, and medical results beside each other: what a page, a sheet or a file shows of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row, Select, or_, select

from workflow import casework
from workflow.casework import Act, Performed
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import Actor
from workflow.domain.evidence import Evidence
from workflow.domain.medical import Key, Register, Seen, judged
from workflow.domain.oddities import Oddity
from workflow.domain.record import Record
from workflow.domain.registers import Doctor
from workflow.domain.rulesets import Ruleset
from workflow.store.history import record_of
from workflow.store.projections import Case, MedicalSeen, RegisterEntry
from workflow.visibility import visible_to

Stated = dict[str, object]
A_DAY = timedelta(days=1)


# the doctors --------------------------------------------------------------------------------


def enter_doctor(desk: Desk, actor: Actor, doctor: Doctor, act: Act) -> Performed:
    """Enter a doctor whose certificates are accepted; one register for all offices, since doctors move."""
    return casework.begin(desk, actor, "doctor", "enter_doctor", doctor, act, chain=SYSTEM_CHAIN)


def change_doctor(desk: Desk, actor: Actor, subject: str, stated: Evidence, act: Act) -> Performed:
    """Change a doctor's entry or, with a reason, close it; what was examined before stays as it was."""
    step = "amend_doctor" if isinstance(stated, Doctor) else "close_doctor"
    return casework.perform(desk, actor, subject, step, stated, act)


def doctors_of(desk: Desk, hospital: str) -> list[Stated]:
    """List what the register says of the doctors who work at a hospital."""
    listed = (
        select(RegisterEntry.stated).filter_by(register="doctor", state="listed").order_by(RegisterEntry.name)
    )
    return [stated for stated in desk.session.scalars(listed) if hospital in stated["hospitals"]]


# the results --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One result as the page shows it: the file, the result, what is unusual about it."""

    reference: str
    title: str
    seen: Seen
    odd: tuple[Oddity, ...]


def results_between(
    desk: Desk, actor: Actor, first: date, last: date, ruleset: Ruleset, most: int
) -> list[Line]:
    """List the newest results of some days in the files that the actor may see, each judged beside all others."""
    wanted = (
        select(MedicalSeen, Case.reference, Case.title)
        .join(Case, Case.subject == MedicalSeen.application)
        .where(MedicalSeen.examined_on.between(first, last), visible_to(desk, actor))
        .order_by(MedicalSeen.examined_on.desc(), MedicalSeen.at.desc(), MedicalSeen.application)
        .limit(most)
    )
    rows = desk.session.execute(wanted).all()
    mine = [_seen(row.MedicalSeen) for row in rows]
    odd = _judged(desk, mine, ruleset)
    return [
        Line(row.reference, row.title, one, odd.get((one.application, one.number), ()))
        for row, one in zip(rows, mine, strict=True)
    ]


def flags_of(desk: Desk, record: Record, ruleset: Ruleset) -> tuple[Oddity, ...]:
    """List what is unusual about the medical results of a file, beside those of all files; nothing for other flows."""
    if record.flow != "application" or record.last("record_medical") is None:
        return ()
    return flags_among(desk, [record.subject], ruleset).get(record.subject, ())


def flags_among(desk: Desk, applications: Iterable[str], ruleset: Ruleset) -> dict[str, tuple[Oddity, ...]]:
    """List what is unusual about the medical results of several files; a file without anything is left out."""
    found: dict[str, dict[Oddity, None]] = {}
    for some in casework.batched(applications, 200):
        rows = desk.session.scalars(select(MedicalSeen).where(MedicalSeen.application.in_(some)))
        for (application, _), odd in _judged(desk, [_seen(row) for row in rows], ruleset).items():
            found.setdefault(application, {}).update(dict.fromkeys(odd))
    return {application: tuple(odd) for application, odd in found.items()}


def _judged(desk: Desk, mine: Sequence[Seen], ruleset: Ruleset) -> dict[Key, tuple[Oddity, ...]]:
    """Judge results beside what could tell of them: the same doctor around those days, the same number or detail."""
    if not mine:
        return {}
    beside = {(one.application, one.number): one for one in (*mine, *_neighbours(desk, mine))}
    every = list(beside.values())
    odd = judged(every, _register(desk, every), ruleset)
    wanted = {(one.application, one.number) for one in mine}
    return {key: told for key, told in odd.items() if key in wanted}


def _neighbours(desk: Desk, mine: Sequence[Seen]) -> Iterable[Seen]:
    for some in casework.batched(mine, 200):
        first = min(one.examined_on for one in some) - A_DAY
        last = max(one.examined_on for one in some) + A_DAY
        of_doctor = MedicalSeen.licence.in_({one.licence for one in some}) & MedicalSeen.examined_on.between(
            first, last
        )
        keys = select(MedicalSeen.certificate_key).where(
            MedicalSeen.application.in_({one.application for one in some})
        )
        same = (
            MedicalSeen.certificate_key.in_(keys),
            MedicalSeen.detail.in_({one.detail for one in some if one.detail}),
        )
        yield from map(_seen, desk.session.scalars(select(MedicalSeen).where(or_(of_doctor, *same))))


def _register(desk: Desk, results: Iterable[Seen]) -> Register:
    results = list(results)
    doctors = _entries(desk, "doctor", RegisterEntry.number.in_({one.licence for one in results}))
    hospitals = {one.hospital for one in results}
    return Register(
        doctors={row.number: record_of(desk.session, row.subject) for row in doctors},
        hospitals={subject: record_of(desk.session, subject) for subject in hospitals},
    )


def _entries(desk: Desk, register: str, which: object) -> Iterable[Row]:
    """Closed entries come first, so that of two with one number the one in use is kept."""
    wanted: Select = (
        select(RegisterEntry.number, RegisterEntry.subject).filter_by(register=register).where(which)
    )
    return desk.session.execute(wanted.order_by(RegisterEntry.state)).all()


def _seen(row: MedicalSeen) -> Seen:
    names = (name for name in Seen.__dataclass_fields__)
    return Seen(**{name: getattr(row, name) for name in names})
