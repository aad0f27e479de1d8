"""What the page of a permit shows beside every case's: conditions, periods with their terms, employers, stays, notices."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select

from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.conditions import Condition, conditions
from workflow.domain.measure import MeasureDraft
from workflow.domain.permit import EndReason
from workflow.domain.record import Facts, Record
from workflow.domain.spells import Employment, Period, Stay, employments, periods, stays
from workflow.domain.validity import Term, terms
from workflow.domain.words import N_
from workflow.store.history import CaseNotFound
from workflow.store.projections import RegisterEntry
from workflow.web import narrow
from workflow.web.choices import ruled_label
from workflow.web.shown import language, show_date, show_money

ORDERED = N_("Shortened by the registrar's order")


@dataclass(frozen=True, slots=True)
class Told:
    """A condition in words: what holds, how it weighs, since or by when, what follows from it."""

    label: str
    weight: str
    when: str


@dataclass(frozen=True, slots=True)
class Work:
    """Work for one employer as it is shown to one reader."""

    employer: str
    spell: Employment
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """A notice as it was given, with what it was about."""

    label: str
    employer: str
    about_on: date | None
    given_at: date | datetime
    number: str


@dataclass(frozen=True, slots=True)
class Sojourn:
    """A stay with the name of its gate; without one it rests on a report."""

    stay: Stay
    gate: str


@dataclass(frozen=True, slots=True)
class PermitPanel:
    """All that is shown of a permit; `measure` says which one lies over it and what it gives."""

    conditions: list[Told]
    measure: str
    periods: tuple[Period, ...]
    terms: tuple[Term, ...]
    works: list[Work]
    sojourns: list[Sojourn]
    notices: list[Given]


def panel_of(desk: Desk, actor: Actor, record: Record, facts: Facts) -> PermitPanel | None:
    """Gather what is shown of a permit to one actor; nothing for another case."""
    if record.flow != "permit":
        return None
    wide, own = not narrow.is_narrow(actor.role), narrow.part_of(actor, record)
    return PermitPanel(
        conditions=[told(one) for one in conditions(record, facts)] if own is record else [],
        measure=_measure(desk, record) if own is record else "",
        periods=periods(own),
        terms=_terms(desk, own, facts) if wide else (),
        works=list(_works(desk, actor, record)) if wide else [],
        sojourns=[_sojourn(stay, facts) for stay in reversed(stays(own))],
        notices=list(_notices(desk, actor, record)) if wide else [],
    )


def told(one: Condition) -> Told:
    """Put a condition into words."""
    day = show_date(one.on)
    parts = [gettext("by %(date)s", date=day) if one.due else day] if day else []
    if one.name in ("expired", "overstay") and one.days:
        parts.append(gettext("days so far: %(days)s", days=one.days))
    if one.waived:
        parts.append(gettext("no fine: waived by the rules in force"))
    if one.fine is not None:
        parts.append(gettext("fine so far %(sum)s", sum=show_money(one.fine)))
    if one.number:
        parts.append(gettext("receipt %(number)s", number=one.number))
    return Told(gettext(one.label), one.weight.value, " · ".join(parts))


def _measure(desk: Desk, record: Record) -> str:
    """Write which measure lies over a permit, and to when it gives permit and stay."""
    laid = record.measured
    entry = desk.session.get(RegisterEntry, laid.measure) if laid else None
    if laid is None or entry is None:
        return ""
    days = {
        "from_on": show_date(MeasureDraft.read(entry.stated).from_on),
        "until": show_date(laid.valid_until),
    }
    if laid.stay_until is None:
        return gettext(
            "By the measure “%(title)s” of %(from_on)s: permit until %(until)s", title=entry.name, **days
        )
    text = N_("By the measure “%(title)s” of %(from_on)s: permit until %(until)s, stay until %(stay)s")
    return gettext(text, title=entry.name, stay=show_date(laid.stay_until), **days)


def _terms(desk: Desk, record: Record, facts: Facts) -> tuple[Term, ...]:
    """List the terms of the newest period as they stood when it was ordered, the one that decides marked."""
    newest = periods(record)[-1]
    try:
        application = desk.record(newest.application)
    except CaseNotFound:
        return ()
    ordered = application.last("decide")
    if ordered is None:
        return ()
    then = replace(facts, ruleset=desk.ruleset(ordered.ruleset), on=newest.valid_from)
    found = terms(application, newest.valid_from, then)
    if all(term.until > newest.valid_until for term in found):
        found = tuple(replace(term, decides=False) for term in found)
        return (*found, Term("order", ORDERED, newest.valid_until, decides=True))
    return found


def _works(desk: Desk, actor: Actor, record: Record) -> Iterator[Work]:
    """List the employments; an employer is shown its own only."""
    reasons = {reason.value: reason.label for reason in EndReason}
    for spell in employments(record):
        if actor.role not in narrow.EMPLOYERS or spell.employer == actor.employer:
            yield Work(_name(desk, spell.employer), spell, gettext(reasons[spell.reason]) if spell.reason else "")


def _sojourn(stay: Stay, facts: Facts) -> Sojourn:
    gate = facts.ruleset.get("gates", {}).get(stay.gate)
    return Sojourn(stay, ruled_label(gate, language()) if gate else stay.gate)


def _notices(desk: Desk, actor: Actor, record: Record) -> Iterator[Given]:
    """List the notices given and what the district was told, the newest first."""
    for done in record.standing():
        stated = done.evidence
        if done.step not in ("give_notice", "tell_district") or not narrow.may_see(actor, done):
            continue
        name = _name(desk, stated.employer)
        if done.step == "give_notice":
            yield Given(gettext(stated.kind_of.label), name, stated.event_on, stated.given_on, stated.number)
        else:
            label = gettext("District told: %(matter)s", matter=gettext(stated.about.label))
            yield Given(label, name, None, stated.told_at, stated.told_to)


def _name(desk: Desk, employer: str) -> str:
    return desk.session.scalar(select(RegisterEntry.name).filter_by(subject=employer)) or employer
