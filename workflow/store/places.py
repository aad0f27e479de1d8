"""The ledgers of places: what approved requests give and what gates take in a band, never below nothing nor above.

Each event of a case is followed by what the case now holds; what it held before and holds no more is free
again. A place is taken by an update that finds one free or fails, within the transaction of the step.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Select, Update, delete, insert, select, update
from sqlalchemy.orm import Session

from workflow.domain import places
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal, Refused
from workflow.domain.places import QuotaPlace, SlotPlace
from workflow.domain.record import Done, Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.spells import REVIVES
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.store.database import insert_once
from workflow.store.projections import GateSlot, Quota, QuotaHeld, QuotaMove, RegisterEntry, SlotHeld, Worker

QUOTA, HELD, MOVE, SLOT, SLOT_HELD, ENTRY, WORKER = (
    row.__table__ for row in (Quota, QuotaHeld, QuotaMove, GateSlot, SlotHeld, RegisterEntry, Worker)
)
SEXES = {"M": "men", "F": "women"}


# the quota of a request ---------------------------------------------------------------------


def follow_request(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """An order, or a cut, sets how many places a request gives; fewer than are taken cannot be."""
    men, women = places.approved(record)
    there = session.execute(
        select(QUOTA.c.approved_men, QUOTA.c.approved_women).filter_by(request=record.subject)
    ).one_or_none()
    if there is None and men + women == 0:
        return
    if there is None:
        demand = record.last("draft_request", "revise_draft", "complete_request").evidence
        row = {
            "request": record.subject,
            "employer": demand.employer,
            "province": _province(session, record.office),
        }
        session.execute(
            insert(QUOTA),
            row | {"approved_men": men, "approved_women": women, "used_men": 0, "used_women": 0},
        )
    elif (men, women) != tuple(there):
        enough = update(QUOTA).where(
            QUOTA.c.request == record.subject, QUOTA.c.used_men <= men, QUOTA.c.used_women <= women
        )
        if session.execute(enough.values(approved_men=men, approved_women=women)).rowcount != 1:
            raise Refused(
                [Refusal("places-taken", N_("More places than that are taken already."), field="men")]
            )
    before = tuple(there) if there is not None else (0, 0)
    for sex, now, then in (("M", men, before[0]), ("F", women, before[1])):
        if now != then:
            _move(session, record, done, record.subject, sex, now - then)


def follow_application(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """A case that moved takes or gives back its place in the request and its place at the gate."""
    place = places.quota_place(record, ruleset)
    if place is not None and not place.sex:
        place = replace(place, sex=_sex(session, record.history[0].evidence.worker))
    _hold_quota(session, record, done, record.subject, place)
    _hold_slot(session, record.subject, places.slot_place(record, ruleset), ruleset)


def follow_permit(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Work that ended frees the place that it stood on, where the ruleset lets it be used again.

    A permit that stands again takes its places back as far as nobody else was given them meanwhile: a wrong
    end is set right even so, and the ledger stays within the approval.
    """
    for application in places.freed_applications(record, ruleset):
        _hold_quota(session, record, done, application, None)
    if done.step in REVIVES:
        for application, request in places.standing_places(record, ruleset):
            took = select(MOVE.c.sex).filter_by(subject=application, request=request, change=-1).limit(1)
            sex = session.scalar(took)
            if sex is not None and _is_free(session, request, sex):
                _hold_quota(session, record, done, application, QuotaPlace(request, sex))


def _is_free(session: Session, request: str, sex: str) -> bool:
    used, there = (QUOTA.c[f"{word}_{SEXES[sex]}"] for word in ("used", "approved"))
    return session.scalar(select(QUOTA.c.request).where(QUOTA.c.request == request, used < there)) is not None


def _sex(session: Session, worker: str) -> str:
    return session.scalar(select(WORKER.c.sex).where(WORKER.c.subject == worker)) or "M"


def _province(session: Session, office: str) -> str:
    stated = session.scalar(select(ENTRY.c.stated).where(ENTRY.c.subject == office))
    return str(stated["province"]) if stated else ""


def _hold_quota(
    session: Session, record: Record, done: Done, application: str, place: QuotaPlace | None
) -> None:
    row = session.execute(select(HELD.c.request, HELD.c.sex).filter_by(application=application)).one_or_none()
    held = QuotaPlace(*row) if row else None
    if held == place:
        return
    if held is not None:
        session.execute(delete(HELD).where(HELD.c.application == application))
        used = QUOTA.c[f"used_{SEXES[held.sex]}"]
        session.execute(update(QUOTA).where(QUOTA.c.request == held.request).values({used: used - 1}))
        _move(session, record, done, held.request, held.sex, 1)
    if place is not None:
        used, there = (QUOTA.c[f"{word}_{SEXES[place.sex]}"] for word in ("used", "approved"))
        free = update(QUOTA).where(QUOTA.c.request == place.request, used < there).values({used: used + 1})
        if session.execute(free).rowcount != 1:
            raise Refused(
                [Refusal("no-place", N_("No place for another man or woman is left within the approval."))]
            )
        session.execute(
            insert(HELD), {"application": application, "request": place.request, "sex": place.sex}
        )
        _move(session, record, done, place.request, place.sex, -1)


def _move(session: Session, record: Record, done: Done, request: str, sex: str, change: int) -> None:
    """Write one line of the ledger: by which entry how many places came or went."""
    line = {"request": request, "subject": record.subject, "number": done.number, "sex": sex}
    session.execute(
        insert(MOVE), line | {"change": change, "step": done.step, "moved_on": bangkok_date(done.happened_at)}
    )


# the slots of a gate ------------------------------------------------------------------------


def _hold_slot(session: Session, application: str, place: SlotPlace | None, ruleset: Ruleset) -> None:
    row = session.execute(_held_by(application)).one_or_none()
    held = SlotPlace(*row) if row else None
    if held == place:
        return
    if held is not None:
        session.execute(delete(SLOT_HELD).where(SLOT_HELD.c.application == application))
        session.execute(_slot(held).values(taken=SLOT.c.taken - 1))
    if place is not None:
        capacity = places.bands(ruleset, place.gate)[place.band]
        insert_once(session, SLOT, _key(place) | {"capacity": capacity, "taken": 0})
        if (
            session.execute(
                _slot(place).where(SLOT.c.taken < SLOT.c.capacity).values(taken=SLOT.c.taken + 1)
            ).rowcount
            != 1
        ):
            full = N_("The band is full at this gate on that day: choose another band or day.")
            raise Refused([Refusal("band-full", full, field="band")])
        session.execute(insert(SLOT_HELD), {"application": application} | _key(place))


def in_turn(session: Session, record: Record, evidence: Evidence, ruleset: Ruleset) -> None:
    """Wait for one's turn at the places that a step may take or free, before its event is written.

    Offices write side by side on PostgreSQL; so the order of events is also the order in which places went,
    and a replay finds every place free when it did. SQLite has one writer at a time and needs no turn.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    asked = _requests(record, evidence)
    if asked:
        lines = select(QUOTA.c.request).where(QUOTA.c.request.in_(asked)).order_by(QUOTA.c.request)
        session.execute(lines.with_for_update())
    if record.flow != "application":
        return
    row = session.execute(_held_by(record.subject)).one_or_none()
    wanted = {SlotPlace(*row)} if row else set()
    if hasattr(evidence, "entry_on"):
        place = SlotPlace(evidence.gate, evidence.entry_on, evidence.band or places.WHOLE_DAY)
        capacity = places.bands(ruleset, place.gate).get(place.band)
        if capacity is not None:
            insert_once(session, SLOT, _key(place) | {"capacity": capacity, "taken": 0})
            wanted.add(place)
    for place in sorted(wanted, key=lambda one: (one.gate, one.day, one.band)):
        session.execute(select(SLOT.c.taken).filter_by(**_key(place)).with_for_update())


def _requests(record: Record, evidence: Evidence) -> set[str]:
    """Name the requests in which a case has or takes places; a worker's employers may belong to several offices."""
    if record.flow == "request":
        return {record.subject}
    if record.flow not in FOLLOWERS:
        return set()
    stated = (*(done.evidence for done in record.history), evidence)
    return {request for one in stated if (request := getattr(one, "request", ""))}


def _held_by(application: str) -> Select:
    return select(SLOT_HELD.c.gate, SLOT_HELD.c.day, SLOT_HELD.c.band).filter_by(application=application)


def _key(place: SlotPlace) -> dict[str, object]:
    return {"gate": place.gate, "day": place.day, "band": place.band}


def _slot(place: SlotPlace) -> Update:
    return update(SLOT).filter_by(**_key(place))


Follower = Callable[[Session, Record, Done, Ruleset], None]
FOLLOWERS: dict[str, Follower] = {
    "request": follow_request,
    "application": follow_application,
    "permit": follow_permit,
}
"""By flow: places are worked out anew with every event of a case."""
