"""The verbs of the office. Nothing else moves a case or commits process truth.

begin    a new request, register entry, ...      perform    a step on a case
perform_many   one step over a selection          replay     make all copies again from the events
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from workflow import lookups, naming, paperwork
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.blanks import Blanks, UsedForm, read_number
from workflow.domain.documents import DOCUMENTS, paper_number
from workflow.domain.everywhere import Correction, Reason
from workflow.domain.evidence import Ask, Evidence, Nothing, questions, read_whole
from workflow.domain.flow import (
    START,
    Cause,
    Kin,
    NotYours,
    Outcome,
    Refusal,
    Refused,
    StepFault,
    advance,
    refusals,
)
from workflow.domain.flows import FLOWS
from workflow.domain.names import pass_key
from workflow.domain.paper import Frozen
from workflow.domain.permit import PermitEnd
from workflow.domain.places import standing_plan
from workflow.domain.record import Done, Facts, Record
from workflow.domain.references import SERIES
from workflow.domain.registers import Worker as WorkerFacts
from workflow.domain.request import EntryList
from workflow.domain.rulesets import NoRuleset
from workflow.domain.thai import bangkok_date, be_year
from workflow.domain.validity import current_pass
from workflow.domain.words import N_
from workflow.naming import Told
from workflow.store import places
from workflow.store.canonical import as_stored, canonical
from workflow.store.chain import Entry, Envelope, append, event_of_request, lock_chains
from workflow.store.counters import next_number, write_number
from workflow.store.database import begin_write, waited_for_each_other
from workflow.store.doubles import standing_elsewhere
from workflow.store.history import CaseNotFound, begun, grown, record_before, record_of
from workflow.store.persons import entry_now
from workflow.store.projecting import PROCESS_NAMES, project
from workflow.store.projections import Case, Document
from workflow.store.truth import EventRow, PayloadRow
from workflow.visibility import visible_to

T = TypeVar("T")
TELLS_OF_PERSON = frozenset({"check_identity", "replace_travel_document", "enter_numbers"})
"""The steps from which the register of workers learns who somebody is."""
TAKEN_OVER = (
    *(("name_latin",), ("name_khmer",), ("name_thai",), ("sex",)),
    *(("birth_on", "birth_precision"), ("foreigner_number",)),
)
"""What the entry that stays learns from the one given up, where it knew nothing."""
COMMIT_EVERY = 50
TURNS = 4
"""So often an act is tried that other offices get in the way of."""
STOPPED = Refusal("kin-stopped", N_("What this would change is stopped or has ended; settle that first."))
PRIVATE = frozenset({Role.EMPLOYER, Role.AGENT, Role.WORKER})
"""Whose names go into the sealed payload: the envelope, readable for ever, names officials only."""


class Moved(StepFault):
    """Another person moved the case since it was read; `record` is the case as it stands now."""

    def __init__(self, record: Record) -> None:
        self.record = record
        super().__init__(record.reference)


class OtherContent(StepFault):
    """The same request was sent before with other content; what was done then stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The circumstances of one act, beside its evidence.

    `request_id` makes it safe to repeat; `seen_version` is the version that the person had before the
    eyes; `happened_at` is set when the thing happened earlier than it is recorded; `blank` is the number of
    the form on which it was written while the power was cut (P17).
    """

    request_id: str | None = None
    seen_version: int | None = None
    happened_at: datetime | None = None
    on_behalf_of: Role | None = None
    scan: str | None = None
    note: str | None = None
    blank: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """What an act did: the case after it, its event, and the papers that it owes."""

    record: Record
    done: Done
    papers: tuple[str, ...] = ()
    repeated: bool = False


def perform(
    desk: Desk,
    actor: Actor,
    subject: str,
    step: str,
    evidence: Evidence | None = None,
    act: Act | None = None,
) -> Performed:
    """Do a step on a case and commit it with everything that follows from it, or change nothing.

    Raises CaseNotFound, OutOfTurn, NotYours, Refused (with reasons), Moved, OtherContent.
    """

    def once() -> Performed:
        with transaction(desk):
            return perform_within(desk, actor, subject, step, evidence or Nothing(), act or Act())

    return again_if_raced(once)


def begin(
    desk: Desk,
    actor: Actor,
    flow: str,
    step: str,
    evidence: Evidence,
    act: Act | None = None,
    *,
    chain: str,
    subject: str | None = None,
    key: str | None = None,
) -> Performed:
    """Open a new subject of a flow in a chain (an office, or the system) and commit it.

    `key` names whose data it holds, where that is not the subject itself.
    """

    def once() -> Performed:
        own = subject or f"{flow[:2]}{desk.chance(14)}"
        with transaction(desk):
            repeated = _repeated(desk, actor, act or Act(), own, step, evidence, any_subject=True)
            return repeated or _open(desk, actor, flow, step, evidence, act or Act(), chain, own, key or own)

    return again_if_raced(once)


def again_if_raced(act: Callable[[], T]) -> T:
    """Look again when another office stored the same worker, number or request between look and act.

    So too where two offices waited for each other and the database sent this one back.
    """
    for _ in range(TURNS - 1):
        try:
            return act()
        except IntegrityError:
            break
        except OperationalError as sent_back:
            if not waited_for_each_other(sent_back):
                raise
    with in_words():
        return act()


@contextmanager
def in_words() -> Iterator[None]:
    """Tell what a known constraint of the store keeps apart as a refusal, in words of the office; raise any other."""
    try:
        yield
    except IntegrityError as doubled:
        known = standing_elsewhere(str(doubled.orig))
        if known is None:
            raise
        raise Refused([known]) from doubled


@contextmanager
def rules_known(at: datetime) -> Iterator[None]:
    """Tell as a refusal, in words, that no ruleset covers the day on which something is said to have happened."""
    try:
        yield
    except NoRuleset as unknown:
        text = N_("For %(on)s no rules are known here; look at the day again.")
        raise Refused([Refusal("no-rules", text, {"on": bangkok_date(at)}, "happened_at")]) from unknown


@contextmanager
def transaction(desk: Desk) -> Iterator[None]:
    """One writing transaction: committed whole, or nothing of it; the desk reads afresh around it."""
    desk.forget()
    begin_write(desk.session)
    try:
        yield
        desk.session.commit()
    except BaseException:
        desk.session.rollback()
        raise
    finally:
        desk.forget()


def open_subject(
    desk: Desk,
    actor: Actor,
    flow: str,
    step: str,
    evidence: Evidence,
    act: Act,
    *,
    chain: str,
    key: str,
    subject: str | None = None,
) -> Performed:
    """Open a subject within a writing transaction that is open already; `key` names whose data it holds."""
    subject = subject or f"{flow[:2]}{desk.chance(14)}"
    repeated = _repeated(desk, actor, act, subject, step, evidence, any_subject=True)
    return repeated or _open(desk, actor, flow, step, evidence, act, chain, subject, key)


def carry_on(desk: Desk, actor: Actor, record: Record, step: str, evidence: Evidence) -> Performed:
    """Do one more step on a case just opened, within the same transaction."""
    return _carry_out(desk, actor, record, step, evidence, Act(), key_of(desk, record.subject))


def employer_of(request: Record) -> str:
    """Give the employer of a request."""
    return request.last("draft_request", "revise_draft", "complete_request").evidence.employer


# one step -----------------------------------------------------------------------------------


def perform_within(
    desk: Desk, actor: Actor, subject: str, step: str, evidence: Evidence, act: Act
) -> Performed:
    """Do a step within a writing transaction that is open already; see `perform`."""
    chain = _chain_of(desk, subject)
    pile = lookups.pile_of(desk, act.blank) if act.blank else None
    lock_chains(desk.session, chain, *([pile.office] if pile else []))
    repeated = _repeated(desk, actor, act, subject, step, evidence)
    if repeated:
        return repeated
    record = record_of(desk.session, subject)
    must_see(desk, actor, record)
    if act.seen_version is not None and act.seen_version != record.version:
        raise Moved(record)
    return _carry_out(desk, actor, record, step, evidence, act, key_of(desk, subject))


def _open(
    desk: Desk,
    actor: Actor,
    flow: str,
    step: str,
    evidence: Evidence,
    act: Act,
    chain: str,
    subject: str,
    key: str,
    cause: int | None = None,
) -> Performed:
    lock_chains(desk.session, chain)
    record = Record(flow=flow, subject=subject, reference=subject, office=chain)
    return _carry_out(desk, actor, record, step, evidence, act, key, cause)


def _carry_out(
    desk: Desk,
    actor: Actor,
    record: Record,
    step: str,
    evidence: Evidence,
    act: Act,
    key: str,
    cause: int | None = None,
) -> Performed:
    now = desk.now()
    at = act.happened_at or now
    _refuse_a_wrong_time(record, actor, at, now, act)
    with rules_known(at):
        facts = lookups.facts_for(desk, record, evidence, actor, at, now)
    _judge_correction(desk, record, step, evidence)
    outcome = advance(FLOWS[record.flow], record, step, evidence, actor, facts)
    behalf = _behalf(outcome, actor, act)
    evidence, numbers = _numbered(desk, record, outcome.evidence, facts)
    envelope = Envelope(
        chain=record.office,
        flow=record.flow,
        subject=record.subject,
        number=record.version + 1,
        step=step,
        source=record.state,
        target=outcome.target,
        flags=tuple(sorted(outcome.flags)),
        person=actor.person,
        account=actor.account,
        role=actor.role.value,
        name="" if actor.role in PRIVATE else actor.name,
        position="" if actor.role in PRIVATE else actor.position,
        office=actor.office,
        on_behalf_of=behalf,
        session=act.session,
        request_id=act.request_id,
        request_digest=_digest(record.subject, step, evidence) if act.request_id else None,
        happened_at=at,
        recorded_at=now,
        ruleset=facts.ruleset.digest,
        kind=type(evidence).kind(),
        kind_version=type(evidence).VERSION,
        papers=outcome.row.papers,
        numbers=numbers or None,
        corrects=_corrects(record, step),
        cause=cause,
    )
    payload = {"evidence": evidence.plain(), "scan": act.scan, "note": act.note}
    if actor.role in PRIVATE:
        payload["by"] = actor.name
    if act.blank:
        payload["blank"] = act.blank
    places.in_turn(desk.session, record, _stated_now(record, step, evidence), facts.ruleset)
    entry = _append(desk, envelope, payload, key)
    told = naming.told_by_correction(record) if step == "confirm_correction" else {}
    record = grown(record if record.version else begun(entry), entry)
    done = record.history[-1]
    _follow(desk, record, done)
    _use_form(desk, actor, record, done, entry.position)
    for consequence in outcome.row.causes:
        _bring_about(desk, consequence, record, evidence, facts, entry.position)
    _after(desk, actor, record, done, told, entry.position)
    papers = _owe(desk, actor, record, done, facts, outcome.row.papers, key, entry.position)
    return Performed(record, done, papers)


def _append(desk: Desk, envelope: Envelope, payload: dict[str, Any], key: str) -> Entry:
    """Append an event and give it as it will be read back: the copies follow what is stored, not what was typed."""
    stored = append(desk.session, envelope, payload, key)
    kept = as_stored(replace(envelope, recorded_at=stored.recorded_at).plain())
    return Entry(stored.position, stored.seq, stored.hash, Envelope.read(kept), as_stored(payload))


def _chain_of(desk: Desk, subject: str) -> str:
    chain = desk.session.scalar(select(EventRow.chain).where(EventRow.subject == subject).limit(1))
    if chain is None:
        raise CaseNotFound(subject)
    return chain


def key_of(desk: Desk, subject: str) -> str:
    """Say under whose key a case is sealed.

    A case is sealed under the key of the person whom it is about: that of its first event.
    """
    first = (
        select(PayloadRow.key_subject)
        .join(EventRow, EventRow.position == PayloadRow.position)
        .where(EventRow.subject == subject, EventRow.number == 1)
    )
    return desk.session.scalars(first).one()


def must_see(desk: Desk, actor: Actor, record: Record) -> None:
    """Raise CaseNotFound for a case that the actor may not see."""
    if record.flow not in PROCESS_NAMES:
        return
    seen = select(Case.subject).where(Case.subject == record.subject, visible_to(desk, actor))
    if desk.session.scalar(seen) is None:
        raise CaseNotFound(record.subject)


def _refuse_a_wrong_time(record: Record, actor: Actor, at: datetime, now: datetime, act: Act) -> None:
    reasons = []
    if actor.role in PRIVATE and bangkok_date(at) < bangkok_date(now):
        text = N_("What you send yourself bears the day on which you send it.")
        reasons.append(Refusal("own-day", text, field="happened_at"))
    if at > now + timedelta(seconds=1):
        reasons.append(Refusal("future", N_("This time lies in the future."), field="happened_at"))
    if record.history and bangkok_date(at) < bangkok_date(record.history[0].happened_at):
        reasons.append(Refusal("before-case", N_("This time lies before the case began."), field="happened_at"))
    if act.blank and act.happened_at is None:
        text = N_("What was written on a form bears the time that stands on it.")
        reasons.append(Refusal("form-time", text, field="happened_on"))
    if bangkok_date(at) != bangkok_date(now) and not act.note and not act.blank:
        reasons.append(Refusal("late-entry", N_("An entry for an earlier day needs its reason."), field="note"))
    if reasons:
        raise Refused(reasons)


def _use_form(desk: Desk, actor: Actor, record: Record, done: Done, position: int) -> None:
    """The form on which an entry was first written is used up by it; raises Refused where it cannot be."""
    if not done.blank:
        return
    pile = lookups.pile_of(desk, done.blank)
    if pile is None:
        raise Refused([Refusal("form-unknown", N_("No form was reserved under this number."), field="blank")])
    if pile.state != Blanks.READY:
        text = N_("The forms of this reservation were accounted for; none of them can be used any more.")
        raise Refused([Refusal("form-accounted", text, field="blank")])
    used = UsedForm(
        form=read_number(done.blank)[1],
        flow=record.flow,
        step=done.step,
        office=actor.office or "",
        case=record.subject,
        event=done.number,
        done_at=done.happened_at,
    )
    _carry_out(desk, SYSTEM, pile, "use_form", used, Act(), pile.subject, position)


def _follow(desk: Desk, record: Record, done: Done) -> None:
    """Let the copies follow; what their constraints refuse stands in another file already."""
    with in_words():
        project(desk.session, record, done, desk.ruleset)


def _judge_correction(desk: Desk, record: Record, step: str, evidence: Evidence) -> None:
    """Corrected facts pass the same guards as the entry that they correct, as of its (corrected) day; raises Refused."""
    correction = _correction(record, step, evidence)
    old = next((done for done in record.history if correction and done.number == correction.number), None)
    new = read_whole(type(old.evidence), correction.values) if correction and old else None
    if old is None or new is None or new.outcome() != old.evidence.outcome():
        return
    before = replace(record, state=old.source, history=record.history[: old.number - 1])
    rows = [row for row in FLOWS[record.flow].rows(old.step) if (old.source or START) in row.source]
    fitting = [row for row in rows if not row.when or new.outcome() in row.when]
    if not fitting or (not before.history and record.flow == "application"):
        return
    moment = datetime.fromisoformat(correction.happened_at) if correction.happened_at else old.happened_at
    if moment.tzinfo is None or not record.history[0].happened_at <= moment <= desk.now():
        return  # the guard of the correction itself refuses such a moment; there may be no rules for it
    facts = replace(lookups.facts_for(desk, before, new, SYSTEM, moment, old.recorded_at), appointed=True)
    reasons = refusals(FLOWS[record.flow], fitting[0], before, new, SYSTEM, facts)
    if reasons:
        raise Refused(reasons)


def _stated_now(record: Record, step: str, evidence: Evidence) -> Evidence:
    """Give what a step states; of a correction that is confirmed, what the corrected entry states from now on."""
    corrects = _corrects(record, step)
    if corrects is None:
        return evidence
    return type(record.history[corrects - 1].evidence).read(_correction(record, step, evidence).values)


def _correction(record: Record, step: str, evidence: Evidence) -> Correction | None:
    if step == "propose_correction" and isinstance(evidence, Correction):
        return evidence
    proposed = record.last("propose_correction") if step == "confirm_correction" else None
    return proposed.evidence if proposed else None


def _behalf(outcome: Outcome, actor: Actor, act: Act) -> str | None:
    """An officer who does another's step says for whom; one who does an own step does it for nobody."""
    if actor.role in outcome.row.by:
        return None
    if act.on_behalf_of is None:
        return outcome.row.keyed[0].value
    if act.on_behalf_of not in outcome.row.keyed:
        raise NotYours(outcome.row.name)
    return act.on_behalf_of.value


def _digest(subject: str, step: str, evidence: Evidence) -> str:
    """Digest what was asked for, leaving out what the office itself fills in."""
    given = {name for name, question in questions(type(evidence)).items() if question.ask is Ask.GIVEN}
    asked = {name: value for name, value in evidence.plain().items() if name not in given}
    return sha256(canonical([step, asked])).hexdigest()


def _repeated(
    desk: Desk,
    actor: Actor,
    act: Act,
    subject: str,
    step: str,
    evidence: Evidence,
    *,
    any_subject: bool = False,
) -> Performed | None:
    """Find what the same request did before; raises OtherContent if it then said something else."""
    entry = event_of_request(desk.session, act.request_id) if act.request_id else None
    if entry is None:
        return None
    mine = entry.envelope.account in (None, actor.account)
    same_subject = any_subject or entry.envelope.subject == subject
    same_evidence = entry.envelope.step == step and entry.envelope.kind == type(evidence).kind()
    if not (mine and same_subject and same_evidence and _same_content(entry, evidence)):
        raise OtherContent(step)
    record = record_of(desk.session, entry.envelope.subject)
    papers = desk.session.scalars(
        select(Document.subject).filter_by(owner=record.subject, event=entry.envelope.number)
    )
    return Performed(record, record.history[entry.envelope.number - 1], tuple(papers), repeated=True)


def _same_content(entry: Entry, evidence: Evidence) -> bool:
    """Compare what was asked for, field by field; what the rules completed then may differ from what is empty now."""
    if entry.payload is None:
        return False
    given = {name for name, question in questions(type(evidence)).items() if question.ask is Ask.GIVEN}
    then, now = entry.payload["evidence"], evidence.plain()
    return all(
        then.get(name) == value for name, value in now.items() if name not in given and value is not None
    )


def _numbered(
    desk: Desk, record: Record, evidence: Evidence, facts: Facts
) -> tuple[Evidence, dict[str, str]]:
    """Hand out the numbers that the step gives: the case's own, and those that its evidence states."""
    year, numbers = be_year(bangkok_date(desk.now())), {}
    if record.version == 0 and record.flow in SERIES:
        numbers[record.flow] = write_number(next_number(desk.session, record.office, record.flow, year), year)
    for name, question in questions(type(evidence)).items():
        if question.ask is Ask.GIVEN and question.options and not getattr(evidence, name):
            series = str(question.options)
            numbers[series] = write_number(next_number(desk.session, record.office, series, year), year)
            evidence = replace(evidence, **{name: numbers[series]})
    return evidence, numbers


def _corrects(record: Record, step: str) -> int | None:
    if step != "confirm_correction":
        return None
    return record.last("propose_correction").evidence.number


# what follows from a step -------------------------------------------------------------------


def _bring_about(
    desk: Desk, cause: Cause, record: Record, evidence: Evidence, facts: Facts, position: int
) -> None:
    """Do the step that this one brings about on related cases, as the system, one level deep."""
    stated = cause.evidence(record, evidence, facts)
    if stated is None:
        return
    if cause.kin is Kin.NEW:
        subject = f"{cause.flow[:2]}{desk.chance(14)}"
        key = key_of(desk, record.subject)
        _end_expired_permits(desk, entry_now(desk.session, stated.worker), facts, position)
        _open(desk, SYSTEM, cause.flow, cause.step, stated, Act(), record.office, subject, key, position)
        return
    if cause.kin is Kin.GIVES_UP:
        for worker in (stated.stays, stated.gives_up):
            _end_expired_permits(desk, worker, facts, position)
    for subject in list(_kin(desk, cause, record, stated if cause.kin is Kin.GIVES_UP else evidence)):
        kin = record_of(desk.session, subject)
        if any(row.name == cause.step for row in FLOWS[kin.flow].open_rows(kin.state, kin.flags)):
            _carry_out(desk, SYSTEM, kin, cause.step, stated, Act(), key_of(desk, subject), position)
            desk.forget()
        elif cause.must:
            raise Refused([STOPPED])
        elif cause.kin is Kin.LISTED:
            text = N_("The worker's application is stopped; settle what stops it before the list is amended.")
            raise Refused([Refusal("case-stopped", text, field="pass_number")])


def _end_expired_permits(desk: Desk, worker: str, facts: Facts, position: int) -> None:
    """A permit whose last day has passed is closed when the same worker gets another."""
    expired = select(Case.subject, Case.valid_until).filter_by(worker=worker, flow="permit", state="active")
    pending = Case.flags.contains(lookups.PENDING)
    for row in desk.session.execute(expired.where(Case.valid_until < facts.on, ~pending)).all():
        ended = PermitEnd(ended_on=row.valid_until, reason_code="finished", reason="Its last day has passed.")
        permit = record_of(desk.session, row.subject)
        _carry_out(desk, SYSTEM, permit, "end_permit", ended, Act(), key_of(desk, row.subject), position)


def _kin(desk: Desk, cause: Cause, record: Record, evidence: Evidence) -> Iterable[str]:
    match cause.kin:
        case Kin.SELF:
            return [record.subject]
        case Kin.REQUEST:
            return [record.history[0].evidence.request]
        case Kin.PERMIT:
            return [record.history[0].evidence.permit]
        case Kin.APPEALED:
            return [record.history[0].evidence.case]
        case Kin.LIVE_APPLICATIONS:
            live = select(Case.subject).filter_by(request=record.subject, flow="application", live=True)
            return desk.session.scalars(live)
        case Kin.GIVES_UP:
            return [evidence.gives_up]
        case Kin.LISTED:
            gone = pass_key(evidence.pass_number)
            listed = select(Case.subject).filter_by(request=record.subject, live=True, kind="new")
            live = desk.session.scalars(listed)
            return [
                one for one in live if record_of(desk.session, one).history[0].evidence.row.pass_key == gone
            ]
    return ()


def _after(desk: Desk, actor: Actor, record: Record, done: Done, told: Told, position: int) -> None:
    """What every flow owes beside its rows: the person's register, and papers that a correction made wrong."""
    if record.flow == "application" and done.step in TELLS_OF_PERSON:
        _keep_person(desk, record, position, dict(_person_facts(record)))
    if done.step == "join_worker":
        _take_over(desk, record, done.evidence.stays, position)
    if done.step == "recall_order":
        _void_papers_of(desk, record, done.evidence.order, position)
    if done.step == "confirm_correction":
        corrected = next(old for old in record.history if old.corrected_by == done.number)
        if record.flow == "application" and corrected.step in TELLS_OF_PERSON:
            _keep_person(desk, record, position, _told_by_file(desk, record, told))
        if told:
            _tell_files(desk, entry_now(desk.session, record.history[0].evidence.worker), told, position)
        _replace_papers(desk, actor, record_of(desk.session, record.subject), corrected.number, position)
        if told:
            _rename_papers(desk, entry_now(desk.session, record.history[0].evidence.worker), told, position)
        if record.flow == "application" and corrected.step == "plan_entry":
            _list_anew(desk, record, done, position)


def _told_by_file(desk: Desk, record: Record, told: Told) -> dict[str, Any]:
    """An older file tells no longer who the worker is; what the register took over from it is put right even so."""
    if _newest(desk, record):
        return dict(_person_facts(record))
    worker = record_of(desk.session, entry_now(desk.session, record.history[0].evidence.worker))
    known = worker.last("enter_worker", "amend_worker").evidence
    changed = naming.in_place(known.plain(), told)
    return {name: value for name, value in _of_kind(known, changed).items() if name in told}


def _of_kind(known: Evidence, plain: dict[str, Any]) -> dict[str, Any]:
    read = type(known).read(plain)
    return {name: getattr(read, name) for name in plain}


def _tell_files(desk: Desk, worker: str, told: Told, position: int) -> None:
    """The worker's files take over what is told now, where they took over what was told before."""
    for subject in naming.files_of(desk, worker):
        file = record_of(desk.session, subject)
        identity = naming.identity_told(file, told)
        if identity is not None:
            key = key_of(desk, subject)
            _carry_out(desk, SYSTEM, file, "keep_identity", identity, Act(), key, position)


def _newest(desk: Desk, record: Record) -> bool:
    """Say whether this is the worker's latest application: an older one no longer tells who he is."""
    worker = entry_now(desk.session, record.history[0].evidence.worker)
    mine = select(Case.subject).filter_by(worker=worker, flow="application")
    return desk.session.scalars(mine.order_by(Case.opened_at.desc()).limit(1)).first() == record.subject


def _keep_person(desk: Desk, record: Record, position: int, told: dict[str, Any]) -> None:
    """The register of workers takes over what was checked at the counter, and lets go of passes typed wrongly."""
    worker = record_of(desk.session, entry_now(desk.session, record.history[0].evidence.worker))
    known = worker.last("enter_worker", "amend_worker").evidence
    now = replace(known, **told)
    freed = lookups.passes_of_nobody(desk, worker.subject, now.pass_number)
    _amend_person(desk, worker, replace(now, freed=freed), position)


def _amend_person(desk: Desk, worker: Record, now: WorkerFacts, position: int) -> None:
    known = worker.last("enter_worker", "amend_worker").evidence
    if now.freed or replace(now, freed=known.freed) != known:
        _carry_out(desk, SYSTEM, worker, "amend_worker", now, Act(), worker.subject, position)


def _take_over(desk: Desk, gone: Record, stays: str, position: int) -> None:
    """The entry that stays takes over what only the one given up knew."""
    worker = record_of(desk.session, stays)
    known, more = (one.last("enter_worker", "amend_worker").evidence for one in (worker, gone))
    missing = {name: getattr(more, name) for names in TAKEN_OVER for name in names if not getattr(known, names[0])}
    _amend_person(desk, worker, replace(known, **missing, freed=()), position)


def _person_facts(record: Record) -> Iterator[tuple[str, Any]]:
    """Give what a file itself found out about the person; what it only took over says nothing new."""
    checked, reissued, numbers = (
        record.last(step) for step in ("check_identity", "replace_travel_document", "enter_numbers")
    )
    known = record.last("check_identity", "keep_identity") if checked else None
    held = current_pass(record) if checked or reissued else None
    person = ("name_latin", "name_khmer", "name_thai", "sex", "birth_on", "birth_precision", "nationality")
    for source, names in (
        (known.evidence if known else None, person),
        (held, ("pass_number", "pass_province", "pass_expires_on")),
        (numbers.evidence if numbers else None, ("foreigner_number",)),
    ):
        if source is not None:
            yield from ((name, _plainly(getattr(source, name))) for name in names)


def _plainly(value: Any) -> Any:
    return value.value if hasattr(value, "label") else value


# papers -------------------------------------------------------------------------------------


def _owe(
    desk: Desk,
    actor: Actor,
    record: Record,
    done: Done,
    facts: Facts,
    keys: tuple[str, ...],
    key: str,
    position: int,
) -> tuple[str, ...]:
    """Freeze the record of each paper of a step; the bytes are made after the commit.

    Who made a paper that is replaced signs the new one too.
    """
    old = desk.session.get(Document, getattr(done.evidence, "instead_of", "")) if keys else None
    signer = _signed(desk, old) if old else paperwork.signer(desk, actor) if keys else {}
    return tuple(_owe_one(desk, signer, record, done, facts, paper, key, position, old) for paper in keys)


def _signed(desk: Desk, paper: Document) -> dict[str, Any]:
    """Say who made a paper, under the office and for whom he acted then."""
    return record_of(desk.session, paper.subject).history[0].evidence.facts["actor"]


def _owe_one(
    desk: Desk,
    signer: dict[str, Any],
    record: Record,
    done: Done,
    facts: Facts,
    paper: str,
    key: str,
    position: int,
    old: Document | None = None,
) -> str:
    """What is ordered against an employer goes out of the office that orders it, whichever keeps the entry."""
    office = done.office or record.office if record.flow == "employer" else record.office
    before = old or (_standing_paper(desk, record, paper) if DOCUMENTS[paper].one_in_force else None)
    gather = partial(paperwork.freeze, desk, paper, record, done, signer, facts)
    return _issue(desk, record, office, paper, done.number, before, key, position, gather)


def _issue(
    desk: Desk,
    record: Record,
    office: str,
    paper: str,
    event: int,
    before: Document | None,
    key: str,
    position: int,
    gather: Callable[[dict[str, Any]], dict[str, Any]],
) -> str:
    """Number a paper, freeze what `gather` gives for its head, and void the one that it replaces."""
    series, year = DOCUMENTS[paper].series, be_year(bangkok_date(desk.now()))
    number = write_number(next_number(desk.session, office, series, year), year)
    code = desk.chance(26)
    head = {
        "number": paper_number(paper, office, number),
        "version": before.version + 1 if before else 1,
        "replaces": before.number if before else None,
        "code": code,
        "verify_url": f"{desk.site}/v/{code}",
    }
    frozen = Frozen(
        key=paper,
        number=str(head["number"]),
        code=code,
        owner=record.subject,
        event=event,
        version=int(str(head["version"])),
        replaces=before.number if before else None,
        facts=gather(head),
    )
    if before is not None:
        _void(desk, before, N_("Replaced by a newer version"), position)
    subject = f"pp{desk.chance(14)}"
    sheet = Record(flow="paper", subject=subject, reference=subject, office=office)
    _owed(desk, sheet, frozen, key, {series: number}, position)
    return subject


def _owed(
    desk: Desk, sheet: Record, frozen: Frozen, key: str, numbers: dict[str, str], position: int
) -> None:
    """Store the owed paper; its number was taken for it and is named in its own event."""
    outcome = advance(
        FLOWS["paper"],
        sheet,
        "owe_paper",
        frozen,
        SYSTEM,
        lookups.facts_for(desk, sheet, None, SYSTEM, desk.now()),
    )
    now = desk.now()
    envelope = Envelope(
        chain=sheet.office, flow="paper", subject=sheet.subject, number=1, step="owe_paper", source=None,
        target=outcome.target, person=SYSTEM.person, role=SYSTEM.role.value, name=SYSTEM.name, happened_at=now,
        recorded_at=now, ruleset=lookups.NONE.digest, kind=frozen.kind(), numbers=numbers, cause=position,
    )  # fmt: skip
    entry = _append(desk, envelope, {"evidence": frozen.plain()}, key)
    record = grown(begun(entry), entry)
    project(desk.session, record, record.history[-1], desk.ruleset)
    if desk.owes is not None:
        desk.owes(desk.session, sheet.subject)


def _standing_paper(desk: Desk, record: Record, paper: str) -> Document | None:
    owners = [record.subject, *(lookups.files_of_permit(desk, record) if DOCUMENTS[paper].of_permit else ())]
    wanted = select(Document).where(
        Document.owner.in_(owners), Document.key == paper, Document.state != "void"
    )
    return desk.session.scalars(wanted.order_by(Document.version.desc())).first()


def _void(desk: Desk, paper: Document, why: str, position: int) -> None:
    sheet = record_of(desk.session, paper.subject)
    _carry_out(
        desk, SYSTEM, sheet, "void_paper", Reason(reason=why), Act(), key_of(desk, paper.subject), position
    )


def _void_papers_of(desk: Desk, record: Record, number: int, position: int) -> None:
    """The papers of an entry that was taken back count no more."""
    papers = select(Document).where(
        Document.owner == record.subject, Document.event == number, Document.state != "void"
    )
    for paper in list(desk.session.scalars(papers)):
        _void(desk, paper, N_("The order was recalled"), position)


def _replace_papers(desk: Desk, actor: Actor, record: Record, corrected: int, position: int) -> None:
    """After a correction, each standing paper that would print otherwise is voided and made anew."""
    key = key_of(desk, record.subject)
    for anew in list(naming.corrected_papers(desk, actor, record, corrected)):
        paper = anew.paper
        _owe_one(desk, _signed(desk, paper), anew.then, anew.cause, anew.facts, paper.key, key, position, old=paper)


def _list_anew(desk: Desk, record: Record, done: Done, position: int) -> None:
    """A plan that was corrected to another gate or day takes the worker from the old day's list to the new one's."""
    plan, was = standing_plan(record), record_before(desk.session, record.subject, done.number).last("plan_entry")
    if plan is None or plan.corrected_by != done.number or _gate_and_day(was) == _gate_and_day(plan):
        return
    request = record.history[0].evidence.request
    for paper, listed in _entry_lists(desk, request, was):
        staying = tuple(one for one in listed if one != record.subject)
        if staying:
            _list_entries(desk, request, was, staying, paper.subject, position)
        else:
            _void(desk, paper, N_("Nobody on it crosses on that day any more"), position)
    joined = next(iter(_entry_lists(desk, request, plan)), None)
    paper, listed = joined or (None, ())
    together = tuple(sorted({*listed, record.subject}))
    _list_entries(desk, request, plan, together, paper.subject if paper else "", position)


def _gate_and_day(plan: Done) -> tuple[str, date]:
    return plan.evidence.gate, plan.evidence.entry_on


def _entry_lists(desk: Desk, request: str, plan: Done) -> list[tuple[Document, tuple[str, ...]]]:
    """List the standing papers of a request for the gate and day of a plan, each with the workers on it."""
    papers = select(Document).filter_by(owner=request, key="entry_appointment").where(Document.state != "void")
    history = record_of(desk.session, request).history
    found = [(paper, history[paper.event - 1]) for paper in desk.session.scalars(papers.order_by(Document.number))]
    return [(p, done.evidence.applications) for p, done in found if _gate_and_day(done) == _gate_and_day(plan)]


def _list_entries(
    desk: Desk, request: str, plan: Done, applications: tuple[str, ...], instead_of: str, position: int
) -> None:
    gate, entry_on = _gate_and_day(plan)
    record = record_of(desk.session, request)
    if not any(row.name == "list_entries" for row in FLOWS["request"].open_rows(record.state, record.flags)):
        raise Refused([STOPPED])
    listing = EntryList(gate=gate, entry_on=entry_on, applications=applications, instead_of=instead_of)
    _carry_out(desk, SYSTEM, record, "list_entries", listing, Act(), key_of(desk, request), position)


def _rename_papers(desk: Desk, worker: str, told: Told, position: int) -> None:
    """Each standing paper that names the person as told before is made anew, with nothing else in it changed."""
    files = naming.references_of(desk, worker)
    for paper in naming.papers_naming(desk, worker, told):
        facts = naming.renamed(naming.printed_by(desk, paper), told, files)
        owner = record_of(desk.session, paper.owner)
        key = key_of(desk, paper.owner)
        _issue(desk, owner, paper.office, paper.key, paper.event, paper, key, position, partial(paperwork.anew, desk, facts))


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Take items by the handful."""
    left = iter(items)
    while handful := list(islice(left, size)):
        yield handful


# many at once -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One case of a selection with the evidence for it."""

    subject: str
    evidence: Evidence
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case of a selection."""

    subject: str
    performed: Performed | None = None
    fault: StepFault | CaseNotFound | None = None

    @property
    def done(self) -> bool:
        """Say whether the step was done."""
        return self.performed is not None


def perform_many(
    desk: Desk, actor: Actor, step: str, items: Iterable[Item], batch: str, act: Act | None = None
) -> Iterator[Result]:
    """Do one step over a selection: each case stands or falls alone, safe to repeat under the same batch.

    Commits at most every 50 cases, so that other writers come between; gives a result per case.
    """
    for some in batched(items, COMMIT_EVERY):
        with transaction(desk):
            results = [_one_of_many(desk, actor, step, item, batch, act or Act()) for item in some]
        yield from results


def _one_of_many(desk: Desk, actor: Actor, step: str, item: Item, batch: str, act: Act) -> Result:
    own = replace(act, request_id=f"{batch}:{item.subject}", seen_version=item.seen_version)
    try:
        done = alone(desk, lambda: perform_within(desk, actor, item.subject, step, item.evidence, own))
    except (StepFault, CaseNotFound) as fault:
        return Result(item.subject, fault=fault)
    return Result(item.subject, done)


def alone(desk: Desk, act: Callable[[], Performed]) -> Performed:
    """Do one act of many within their transaction: if it fails, nothing of it is left."""

    def once() -> Performed:
        try:
            with desk.session.begin_nested():
                return act()
        except BaseException:
            desk.session.expire_all()
            desk.forget()
            raise

    return again_if_raced(once)


def gather_entries(desk: Desk, actor: Actor, results: Iterable[Result], batch: str) -> list[Performed]:
    """After entries were planned, list them per request, gate and day on one paper each."""
    groups: dict[tuple[str, str, Any], list[str]] = {}
    for result in results:
        if result.performed is not None:
            plan, listed = result.performed.done.evidence, result.performed.record.history[0].evidence
            groups.setdefault((listed.request, plan.gate, plan.entry_on), []).append(result.subject)
    found = []
    for (request, gate, entry_on), applications in sorted(groups.items(), key=lambda group: str(group[0])):
        listing = EntryList(gate=gate, entry_on=entry_on, applications=tuple(sorted(applications)))
        act = Act(request_id=f"{batch}:{request}:{gate}:{entry_on}")
        found.append(perform(desk, actor, request, "list_entries", listing, act))
    return found
