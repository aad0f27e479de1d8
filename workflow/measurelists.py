"""The lists of a measure: what its dry run found, what moved since, which permits were acted on and keep it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from workflow import measures
from workflow.desk import Desk
from workflow.domain.actor import Actor, OfficeKind
from workflow.domain.flow import Refusal
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.store.measures import IS_NEWEST, ITEM, TRIED
from workflow.store.projections import Case
from workflow.visibility import offices_of

A_PAGE = 50
KINDS: dict[str, str] = {
    "changed": N_("Permits that change"),
    "against": N_("Permits that cannot be"),
    "moved": N_("Moved since the dry run"),
    "acted_on": N_("Acted on since, not taken back"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One permit of a list: before, after, and what stands against it."""

    reference: str
    office: str
    was_until: date
    until: date
    was_stay: date | None
    stay: date | None
    was_flags: frozenset[str]
    flags: frozenset[str]
    against: Refusal | None


def counted(desk: Desk, actor: Actor, record: Record) -> dict[str, int]:
    """Count the lines of each list that an actor may see."""
    wanted = {kind: _list(desk, actor, record, kind) for kind in KINDS}
    return {
        kind: desk.session.scalar(select(func.count()).select_from(one.subquery())) or 0
        for kind, one in wanted.items()
    }


def page_of(desk: Desk, actor: Actor, record: Record, kind: str, page: int) -> list[Line]:
    """Give one page of a list."""
    asked = _list(desk, actor, record, kind)
    return list(_lines(desk, asked.offset((page - 1) * A_PAGE).limit(A_PAGE)))


def whole(desk: Desk, actor: Actor, record: Record, kind: str) -> Iterator[Line]:
    """Give a whole list, a few hundred lines at a time."""
    yield from _lines(desk, _list(desk, actor, record, kind).execution_options(yield_per=500))


def _lines(desk: Desk, asked: Select[tuple[object, ...]]) -> Iterator[Line]:
    for row in desk.session.execute(asked):
        yield Line(
            reference=row.reference,
            office=row.office,
            was_until=row.was_until,
            until=row.until,
            was_stay=row.was_stay,
            stay=row.stay,
            was_flags=frozenset(filter(None, row.was_flags.split(","))),
            flags=frozenset(filter(None, row.flags.split(","))),
            against=_against(row.against),
        )


def _against(told: str | None) -> Refusal | None:
    return Refusal(*json.loads(told)) if told else None


COLUMNS = ("office", "was_until", "until", "was_stay", "stay", "was_flags", "flags")


def _list(desk: Desk, actor: Actor, record: Record, kind: str) -> Select[tuple[object, ...]]:
    if kind in ("changed", "against"):
        refused = TRIED.c.against.is_(None) if kind == "changed" else TRIED.c.against.is_not(None)
        columns = (TRIED.c.reference, TRIED.c.against, *(TRIED.c[name] for name in COLUMNS))
        tried = select(*columns).where(TRIED.c.trial == measures.trial_of(record), refused)
        return tried.where(_seen(desk, actor, TRIED.c.office)).order_by(TRIED.c.office, TRIED.c.reference)
    return _of_items(desk, actor, record, kind)


def _of_items(desk: Desk, actor: Actor, record: Record, kind: str) -> Select[tuple[object, ...]]:
    if kind == "moved":
        trial = measures.trial_of(record)
        subjects = measures.moved(desk, record.subject, trial) if record.last("apply_measure") else []
    else:
        laid = (
            one
            for _, one in measures.at_offices(desk, record)
            if one is not None and one.last("lift_measure")
        )
        subjects = [subject for one in laid for subject in one.history[-1].evidence.acted_on]
    mine = and_(ITEM.c.subject == Case.subject, ITEM.c.measure == record.subject, IS_NEWEST)
    now = {"office": Case.office, "was_until": Case.valid_until, "until": Case.valid_until, "was_stay": Case.stay_until,
           "stay": Case.stay_until, "was_flags": Case.flags, "flags": Case.flags}  # fmt: skip
    columns = (func.coalesce(ITEM.c[name], now[name]).label(name) for name in COLUMNS)
    none = func.nullif(Case.reference, Case.reference).label("against")
    asked = select(Case.reference, none, *columns).outerjoin(ITEM, mine).where(Case.subject.in_(subjects))
    return asked.where(_seen(desk, actor, Case.office)).order_by(Case.office, Case.reference)


def _seen(desk: Desk, actor: Actor, office: ColumnElement[str]) -> ColumnElement[bool]:
    """Whoever has a province sees its offices, a district office its own cases."""
    if actor.province is None:
        return true()
    if actor.office_kind is OfficeKind.DISTRICT:
        return office == actor.office
    return or_(office.in_(offices_of(desk, actor.province)), office == actor.office)
