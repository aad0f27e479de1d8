"""How an event changes the copies that lists and searches read; replayed, it makes them again.

Each function names the step or the flow whose events it follows. Nothing here decides anything.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Row, Table, Update, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain import clocks, fees
from workflow.domain.employer_policies import standing_bar
from workflow.domain.evidence import Evidence
from workflow.domain.flows import FLOWS, PROCESS
from workflow.domain.medical import certificate_key, licence_key
from workflow.domain.names import khmer_key, name_key, pass_key, thai_key
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.spells import ENDS, REVIVES, periods, stays
from workflow.domain.spells import employments as spells_of
from workflow.domain.thai import bangkok_date, plain_digits
from workflow.domain.validity import permit_from, permit_until, stay_until
from workflow.store import duties, laying, places
from workflow.store.calendar import thai_holiday
from workflow.store.keys import keyed_digest
from workflow.store.persons import entry_now
from workflow.store.projections import (
    Account,
    Case,
    Document,
    Employment,
    FeeLine,
    ListedPass,
    MedicalSeen,
    OfficialNumber,
    Pass,
    Period,
    RegisterEntry,
    Stay,
    Worker,
)

CASE, ENTRY, ACCOUNT, WORKER, PASS, LISTED, NUMBER, FEE, PERIOD, EMPLOYMENT, STAY, DOCUMENT, MEDICAL = (
    row.__table__
    for row in (
        Case,
        RegisterEntry,
        Account,
        Worker,
        Pass,
        ListedPass,
        OfficialNumber,
        FeeLine,
        Period,
        Employment,
        Stay,
        Document,
        MedicalSeen,
    )
)

Rules = Callable[[str], Ruleset]
Follower = Callable[[Session, Record, Done, Ruleset], None]
PROCESS_NAMES = frozenset(flow.name for flow in PROCESS)


def project(session: Session, record: Record, done: Done, rules: Rules) -> None:
    """Let the copies follow one event; `record` is the case after it, `rules` finds a ruleset by digest."""
    ruleset = rules(done.ruleset)
    for follow in _followers(record.flow, done.step):
        follow(session, record, done, ruleset)
    if done.step == "confirm_correction":
        _correct(session, record, done, ruleset)
    if record.flow in places.FOLLOWERS:
        places.FOLLOWERS[record.flow](session, record, done, ruleset)
    if record.flow in PROCESS_NAMES:
        _case(session, record, done, ruleset)


def _followers(flow: str, step: str) -> Iterable[Follower]:
    found = (FOLLOWERS.get((flow, "*")), FOLLOWERS.get((flow, step)))
    return (follow for follow in found if follow is not None)


def _correct(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """A corrected entry is followed again, now with the facts that stand."""
    corrected = next(old for old in record.history if old.corrected_by == done.number)
    follow = FOLLOWERS.get((record.flow, corrected.step))
    if follow is not None:
        follow(session, record, corrected, ruleset)


# the cases ----------------------------------------------------------------------------------


def _case(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    dues = clocks.running(record, _facts(done, ruleset))
    values = {**_where_it_stands(record, done, clocks.nearest(dues)), **_parties(session, record)}
    if done.number == 1:
        values["opened_at"] = done.happened_at
    _put(session, CASE, {"subject": record.subject}, values, first=done.number == 1)
    duties.keep_up(session, record, dues, done.recorded_at)


def _where_it_stands(record: Record, done: Done, due: clocks.Due | None) -> dict[str, object]:
    finals = {state.value for state in FLOWS[record.flow].states if state.final}
    return {
        "flow": record.flow,
        "reference": record.reference,
        "office": record.office,
        "state": record.state,
        "live": record.state not in finals,
        "flags": ",".join(sorted(record.flags)),
        "version": record.version,
        "due_on": due.until if due else None,
        "due_clock": due.clock.name if due else None,
        "moved_at": done.recorded_at,
    }


def _parties(session: Session, record: Record) -> dict[str, object]:
    return PARTIES[record.flow](session, record)


def _request_parties(session: Session, record: Record) -> dict[str, object]:
    demand = record.last("complete_request", "revise_draft", "draft_request").evidence
    return {"title": _name_of(session, demand.employer), "employer": demand.employer, "gate": demand.gate}


def _application_parties(session: Session, record: Record) -> dict[str, object]:
    listed = record.history[0].evidence
    sent, plan = record.last("record_medical", "refer_to_hospital"), record.last("plan_entry")
    planned = plan is not None and "entry_planned" in record.flags
    crossing = plan if planned else record.last("record_entry", "record_earlier_entry", "record_reentry")
    worker = entry_now(session, listed.worker)
    return {
        "title": _name_of_worker(session, worker),
        "kind": fees.kind_of(record).value,
        "employer": listed.employer,
        "request": getattr(listed, "request", None),
        "worker": worker,
        "hospital": sent.evidence.hospital if sent else None,
        "gate": crossing.evidence.gate if crossing else None,
        "entry_on": plan.evidence.entry_on if planned else None,
    }


def _permit_parties(session: Session, record: Record) -> dict[str, object]:
    """Whose it is and how long it runs; a live permit without employer has none."""
    opened, crossed = record.history[0].evidence, record.last("record_reentry")
    worker, spells = entry_now(session, opened.worker), spells_of(record)
    running = [spell for spell in spells if spell.runs] or ([] if record.state == "active" else spells)
    return {
        "title": _name_of_worker(session, worker),
        "employer": running[-1].employer if running else None,
        "worker": worker,
        "gate": (crossed.evidence.gate if crossed else opened.gate) or None,
        "valid_from": permit_from(record),
        "valid_until": permit_until(record),
        "stay_until": stay_until(record),
        "measure": record.measured.measure if record.measured else None,
    }


def _appeal_parties(session: Session, record: Record) -> dict[str, object]:
    filed = record.history[0].evidence
    of_request = session.scalar(select(CASE.c.flow).where(CASE.c.subject == filed.case)) == "request"
    return {
        "title": _name_of_worker(session, filed.worker)
        if filed.worker
        else _name_of(session, filed.employer),
        "employer": filed.employer or None,
        "worker": filed.worker or None,
        "request": filed.case if of_request else None,
    }


PARTIES: dict[str, Callable[[Session, Record], dict[str, object]]] = {
    "request": _request_parties,
    "application": _application_parties,
    "permit": _permit_parties,
    "appeal": _appeal_parties,
}


def _name_of(session: Session, subject: str) -> str:
    return session.scalar(select(ENTRY.c.name).where(ENTRY.c.subject == subject)) or subject


def _name_of_worker(session: Session, subject: str) -> str:
    row = session.execute(
        select(WORKER.c.name_latin, WORKER.c.name_khmer, WORKER.c.name_thai).where(
            WORKER.c.subject == subject
        )
    ).one_or_none()
    return next((name for name in row or () if name), subject)


# registers ----------------------------------------------------------------------------------


def _register(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Employers, hospitals, doctors, offices, rulesets and measures: one row an entry."""
    stated = next(d.evidence for d in record.standing() if d.step.startswith(("enter_", "amend_", "draft_")))
    plain = stated.plain()
    values = {
        "register": record.flow,
        "reference": record.reference,
        "name": plain.get("name") or plain.get("name_th") or plain.get("id") or plain.get("title"),
        "number": plain.get("number") or _number_of(record.flow, plain),
        "state": record.state,
        "flags": ",".join(sorted(record.flags)),
        "stated": plain,
    }
    if record.flow == "employer":
        bar = standing_bar(record)
        values["barred_until"] = bar.evidence.until if bar else None
    _put(session, ENTRY, {"subject": record.subject}, values, first=done.number == 1)
    if record.flow == "employer" and done.number > 1:
        _retitle(session, {"flow": "request", "employer": record.subject}, str(values["name"]))


def _number_of(flow: str, plain: Mapping[str, Any]) -> str | None:
    """A ruleset is found by its digest, a doctor by the licence however it is typed."""
    if flow == "doctor":
        return licence_key(plain["licence"])
    return plain.get("digest", "")[:40] or None


def _blanks(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """The forms of a power cut: one row a reservation, found by its office."""
    values = {
        "register": record.flow,
        "reference": record.reference,
        "name": record.reference,
        "number": record.office,
        "state": record.state,
        "stated": record.history[0].evidence.plain(),
    }
    _put(session, ENTRY, {"subject": record.subject}, values, first=done.number == 1)


def _privacy(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """What is owed to persons is listed like a register, and its days are watched like those of a case."""
    _register(session, record, done, ruleset)
    duties.keep_up(session, record, clocks.running(record, _facts(done, ruleset)), done.recorded_at)


def _facts(done: Done, ruleset: Ruleset) -> Facts:
    return Facts(
        now=done.recorded_at, on=bangkok_date(done.happened_at), ruleset=ruleset, holiday=thai_holiday
    )


def _account(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    stated = next(d.evidence for d in record.standing() if d.step.startswith(("enter_", "amend_")))
    names = (
        "user_name",
        "name",
        "position",
        "office",
        "employer",
        "hospital",
        "gate",
        "acting_for",
        "valid_from",
        "valid_until",
    )
    values = {name: getattr(stated, name) for name in names}
    values |= {
        "person": stated.person or record.subject,
        "role": stated.role.value,
        "closed": record.state == "closed",
    }
    _put(session, ACCOUNT, {"reference": record.reference}, values, first=done.number == 1)


def _worker(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    if not done.step.startswith(("enter_", "amend_")):
        return
    stated = done.evidence
    values = {
        "reference": record.reference,
        "name_latin": stated.name_latin,
        "name_khmer": stated.name_khmer,
        "name_thai": stated.name_thai,
        "name_key": _name_key(stated),
        "sex": stated.sex,
        "birth_on": stated.birth_on,
        "birth_precision": stated.birth_precision,
        "nationality": stated.nationality,
        "pass_key": pass_key(stated.pass_number) or stated.pass_number,
        "foreigner_number": foreigner_number(stated) or None,
    }
    for key in stated.freed:
        session.execute(delete(PASS).where(PASS.c.pass_key == key, PASS.c.worker == record.subject))
    _put_pass(session, record.subject, stated)
    _put(session, WORKER, {"subject": record.subject}, values | {"search_text": ""}, first=done.number == 1)
    _find_by(session, record.subject)
    if done.number > 1:
        _retitle(session, {"worker": record.subject}, _name_of_worker(session, record.subject))


def _joined(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Cases, passes and the search lead to the entry that stays; so do entries joined with this one before."""
    gone, stays = record.subject, done.evidence.stays
    kept = session.execute(select(WORKER.c.foreigner_number).where(WORKER.c.subject == stays)).one_or_none()
    _change(session, WORKER, {"joined": gone}, {"joined": stays})
    handed_over = {} if kept is None or kept.foreigner_number else {"foreigner_number": None}
    _change(session, WORKER, {"subject": gone}, {"joined": stays, **handed_over})
    for table in (PASS, CASE):
        _change(session, table, {"worker": gone}, {"worker": stays})
    _retitle(session, {"worker": stays}, _name_of_worker(session, stays))
    _find_by(session, stays)


def _name_key(stated: Evidence) -> str:
    return (
        name_key(stated.name_latin)
        if stated.name_latin
        else khmer_key(stated.name_khmer) or thai_key(stated.name_thai)
    )


def _find_by(session: Session, worker: str) -> None:
    """What a search finds a person by: names in every order and script, all passes, numbers, joined entries."""
    of_one = or_(WORKER.c.subject == worker, WORKER.c.joined == worker)
    own_first = (WORKER.c.subject != worker, WORKER.c.subject)
    entries = session.execute(select(WORKER).where(of_one).order_by(*own_first)).all()
    passes = session.scalars(select(PASS.c.pass_key).where(PASS.c.worker == worker).order_by(PASS.c.pass_key))
    words = [word for entry in entries for word in _words_of(entry)]
    found_by = " | ".join(dict.fromkeys(word for word in (*words, *passes) if word))
    _change(session, WORKER, {"subject": worker}, {"search_text": found_by})


def _words_of(entry: Row[Any]) -> tuple[str | None, ...]:
    return (
        " ".join(entry.name_latin.upper().split()),
        name_key(entry.name_latin),
        entry.name_khmer,
        entry.name_thai,
        entry.reference,
        entry.foreigner_number,
    )


def _put_pass(session: Session, worker: str, stated: Evidence) -> None:
    key = pass_key(stated.pass_number) or stated.pass_number
    values = {
        "worker": worker,
        "pass_number": stated.pass_number,
        "pass_province": stated.pass_province,
        "pass_expires_on": stated.pass_expires_on,
    }
    there = session.scalar(select(PASS.c.worker).where(PASS.c.pass_key == key)) is not None
    _put(session, PASS, {"pass_key": key}, values, first=not there)


def _listed(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """The rows of an attached list; a row keeps its place in time when the list is attached anew."""
    wanted = {row.pass_key for row in done.evidence.rows}
    before = set(session.scalars(select(LISTED.c.pass_key).where(LISTED.c.request == record.subject)))
    _unlisted(session, record.subject, before - wanted)
    since = None if record.state == "drafted" else done.recorded_at
    _list_anew(session, record.subject, wanted - before, since)


def _list_anew(session: Session, request: str, keys: Iterable[str], since: datetime | None) -> None:
    rows = [{"request": request, "pass_key": key, "since": since} for key in sorted(keys)]
    if rows:
        session.execute(insert(LISTED), rows)


def _submitted(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    _change(session, LISTED, {"request": record.subject}, {"since": done.recorded_at})


def _amended(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """The old row is gone, the new one waits; a corrected amendment takes back what it said first."""
    first = done.original or done.evidence
    gone = {pass_key(first.new_pass_number), pass_key(done.evidence.pass_number)}
    _unlisted(session, record.subject, gone)
    if done.evidence.change != "remove":
        _list_anew(session, record.subject, [pass_key(done.evidence.new_pass_number)], done.recorded_at)


def _opened(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    _unlisted(session, done.evidence.request, {done.evidence.row.pass_key})


def _unlisted(session: Session, request: str, keys: Iterable[str | None]) -> None:
    session.execute(delete(LISTED).where(LISTED.c.request == request, LISTED.c.pass_key.in_(list(keys))))


def _list_ended(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """A list of a request that is over holds nobody."""
    if record.state in {state.value for state in FLOWS["request"].states if state.final}:
        session.execute(delete(LISTED).where(LISTED.c.request == record.subject))


def _retitle(session: Session, which: Mapping[str, object], title: str) -> None:
    """The lists show the name that stands now."""
    _change(session, CASE, which, {"title": title})


# rows -----------------------------------------------------------------------------------------


def _put(
    session: Session, table: Table, key: Mapping[str, object], values: Mapping[str, object], *, first: bool
) -> None:
    if first:
        session.execute(insert(table), {**key, **values})
    else:
        _change(session, table, key, values)


def _change(session: Session, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    which = {f"is_{name}": value for name, value in key.items()}
    session.execute(_update_where(table, tuple(key)), {**which, **values})


@cache
def _update_where(table: Table, names: tuple[str, ...]) -> Update:
    return update(table).where(*(table.c[name] == bindparam(f"is_{name}") for name in names))


# numbers and money --------------------------------------------------------------------------


def certificate(evidence: Evidence) -> str:
    """Give the key under which a medical certificate's number is unique: per hospital."""
    return f"{evidence.hospital}:{certificate_key(evidence.certificate_number)}"


def receipt(evidence: Evidence) -> str:
    """Give the key under which an official receipt's number is unique: per source and book."""
    book, number = (
        plain_digits(part).strip().upper() for part in (evidence.receipt_book, evidence.receipt_number)
    )
    return f"{evidence.receipt_source.value}:{book}:{number}"


def permit_number(evidence: Evidence) -> str:
    """Give the key under which a permit's number is unique: per book."""
    return f"{plain_digits(evidence.permit_book).strip().upper()}:{plain_digits(evidence.permit_number).strip().upper()}"


def foreigner_number(evidence: Evidence) -> str:
    """Give the digits of a foreigner identification number, however it was written."""
    return "".join(c for c in plain_digits(evidence.foreigner_number) if c.isdigit())


def _number(session: Session, kind: str, value: str, subject: str, payment: str | None = None) -> None:
    same = select(NUMBER.c.subject).where(NUMBER.c.kind == kind, NUMBER.c.value == value)
    if session.scalar(same) is None:
        session.execute(
            insert(NUMBER), {"kind": kind, "value": value, "subject": subject, "payment": payment}
        )


def _free_number(session: Session, kind: str, subject: str, value: str | None = None) -> None:
    mine = delete(NUMBER).where(NUMBER.c.kind == kind, NUMBER.c.subject == subject)
    session.execute(mine if value is None else mine.where(NUMBER.c.value == value))


def _medical(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    _number_anew(session, "certificate", record, ("record_medical",), certificate)
    session.execute(delete(MEDICAL).where(MEDICAL.c.application == record.subject))
    for seen in record.history:
        if seen.step == "record_medical":
            session.execute(insert(MEDICAL), _seen(session, record, seen))


def _seen(session: Session, record: Record, done: Done) -> dict[str, object]:
    stated = done.evidence
    return {
        "application": record.subject,
        "number": done.number,
        "hospital": stated.hospital,
        "doctor": stated.doctor,
        "licence": licence_key(stated.doctor_licence),
        "certificate": stated.certificate_number,
        "certificate_key": certificate_key(stated.certificate_number)[:200],
        "examined_on": stated.examined_on,
        "at": done.happened_at,
        "result": stated.result.value,
        "detail": keyed_digest(session, stated.certificate_scan) if stated.certificate_scan else None,
        "on_paper": done.on_behalf_of is not None,
    }


def _number_anew(
    session: Session, kind: str, record: Record, steps: tuple[str, ...], key: Callable[[Evidence], str]
) -> None:
    """Enter the numbers that a case states now; what a correction took back is free again, unless its payment goes on."""
    now = {
        key(done.evidence): getattr(done.evidence, "payment", None) or None
        for done in record.history
        if done.step in steps
    }
    mine = select(NUMBER.c.value, NUMBER.c.payment).filter_by(kind=kind, subject=record.subject)
    for value, payment in session.execute(mine).all():
        if value not in now:
            _hand_on(session, kind, value, payment, record.subject)
    for value, payment in now.items():
        _number(session, kind, value, record.subject, payment)


def _hand_on(session: Session, kind: str, value: str, payment: str | None, subject: str) -> None:
    """A receipt that one line no longer states goes on to another line of the payment that it covers."""
    this = {"kind": kind, "value": value}
    others = select(FEE.c.application, FEE.c.receipt).where(
        FEE.c.payment == payment, FEE.c.application != subject, FEE.c.status != "due"
    )
    printed = value.partition(":")[2].replace(":", "")
    for line in session.execute(others.order_by(FEE.c.application)) if payment else ():
        if plain_digits(line.receipt).upper().replace(":", "") == printed:
            _change(session, NUMBER, this, {"subject": line.application})
            return
    _free_number(session, kind, subject, value)


def _numbers(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    _free_number(session, "permit", record.subject)
    _number(session, "permit", permit_number(done.evidence), record.subject)


def _filed(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    due = fees.fee_due(ruleset, fees.kind_of(record), fees.APPLICATION)
    _fee_due(session, record.subject, "application_fee", due)


def _granted(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    if done.target == "granted":
        due = fees.fee_due(ruleset, fees.kind_of(record), fees.PERMIT)
        _fee_due(session, record.subject, "permit_fee", due)


def _recalled(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """The fee of a grant that was taken back is due no more."""
    gone = (FEE.c.application == record.subject, FEE.c.fee == "permit_fee", FEE.c.status == "due")
    session.execute(delete(FEE).where(*gone))


def _fee_due(session: Session, application: str, fee: str, amount: Decimal | None) -> None:
    mine = (FEE.c.application == application, FEE.c.fee == fee)
    session.execute(delete(FEE).where(*mine, FEE.c.status == "due"))
    there = session.scalar(select(FEE.c.status).where(*mine))
    if amount is not None and there is None:
        line = {"application": application, "fee": fee, "amount": amount, "status": "due"}
        session.execute(insert(FEE), line)


def _paid(fee: str) -> Follower:
    def follow(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
        paid = done.evidence
        _number_anew(session, "receipt", record, ("pay_application_fee", "pay_permit_fee"), receipt)
        values = {
            "amount": paid.amount,
            "status": "paid",
            "receipt": f"{paid.receipt_book} {paid.receipt_number}".strip(),
            "payment": paid.payment or None,
            "paid_on": bangkok_date(done.happened_at),
            "cashier": done.person,
        }
        line = {"application": record.subject, "fee": fee}
        there = session.scalar(select(FEE.c.status).filter_by(**line)) is not None
        _put(session, FEE, line, values, first=not there)

    return follow


def _ended_before_issue(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Money due is due no more; a permit fee paid for nothing is to be paid back."""
    mine = {"application": record.subject}
    _change(session, FEE, mine | {"status": "due"}, {"status": "lapsed"})
    _change(session, FEE, mine | {"status": "paid", "fee": "permit_fee"}, {"status": "refund_due"})


# permits ------------------------------------------------------------------------------------


def _permit_holds(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    """Write the periods, employments and stays of a permit as they stand now."""
    permit = {"permit": record.subject}
    rows = (
        (PERIOD, [_named(period, "valid_from", "valid_until", "application") for period in periods(record)]),
        (EMPLOYMENT, [_named(spell, *SPELL) for spell in spells_of(record)]),
        (STAY, [_named(stay, "number", "from_on", "until", "gate", "reported") for stay in stays(record)]),
    )
    _number_on_paper(session, record)
    for table, held in rows:
        session.execute(delete(table).where(table.c.permit == record.subject))
        for row in held:
            session.execute(insert(table), permit | row)


def _number_on_paper(session: Session, record: Record) -> None:
    """A permit taken over from paper holds its own number, unless a second person rejected it."""
    opened = record.history[0]
    if opened.step == "take_over_permit":
        _free_number(session, "permit", record.subject)
        if record.state == "active" or record.last("reject_takeover") is None:
            _number(session, "permit", permit_number(opened.evidence), record.subject)


SPELL = ("employer", "from_on", "ended_on", "request", "workplace")


def _named(held: object, *names: str) -> dict[str, object]:
    return {name: getattr(held, name) for name in names}


HOLDS = (
    "open_permit", "take_over_permit", "extend_permit", "change_employer", "add_employer", "end_employment",
    "record_reentry", "record_report", *ENDS, *REVIVES,
)  # fmt: skip
"""The steps that change what a permit holds."""


# papers -------------------------------------------------------------------------------------


def _paper(session: Session, record: Record, done: Done, ruleset: Ruleset) -> None:
    frozen, made = record.history[0].evidence, record.last("make_paper")
    voided_or_made: dict[str, object] = {
        "state": record.state,
        "original_out": "original_out" in record.flags,
        "copies": sum(d.step == "print_copy" for d in record.history),
    }
    if made is not None:
        voided_or_made |= {
            "sha256": made.evidence.sha256,
            "size": made.evidence.size,
            "made_at": made.recorded_at,
        }
    if done.number == 1:
        names = ("key", "number", "code", "owner", "event", "version", "replaces")
        voided_or_made |= {name: getattr(frozen, name) for name in names}
        voided_or_made |= {"office": record.office, "owed_at": done.recorded_at}
    _put(session, DOCUMENT, {"subject": record.subject}, voided_or_made, first=done.number == 1)


FOLLOWERS: dict[tuple[str, str], Follower] = {
    ("employer", "*"): _register,
    ("hospital", "*"): _register,
    ("doctor", "*"): _register,
    ("office", "*"): _register,
    ("gate", "*"): _register,
    ("blanks", "*"): _blanks,
    ("privacy", "*"): _privacy,
    ("ruleset", "*"): _register,
    ("measure", "*"): _register,
    ("laying", "lay_measure"): laying.lay,
    ("laying", "lift_measure"): laying.lift,
    ("account", "*"): _account,
    ("worker", "*"): _worker,
    ("worker", "join_worker"): _joined,
    ("request", "*"): _list_ended,
    ("request", "attach_list"): _listed,
    ("request", "submit_request"): _submitted,
    ("request", "amend_list"): _amended,
    ("application", "open_application"): _opened,
    ("application", "record_medical"): _medical,
    ("application", "file_application"): _filed,
    ("application", "file_change"): _filed,
    ("application", "file_substitute"): _filed,
    ("application", "pay_application_fee"): _paid("application_fee"),
    ("application", "decide"): _granted,
    ("application", "pay_permit_fee"): _paid("permit_fee"),
    ("application", "enter_numbers"): _numbers,
    ("application", "withdraw"): _ended_before_issue,
    ("application", "lapse_unpaid"): _ended_before_issue,
    **{("permit", step): _permit_holds for step in HOLDS},
    ("application", "recall_order"): _recalled,
    ("paper", "*"): _paper,
    ("night", "give_alerts"): duties.tell,
}
