"""A case folded from its stored events: what the rules see."""

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flows import read_evidence
from workflow.domain.measured import Measured
from workflow.domain.record import Done, Record
from workflow.domain.references import reference
from workflow.store.chain import Entry, events_of
from workflow.store.projections import Case
from workflow.store.truth import MeasureItem

ITEM, CASE = MeasureItem.__table__, Case.__table__
_LAID = (
    select(ITEM)
    .join(CASE, (CASE.c.subject == ITEM.c.subject) & (CASE.c.measure == ITEM.c.measure))
    .where(CASE.c.subject == bindparam("of"))
    .order_by(ITEM.c.version.desc(), ITEM.c.attempt.desc())
    .limit(1)
)


class CaseNotFound(LookupError):
    """There is no such case, or the person may not see it."""


def record_of(session: Session, subject: str) -> Record:
    """Fold the history of a subject; raises CaseNotFound when it has none."""
    entries = events_of(session, subject)
    if not entries:
        raise CaseNotFound(subject)
    return laid_over(session, _folded(entries, len(entries)))


def record_before(session: Session, subject: str, number: int) -> Record:
    """Fold the history of a subject as it stood before one of its events."""
    return _folded(events_of(session, subject), number - 1)


def _folded(entries: list[Entry], count: int) -> Record:
    record = begun(entries[0])
    for entry in entries[:count]:
        record = grown(record, entry)
    return record


def laid_over(session: Session, record: Record) -> Record:
    """Give a case with the measure that lies over it, if one does; flags only until the case was acted on since."""
    if record.flow != "permit":
        return record
    row = session.connection().execute(_LAID, {"of": record.subject}).one_or_none()
    flags = record.history[-1].flags
    if row is None:
        return replace(record, measured=None, flags=flags)
    if record.version == row.version:
        flags = frozenset(filter(None, row.flags.split(",")))
    return replace(record, measured=Measured(row.measure, row.version, row.until, row.stay), flags=flags)


def begun(first: Entry) -> Record:
    """Give the empty record of a subject whose first event this is."""
    envelope = first.envelope
    number = (envelope.numbers or {}).get(envelope.flow)
    name = reference(envelope.flow, envelope.chain, number) if number else envelope.subject
    return Record(flow=envelope.flow, subject=envelope.subject, reference=name, office=envelope.chain)


def grown(record: Record, entry: Entry) -> Record:
    """Give a record after one more of its events."""
    return record.with_event(done_of(entry), corrects=entry.envelope.corrects)


def done_of(entry: Entry) -> Done:
    """Read a stored event as the rules see it; of an erased person nothing is stated any more."""
    envelope, payload = entry.envelope, entry.payload or {}
    return Done(
        number=envelope.number,
        step=envelope.step,
        source=envelope.source,
        target=envelope.target,
        flags=frozenset(envelope.flags),
        person=envelope.person,
        name=envelope.name or str(payload.get("by", "")),
        position=envelope.position,
        role=envelope.role,
        office=envelope.office,
        on_behalf_of=envelope.on_behalf_of,
        happened_at=envelope.happened_at,
        recorded_at=envelope.recorded_at,
        evidence=_stated(entry),
        ruleset=envelope.ruleset,
        scan=payload.get("scan"),
        note=payload.get("note"),
        blank=payload.get("blank"),
    )


def _stated(entry: Entry) -> Evidence:
    if entry.payload is None:
        return Nothing()
    return read_evidence(entry.envelope.kind, entry.envelope.kind_version, entry.payload["evidence"])
