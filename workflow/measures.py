"""Measures: prepared, tried over every permit they reach, applied by a second person, taken back, ended.

Permits are judged and their items staged a few hundred at a time, outside any lock and with commits between, so
that other desks go on working; then one short transaction an office lays them all. What an interruption leaves
undone is carried on by the next run.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, select

from workflow import casework
from workflow.casework import Act, Performed, batched, transaction
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import SYSTEM, Actor
from workflow.domain.flow import NotYours, OutOfTurn, Refusal, Refused, open_steps
from workflow.domain.measure import (
    FLOW,
    After,
    Before,
    Measure,
    MeasureDraft,
    MeasureEnd,
    MeasureLaid,
    MeasureLifted,
    MeasureOrder,
    MeasureReversal,
    MeasureTrial,
    effect,
    reaches,
)
from workflow.domain.record import Done, Record
from workflow.domain.rulesets import Ruleset, newest
from workflow.domain.words import N_
from workflow.lookups import facts_for
from workflow.store import measures as items
from workflow.store.chain import event_of_request, lock_chains
from workflow.store.history import CaseNotFound, record_of
from workflow.store.measures import IS_NEWEST, ITEM, TRIED, Values
from workflow.store.projections import Case, RegisterEntry
from workflow.store.truth import EventRow

AT_ONCE = 500
BREATH, LONG_BREATH = 0.005, 0.12
"""Seconds between two writing transactions, so that whoever waits for the store gets a turn."""
LIFT = ":lift"
NOTHING_FOUND = MeasureTrial(changed=0, unchanged=0, against=0, trial="", digest="")
NAMED = 5
"""So many cases are named in a refusal; the list of the dry run has them all."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a measure makes of one permit that it reaches."""

    reference: str
    before: Before
    result: After | Refusal


@dataclass(frozen=True, slots=True)
class AtOffice:
    """What was done at one office: how many permits, and which were left because they were acted on since."""

    office: str
    permits: int
    acted_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A measure with its rules and offices, each office with its province."""

    subject: str
    draft: MeasureDraft
    rules: Ruleset
    offices: dict[str, str]
    since: datetime


# preparing ----------------------------------------------------------------------------------


def rules_offered(desk: Desk) -> list[Ruleset]:
    """List the rulesets that a measure may bring: those of the register, each in its newest edition."""
    return sorted(newest(desk.rulesets()), key=lambda one: (one.effective_from, one.id), reverse=True)


def draft(desk: Desk, actor: Actor, stated: MeasureDraft, act: Act) -> Performed:
    """Prepare a measure under the newest text of its rules; raises Refused where the register has none of that name."""
    named = next((one for one in rules_offered(desk) if one.id == stated.ruleset), None)
    if named is None:
        raise Refused(
            [Refusal("no-ruleset", N_("The register holds no rules of this name."), field="ruleset")]
        )
    stated = replace(stated, under=named.digest)
    return casework.begin(desk, actor, "measure", "draft_measure", stated, act, chain=SYSTEM_CHAIN)


def measure_of(desk: Desk, name: str) -> Record:
    """Find a measure by its reference or sign; raises CaseNotFound."""
    mine = select(RegisterEntry.subject).filter_by(register="measure")
    wanted = mine.where((RegisterEntry.subject == name) | (RegisterEntry.reference == name))
    subject = desk.session.scalar(wanted) if name.isprintable() else None
    if subject is None:
        raise CaseNotFound(name)
    return record_of(desk.session, subject)


def measures(desk: Desk) -> list[RegisterEntry]:
    """List all measures, the newest first."""
    listed = select(RegisterEntry).filter_by(register="measure").order_by(RegisterEntry.reference.desc())
    return list(desk.session.scalars(listed))


def draft_of(record: Record) -> MeasureDraft:
    """Give what a measure brings."""
    return record.history[0].evidence


def plan_of(desk: Desk, record: Record) -> Plan:
    """Gather what a measure is judged by, and the offices that it reaches: once applied, those of the decision."""
    stated, tried, order = draft_of(record), record.last("record_dry_run"), record.last("apply_measure")
    since = (tried or record.history[0]).recorded_at
    offices = _decided(desk, order) if order else _reached(desk, stated)
    return Plan(record.subject, stated, desk.ruleset(stated.under), offices, since)


def _reached(desk: Desk, stated: MeasureDraft) -> dict[str, str]:
    listed = select(RegisterEntry.subject, RegisterEntry.stated).filter_by(register="office")
    offices = {row.subject: str(row.stated["province"]) for row in desk.session.execute(listed)}
    return {office: one for office, one in sorted(offices.items()) if one in stated.provinces}


def _decided(desk: Desk, order: Done) -> dict[str, str]:
    """Give each office of a decision the province that it had then, whatever its entry says since."""
    return {
        office: next(
            done.evidence.province
            for done in record_of(desk.session, office).standing()
            if hasattr(done.evidence, "province") and done.recorded_at <= order.recorded_at
        )
        for office in order.evidence.offices
    }


def judge(desk: Desk, plan: Plan, office: str, subjects: list[str]) -> Iterator[Judged]:
    """Judge some permits of an office; those that stay as they are are left out."""
    rules = plan.rules.within(plan.offices[office])
    for reference, before in items.read_permits(desk.session, subjects):
        if reaches(before, plan.draft):
            result = effect(before, rules, plan.draft)
            if isinstance(result, Refusal) or result.changes(before):
                yield Judged(reference, before, result)


# the dry run --------------------------------------------------------------------------------


def dry_run(desk: Desk, actor: Actor, name: str, act: Act) -> Performed:
    """Judge every permit that a measure reaches and list what would change; nothing changes."""
    record = measure_of(desk, name)
    if was_sent(desk, act):
        return casework.perform(desk, actor, record.subject, "record_dry_run", NOTHING_FOUND, act)
    may(desk, actor, record, "record_dry_run")
    plan, trial = plan_of(desk, record), desk.chance(16)
    act = replace(act, seen_version=act.seen_version or record.version)
    try:
        stated = _try(desk, plan, trial)
        done = casework.perform(desk, actor, plan.subject, "record_dry_run", stated, act)
    finally:
        _keep_list(desk, plan.subject)
    return done


def was_sent(desk: Desk, act: Act) -> bool:
    """Say whether the same request was carried out before: long work is not begun again for it."""
    return act.request_id is not None and event_of_request(desk.session, act.request_id) is not None


def _try(desk: Desk, plan: Plan, trial: str) -> MeasureTrial:
    """Judge all permits and keep what was found under the name of this run."""
    seen, changed, against = 0, 0, 0
    for office in plan.offices:
        for some in _handfuls(desk, office):
            found = list(judge(desk, plan, office, some))
            seen += len(some)
            changed += sum(isinstance(one.result, After) for one in found)
            against += sum(isinstance(one.result, Refusal) for one in found)
            lines = [_line(plan, trial, office, one) for one in found]
            _write(desk, lambda lines=lines: items.keep_trial(desk.session, lines))
    return MeasureTrial(
        changed=changed,
        unchanged=seen - changed - against,
        against=against,
        trial=trial,
        digest=items.trial_digest(desk.session, trial),
        under=plan.draft.under,
    )


def _keep_list(desk: Desk, measure: str) -> None:
    """Only the list of the newest dry run is kept."""
    desk.session.rollback()
    with transaction(desk):
        items.forget_trials(desk.session, measure, trial_of(record_of(desk.session, measure)))


def trial_of(record: Record) -> str:
    """Name the list of the newest dry run of a measure; empty where there was none."""
    tried = record.last("record_dry_run")
    return tried.evidence.trial if tried else ""


def _handfuls(desk: Desk, office: str) -> Iterator[list[str]]:
    every = items.permits_of(desk.session, office)
    desk.session.rollback()
    yield from batched(every, AT_ONCE)


def _write(desk: Desk, keep: Callable[[], None], breath: float = BREATH) -> None:
    """Write in a short transaction of its own, then let others write."""
    desk.session.rollback()
    with transaction(desk):
        keep()
    time.sleep(breath)


def _line(plan: Plan, trial: str, office: str, one: Judged) -> Values:
    before, result = one.before, one.result
    if isinstance(result, Refusal):
        same = After(before.valid_until, before.stay_until, before.flags)
        return items.tried(items.item(plan.subject, office, before, same), trial, one.reference, result)
    return items.tried(items.item(plan.subject, office, before, result), trial, one.reference)


def may(desk: Desk, actor: Actor, record: Record, step: str) -> None:
    """Raise OutOfTurn, NotYours or Refused where an actor may not do a step now, before long work is begun for it."""
    if not any(row.name == step for row in FLOW.open_rows(record.state, record.flags)):
        raise OutOfTurn(step)
    facts = facts_for(desk, record, None, actor, desk.now())
    found = next((one for one in open_steps(FLOW, record, actor, facts) if one.name == step), None)
    if found is None:
        raise NotYours(step)
    if found.against:
        raise Refused(found.against)


# applying -----------------------------------------------------------------------------------


def apply(desk: Desk, actor: Actor, name: str, act: Act) -> Performed:
    """Judge all anew, decide as a second person, and lay the measure over the permits of each office.

    Raises Refused, with nothing applied, where a permit that moved since the dry run cannot be any more.
    """
    record = measure_of(desk, name)
    if was_sent(desk, act):
        order = MeasureOrder()
    else:
        may(desk, actor, record, "apply_measure")
        act = replace(act, seen_version=act.seen_version or record.version)
        order = _stage(desk, plan_of(desk, record), trial_of(record))
    done = casework.perform(desk, actor, record.subject, "apply_measure", order, act)
    for _ in lay_open(desk, done.record):
        time.sleep(LONG_BREATH)
    return done


def _stage(desk: Desk, plan: Plan, trial: str) -> MeasureOrder:
    """Judge all permits as they stand now and stage what becomes of them; raises Refused where one cannot be."""
    changed = 0
    for office in plan.offices:
        for some in _handfuls(desk, office):
            found = list(judge(desk, plan, office, some))
            _refuse_against(found)
            staged = [items.item(plan.subject, office, one.before, one.result) for one in found]
            _write(desk, lambda staged=staged: items.keep_items(desk.session, staged))
            changed += len(staged)
    return MeasureOrder(
        changed=changed,
        moved=len(moved(desk, plan.subject, trial)),
        offices=tuple(plan.offices),
        under=plan.draft.under,
    )


def _refuse_against(found: list[Judged]) -> None:
    against = [one for one in found if isinstance(one.result, Refusal)]
    if against:
        text = N_(
            "Since the dry run these permits would fall out of the rules: %(cases)s. Try the measure again."
        )
        raise Refused(
            [Refusal("measure-moved", text, {"cases": ", ".join(one.reference for one in against[:NAMED])})]
        )


def moved(desk: Desk, measure: str, trial: str) -> list[str]:
    """List the permits that were judged otherwise than in the dry run, or no more."""
    same = (
        TRIED.c.measure == ITEM.c.measure,
        TRIED.c.trial == trial,
        TRIED.c.subject == ITEM.c.subject,
        *(TRIED.c[name].is_not_distinct_from(ITEM.c[name]) for name in items.JUDGED),
    )
    anew = select(ITEM.c.subject).where(
        ITEM.c.measure == measure, IS_NEWEST, ~exists().where(*same).correlate(ITEM)
    )
    kept = (*same, ITEM.c.measure == measure, IS_NEWEST)
    gone = select(TRIED.c.subject).where(
        TRIED.c.trial == trial, TRIED.c.against.is_(None), ~exists().where(*kept).correlate(TRIED)
    )
    return sorted({*desk.session.scalars(anew), *desk.session.scalars(gone)})


def lay_open(desk: Desk, record: Record) -> Iterator[AtOffice]:
    """Lay an applied measure at every office where it is not laid yet, one transaction each."""
    plan = plan_of(desk, record)
    for office in _left(desk, record, ""):
        with transaction(desk):
            laid = _lay_at(desk, plan, office)
        if laid is not None:
            yield laid


def _lay_at(desk: Desk, plan: Plan, office: str) -> AtOffice | None:
    """Under the lock of the office: judge anew what moved since, bind all items, change all copies."""
    session, subject = desk.session, laying(plan.subject, office)
    lock_chains(session, office)
    if event_of_request(session, subject) is not None:
        return None
    meanwhile = {*_since(desk, office, plan.since), *items.overtaken(session, plan.subject, office)}
    for some in batched(sorted(meanwhile), AT_ONCE):
        found = [one for one in judge(desk, plan, office, some) if isinstance(one.result, After)]
        items.keep_items(session, [items.item(plan.subject, office, one.before, one.result) for one in found])
    passed_over = tuple(items.stale_items(session, plan.subject, office))
    changed, digest = items.bound(session, plan.subject, office, passed_over)
    stated = MeasureLaid(
        measure=plan.subject,
        changed=changed,
        digest=digest,
        passed_over=passed_over,
        province=plan.offices[office],
        under=plan.draft.under,
    )
    act = Act(request_id=subject)
    casework.open_subject(
        desk, SYSTEM, "laying", "lay_measure", stated, act, chain=office, key=subject, subject=subject
    )
    return AtOffice(office, changed)


def laying(measure: str, office: str) -> str:
    """Name what holds a measure at an office."""
    return f"la-{measure}-{office}"


def _since(desk: Desk, office: str, moment: datetime) -> list[str]:
    later = select(Case.subject).filter_by(office=office, flow="permit", state="active")
    return list(desk.session.scalars(later.where(Case.moved_at >= moment)))


# taking back, ending ------------------------------------------------------------------------


def revert(desk: Desk, actor: Actor, name: str, why: MeasureReversal, act: Act) -> Performed:
    """Take a measure back: permits that nobody acted on since are as before, the others are listed and keep it."""
    record = measure_of(desk, name)
    if not was_sent(desk, act):
        may(desk, actor, record, "revert_measure")
    for _ in lay_open(
        desk, record
    ):  # what an interruption left unlaid is laid first, so that all of it is lifted
        time.sleep(LONG_BREATH)
    stated = replace(why, under=draft_of(record).under)
    done = casework.perform(desk, actor, record.subject, "revert_measure", stated, act)
    for _ in lift_open(desk, done.record):
        time.sleep(LONG_BREATH)
    return done


def lift_open(desk: Desk, record: Record) -> Iterator[AtOffice]:
    """Lift a measure that was taken back from every office where it still lies, one transaction each."""
    for office in _left(desk, record, LIFT):
        with transaction(desk):
            lifted = _lift_at(desk, record, office)
        if lifted is not None:
            yield lifted


def _left(desk: Desk, record: Record, part: str) -> list[str]:
    """List the offices at which a part of an applied measure is still to be done; asked again under the lock of each."""
    every = {
        f"{laying(record.subject, office)}{part}": office
        for office in record.last("apply_measure").evidence.offices
    }
    done = set(desk.session.scalars(select(EventRow.request_id).where(EventRow.request_id.in_(list(every)))))
    return [office for name, office in every.items() if name not in done]


def _lift_at(desk: Desk, record: Record, office: str) -> AtOffice | None:
    session, subject = desk.session, laying(record.subject, office)
    lock_chains(session, office)
    if (
        event_of_request(session, subject) is None
        or event_of_request(session, f"{subject}{LIFT}") is not None
    ):
        return None
    laid = record_of(session, subject).history[0].evidence
    acted_on = _acted_on(desk, record.subject, office, laid.passed_over)
    untouched = laid.changed - len(acted_on)
    gone = _lifted_at(desk, office)
    stated = MeasureLifted(untouched=untouched, acted_on=acted_on, gone=gone, under=laid.under)
    casework.perform_within(desk, SYSTEM, subject, "lift_measure", stated, Act(request_id=f"{subject}{LIFT}"))
    return AtOffice(office, untouched, acted_on)


def _acted_on(desk: Desk, measure: str, office: str, passed_over: tuple[str, ...]) -> tuple[str, ...]:
    """List the permits under a measure on which something was done since, or another measure laid."""
    as_laid = (
        IS_NEWEST & (Case.version == ITEM.c.version) & (Case.measure == measure) & (Case.state == "active")
    )
    asked = (
        select(ITEM.c.subject, items.NAME.label("name"))
        .outerjoin(Case, Case.subject == ITEM.c.subject)
        .where(ITEM.c.measure == measure, ITEM.c.office == office, ~func.coalesce(as_laid, False))
        .order_by(ITEM.c.subject)
    )
    rows, out = desk.session.execute(asked).all(), set(passed_over)
    return tuple(row.subject for row in rows if row.name not in out)


def _lifted_at(desk: Desk, office: str) -> tuple[str, ...]:
    """List the measures that were lifted at an office, the one laid last first."""
    rows = select(EventRow.subject).filter_by(flow="laying", chain=office)
    lifted = rows.where(EventRow.step == "lift_measure")
    laid = rows.where(EventRow.number == 1, EventRow.subject.in_(lifted)).order_by(EventRow.position.desc())
    return tuple(record_of(desk.session, one).history[0].evidence.measure for one in desk.session.scalars(laid))


def end(desk: Desk, actor: Actor, name: str, how: MeasureEnd, act: Act) -> Performed:
    """End a measure, or drop one that was never applied."""
    record = measure_of(desk, name)
    stated = replace(how, under=draft_of(record).under)
    return casework.perform(desk, actor, record.subject, "end_measure", stated, act)


LONG = ("record_dry_run", "apply_measure", "revert_measure")
"""The steps that go through all permits."""


def carry_out(desk: Desk, actor: Actor, name: str, step: str, reason: str, act: Act) -> Performed:
    """Do one of the long steps on a measure; only taking it back has a reason."""
    if step == "record_dry_run":
        return dry_run(desk, actor, name, act)
    if step == "apply_measure":
        return apply(desk, actor, name, act)
    return revert(desk, actor, name, MeasureReversal(reason=reason), act)


def progress(desk: Desk, record: Record, step: str) -> tuple[int, int]:
    """Say how far a long step has come: permits while they are judged, then offices; how many of how many."""
    if record.state in (Measure.APPLIED, Measure.REVERTED):
        part, offices = (
            LIFT if step == "revert_measure" else "",
            record.last("apply_measure").evidence.offices,
        )
        return len(offices) - len(_left(desk, record, part)), len(offices)
    if step == "apply_measure":
        staged = select(func.count(ITEM.c.subject.distinct())).where(ITEM.c.measure == record.subject)
        return desk.session.scalar(staged) or 0, record.last("record_dry_run").evidence.changed
    found = select(func.count()).where(TRIED.c.measure == record.subject, TRIED.c.trial != trial_of(record))
    live = select(func.count()).where(
        Case.office.in_(plan_of(desk, record).offices), Case.flow == "permit", Case.state == "active"
    )
    return desk.session.scalar(found) or 0, desk.session.scalar(live) or 0


def carry_on(desk: Desk) -> list[AtOffice]:
    """Finish at every office what an interruption left: measures not laid everywhere, or not lifted."""
    found: list[AtOffice] = []
    for entry in measures(desk):
        record = (
            record_of(desk.session, entry.subject)
            if entry.state in ("applied", "ended", "reverted")
            else None
        )
        if record is not None and record.last("apply_measure") is not None:
            found += lift_open(desk, record) if record.state == Measure.REVERTED else lay_open(desk, record)
    return found


def at_offices(desk: Desk, record: Record) -> list[tuple[str, Record | None]]:
    """Tell for each office of an applied measure where it stands there; nothing where it is not laid yet."""
    order = record.last("apply_measure")
    return [
        (office, _laid(desk, record.subject, office)) for office in (order.evidence.offices if order else ())
    ]


def _laid(desk: Desk, measure: str, office: str) -> Record | None:
    try:
        return record_of(desk.session, laying(measure, office))
    except CaseNotFound:
        return None
