"""Two entries that may be one person, side by side: what to compare, where each stands, what is proposed."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select

from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.application import Track
from workflow.domain.names import pass_key
from workflow.domain.record import Record
from workflow.domain.thai import BUDDHIST_OFFSET
from workflow.store.persons import entry_now
from workflow.store.projections import Case, Pass, Worker
from workflow.visibility import visible_to
from workflow.web.shown import language, show_date

Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the register as it is compared, with the files that the reader may see."""

    lines: Lines
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The worker of a file, whom it may be as well, and what was proposed of them."""

    own: Entry
    others: list[Entry]
    proposed: Lines


def compared(desk: Desk, actor: Actor, record: Record) -> Compared | None:
    """Compare whom the worker of a file may be, for the officials who settle it; nothing for anybody else."""
    waits = record.flow == "application" and Track.DUPLICATE_SUSPECTED in record.flags
    if not waits or actor.role not in (Role.OFFICER, Role.REGISTRAR):
        return None
    own = entry_now(desk.session, record.history[0].evidence.worker)
    others = [_entry(desk, actor, one) for one in others_of(desk, record)]
    return Compared(_entry(desk, actor, own), others, _proposed(record))


def others_of(desk: Desk, record: Record) -> list[str]:
    """List the entries which a file was found to look like, and the one with which it is to be joined."""
    first = record.history[0].evidence
    alike = [entry_now(desk.session, one) for one in getattr(first, "suspected", ())]
    if Track.SAME_PERSON in record.flags:
        named = pass_key(record.last("propose_same_person").evidence.other_pass)
        alike += desk.session.scalars(select(Pass.worker).filter_by(pass_key=named))
    return [one for one in dict.fromkeys(alike) if one != entry_now(desk.session, first.worker)]


def passes_of(desk: Desk, worker: str) -> list[str]:
    """List the border passes of an entry, the one that runs longest last."""
    held = select(Pass.pass_number).filter_by(worker=worker).order_by(Pass.pass_expires_on, Pass.pass_key)
    return list(desk.session.scalars(held))


def _entry(desk: Desk, actor: Actor, subject: str) -> Entry:
    one = desk.session.get_one(Worker, subject)
    files = select(Case.reference).where(Case.worker == subject, visible_to(desk, actor))
    lines = [
        (gettext("Name in Latin letters"), one.name_latin),
        (gettext("Name in Khmer"), one.name_khmer),
        (gettext("Name in Thai"), one.name_thai),
        (gettext("Date of birth"), _born(one)),
        (gettext("Border pass number"), ", ".join(passes_of(desk, subject))),
        (gettext("Foreigner identification number"), one.foreigner_number or ""),
    ]
    found = tuple(desk.session.scalars(files.order_by(Case.opened_at.desc())))
    return Entry([line for line in lines if line[1]], found)


def _born(one: Worker) -> str:
    if one.birth_on is None or one.birth_precision == "day":
        return show_date(one.birth_on)
    return str(one.birth_on.year + (BUDDHIST_OFFSET if language() == "th" else 0))


def _proposed(record: Record) -> Lines:
    if Track.SAME_PERSON not in record.flags:
        return []
    stated = record.last("propose_same_person").evidence
    return [
        (gettext("Entry that stays"), gettext(stated.stays.label)),
        (gettext("Reason"), stated.reason),
    ]
