"""What a form knows before anybody types: from the list, the letter, the last entry, the fee line, the calendar."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from workflow import medical
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.application import Identity
from workflow.domain.evidence import Evidence
from workflow.domain.kinds import AdditionOfEmployer, ChangeOfEmployer, OnPermit, Renewal, on_permit
from workflow.domain.onward import book_of
from workflow.domain.permit import TOLD_AT_ONCE
from workflow.domain.record import Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.spells import employers_now, employments
from workflow.domain.thai import bangkok, bangkok_date
from workflow.domain.validity import filing_of, permit_until
from workflow.store.history import record_of
from workflow.store.persons import entry_now
from workflow.store.projections import Case, FeeLine, RegisterEntry, Worker
from workflow.visibility import visible_to
from workflow.web.alike import others_of, passes_of

Plain = dict[str, Any]


def known_for(desk: Desk, actor: Actor, record: Record, step: str, ruleset: Ruleset) -> Plain:
    """Give the JSON values that fill the form of a step."""
    maker = MAKERS.get(step)
    known = maker(desk, actor, record, ruleset) if maker else _as_before(record, step)
    return {name: value for name, value in known.items() if value not in (None, "")}


def _as_before(record: Record, step: str) -> Plain:
    """A change of an entry starts from what the entry says."""
    if not step.startswith("amend_"):
        return {}
    stated = record.last(step, step.replace("amend_", "enter_"))
    return stated.evidence.plain() if stated else {}


def _today(desk: Desk) -> date:
    return bangkok_date(desk.now())


def _request_of(desk: Desk, record: Record) -> Evidence:
    asked = desk.record(record.history[0].evidence.request)
    return asked.last("complete_request", "revise_draft", "draft_request").evidence


def _demand(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    return record.last("complete_request", "revise_draft", "draft_request").evidence.plain()


def _identity(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """From the earlier identity check of the same person, and over it what the new list says."""
    listed = record.history[0].evidence
    before = _earlier(desk, actor, record, "check_identity")
    asked = {field.name for field in fields(Identity)}
    if on_permit(listed) is not None:
        known = record.last("check_identity", "keep_identity")
        return known.evidence.plain() if known else before
    row = listed.row
    said = {name: getattr(row, name, None) for name in asked}
    born = row.birth_on or (date(row.birth_year, 1, 1) if row.birth_year else None)
    said |= {"birth_on": born, "birth_precision": ("day" if row.birth_on else "year") if born else None}
    kept = {
        name: value for name, value in before.items() if name not in ("photo", "pass_scan", "listed_wrongly")
    }
    nationalities = tuple(ruleset.get("nationalities", {}))
    only = {"nationality": nationalities[0]} if len(nationalities) == 1 else {}
    return only | kept | _told(said)


def _told(said: Plain) -> Plain:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in said.items() if value
    }


def _earlier(desk: Desk, actor: Actor, record: Record, *steps: str) -> Plain:
    """Give what was stated in the person's newest other application, as far as the actor may see it."""
    others = select(Case.subject).where(
        Case.worker == entry_now(desk.session, record.history[0].evidence.worker),
        Case.flow == "application",
        Case.subject != record.subject,
        visible_to(desk, actor),
    )
    for subject in desk.session.scalars(others.order_by(Case.opened_at.desc()).limit(3)):
        stated = record_of(desk.session, subject).last(*steps)
        if stated is not None:
            return stated.evidence.plain()
    return {}


def _same_person(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """Where the list looked like one other person only, that one; who was registered first stays."""
    alike = others_of(desk, record)
    held = passes_of(desk, alike[0]) if len(alike) == 1 else []
    return {"other_pass": held[-1] if held else None, "stays": "other"}


def _nothing(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    return {}


def _referral(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    sent = record.last("refer_to_hospital")
    return {"hospital": sent.evidence.hospital if sent else _only_hospital(desk)}


def _only_hospital(desk: Desk) -> str | None:
    listed = select(RegisterEntry.subject).filter_by(register="hospital", state="listed").limit(2)
    found = list(desk.session.scalars(listed))
    return found[0] if len(found) == 1 else None


def _medical(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    own = actor.role is Role.HOSPITAL
    return _referral(desk, actor, record, ruleset) | {
        **(_own_doctor(desk, actor) if own else {}),
        "examined_on": _today(desk).isoformat() if own else None,
    }


def _own_doctor(desk: Desk, actor: Actor) -> Plain:
    """The registered doctor who is signed in, else the only one of the hospital."""
    of_here = medical.doctors_of(desk, actor.hospital or "")
    mine = [one for one in of_here if one["name"] == actor.name] or of_here
    return (
        {"doctor": mine[0]["name"], "doctor_licence": mine[0]["licence"]}
        if len(mine) == 1
        else {"doctor": actor.name}
    )


def _plan(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    asked, tomorrow = _request_of(desk, record), _today(desk) + timedelta(days=1)
    return {"gate": asked.gate, "entry_on": max(asked.receive_on, tomorrow).isoformat()}


def _entry(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    plan, on, days = record.last("plan_entry"), _today(desk), ruleset.get("stay.days")
    return {
        "gate": actor.gate or (plan.evidence.gate if plan else None),
        "stamped_on": on.isoformat(),
        "stay_until": (on + timedelta(days=days)).isoformat() if days else None,
    }


def _earlier_entry(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    return {"gate": _request_of(desk, record).gate}


def _filing(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """From the worker's last filing, and over it what the demand letter says."""
    opened, on = on_permit(record.history[0].evidence), _today(desk)
    before = _earlier(desk, actor, record, "complete_filing", "file_application")
    if isinstance(opened, Renewal):
        return {name: before.get(name) for name in GOES_ON} | _work_there(desk, opened)
    asked = _request_of(desk, record)
    lasting = ("work_type", "work_nature", "education", "experience_years", "marital", "reason_not_thai")
    return {name: before.get(name) for name in lasting} | {
        "workplace": asked.workplace,
        "wage": format(asked.wage, "f"),
        "wage_unit": asked.wage_unit.value,
        "from_on": max(asked.start_on, on).isoformat(),
    }


GOES_ON = ("work_type", "education", "experience_years", "marital", "reason_not_thai", "wage", "wage_unit", "insurer")
"""What a renewal most often states as the filing before it did."""


def _work_there(desk: Desk, opened: OnPermit) -> Plain:
    """The work as the permit has it, from the day after the running period."""
    permit = desk.record(opened.permit)
    spell = next((one for one in employments(permit) if one.runs and one.employer == opened.employer), None)
    until = permit_until(permit)
    return {
        "work_nature": spell.job if spell else None,
        "workplace": spell.workplace if spell else None,
        "from_on": (until + timedelta(days=1)).isoformat() if until else None,
    }


def _filed(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    given = {"number"}
    stated = filing_of(record).evidence.plain()
    return {name: value for name, value in stated.items() if name not in given}


def _payment(fee: str) -> Callable[[Desk, Actor, Record, Ruleset], Plain]:
    def known(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
        due = desk.session.scalar(select(FeeLine.amount).filter_by(application=record.subject, fee=fee))
        employer = record.history[0].evidence.employer
        payer = desk.session.scalar(select(RegisterEntry.name).where(RegisterEntry.subject == employer))
        return {
            "amount": format(due, "f") if due is not None else None,
            "receipt_source": "book",
            "paid_by": payer,
        }

    return known


def _order(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    asked = _demand(desk, actor, record, ruleset)
    return {"men": asked["men"], "women": asked["women"]}


def _numbers(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    worker = desk.session.get(Worker, entry_now(desk.session, record.history[0].evidence.worker))
    opened = on_permit(record.history[0].evidence)
    book, number = book_of(desk.record(opened.permit)) if opened else (None, None)
    return {
        "permit_book": book,
        "permit_number": number if isinstance(opened, AdditionOfEmployer | ChangeOfEmployer) else None,
        "foreigner_number": worker.foreigner_number if worker else None,
        "issued_on": _today(desk).isoformat(),
    }


def _employer_of_permit(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """The only employer there is, or one's own."""
    running = employers_now(record) or tuple(dict.fromkeys(one.employer for one in employments(record)))
    return {"employer": actor.employer or (running[0] if len(running) == 1 else None)}


def _employment_end(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    return _employer_of_permit(desk, actor, record, ruleset) | {"last_day": _today(desk).isoformat()}


def _notice(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    return _employer_of_permit(desk, actor, record, ruleset) | {"given_on": _today(desk).isoformat()}


def _district(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """Of what the district is still to be told, by the newest dismissal or absconding of this employer."""
    ends = (done.evidence for done in record.standing() if done.step == "end_employment")
    told = next((one for one in ends if actor.employer in (None, one.employer)), None)
    if told is None:
        return _employer_of_permit(desk, actor, record, ruleset)
    about = told.reason_code.value if told.reason_code in TOLD_AT_ONCE else None
    return {"employer": told.employer, "about": about, "told_at": bangkok(desk.now()).isoformat()}


def _on_today(name: str) -> Callable[[Desk, Actor, Record, Ruleset], Plain]:
    return lambda desk, actor, record, ruleset: {name: _today(desk).isoformat()}


def _exit(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    gate = actor.gate or record.history[0].evidence.gate if record.flow == "permit" else None
    return {"gate": gate, "exited_on": _today(desk).isoformat()}


def _permit_end(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    """The day on which the last work ended, and why; the last day of the permit where it simply ran out."""
    spells = employments(record)
    if any(one.runs for one in spells):
        until = permit_until(record)
        return {"ended_on": until.isoformat() if until else None, "reason_code": "finished"}
    last = max(spells, key=lambda one: one.ended_on)
    return {"ended_on": last.ended_on.isoformat(), "reason_code": last.reason or None}


def _proposed(desk: Desk, actor: Actor, record: Record, ruleset: Ruleset) -> Plain:
    proposed = record.last("propose_revocation")
    return {"ground": proposed.evidence.ground} if proposed else {}


MAKERS: dict[str, Callable[[Desk, Actor, Record, Ruleset], Plain]] = {
    "revise_draft": _demand,
    "complete_request": _demand,
    "decide_request": _order,
    "propose_same_person": _same_person,
    "amend_list": _nothing,
    "check_identity": _identity,
    "refer_to_hospital": _referral,
    "record_medical": _medical,
    "plan_entry": _plan,
    "record_entry": _entry,
    "record_reentry": _entry,
    "record_earlier_entry": _earlier_entry,
    "file_application": _filing,
    "file_change": _filing,
    **dict.fromkeys(("complete_filing", "complete_change", "complete_substitute"), _filed),
    "pay_application_fee": _payment("application_fee"),
    "pay_permit_fee": _payment("permit_fee"),
    "enter_numbers": _numbers,
    "end_employment": _employment_end,
    "give_notice": _notice,
    "tell_district": _district,
    "record_report": _on_today("reported_on"),
    "report_loss": _on_today("known_on"),
    "record_found": _on_today("found_on"),
    "record_hospitalised": _on_today("admitted_on"),
    "record_recovered": _on_today("recovered_on"),
    "hear_worker": _on_today("heard_on"),
    "notify_departure": _on_today("told_on"),
    "serve_order": _on_today("served_on"),
    **dict.fromkeys(("suspend", "resume", "grant_grace", "declare_unknown", "adopt"), _on_today("from_on")),
    "record_exit": _exit,
    "revoke": _proposed,
    "end_permit": _permit_end,
}
