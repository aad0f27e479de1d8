"""What the administrator keeps: offices, hospitals, accounts and rulesets; each change an event, no case among them."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from workflow import casework, uploads
from workflow.casework import Act, Performed
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain import admission
from workflow.domain.actor import Actor, Role
from workflow.domain.admission import NotAdmitted
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import Refusal, Refused
from workflow.domain.registers import Account as AccountFacts
from workflow.domain.registers import Hospital, Office, RulesetText
from workflow.domain.rulesets import Ruleset
from workflow.domain.words import N_
from workflow.store import access, accounts, factors, visits
from workflow.store.access import Reading
from workflow.store.chain import event_of_request
from workflow.store.history import CaseNotFound
from workflow.store.projections import Account, RegisterEntry
from workflow.store.rulesets import keep_text
from workflow.store.truth import EventRow

SLIP_RUNS = timedelta(days=3)
"""How long the one-time code of an official's slip works."""
CODE = re.compile(r"[A-Z]{2,6}[0-9]{0,2}")
USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
PLACES: dict[Role, str] = {
    Role.OFFICER: "office",
    Role.REGISTRAR: "office",
    Role.CASHIER: "office",
    Role.HOSPITAL: "hospital",
    Role.CHECKPOINT: "gate",
    Role.EMPLOYER: "employer",
    Role.AGENT: "employer",
}
"""Where each role must belong; an auditor without an office audits them all."""
ROLES = (*PLACES, Role.AUDITOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for a person: the user name and the code that works once."""

    account: Account
    code: str
    until: datetime


# offices and hospitals ----------------------------------------------------------------------


def entries(desk: Desk, register: str) -> list[RegisterEntry]:
    """List the entries of a register, those in use first."""
    wanted = select(RegisterEntry).filter_by(register=register)
    return list(desk.session.scalars(wanted.order_by(RegisterEntry.state.desc(), RegisterEntry.name)))


def entry(desk: Desk, register: str, subject: str) -> RegisterEntry:
    """Find an entry of a register; raises CaseNotFound."""
    found = desk.session.get(RegisterEntry, subject)
    if found is None or found.register != register:
        raise CaseNotFound(subject)
    return found


def enter_office(desk: Desk, actor: Actor, office: Office, emblem: bytes | None, act: Act) -> Performed:
    """Enter an office under its short code, which every number of its papers will carry."""
    code = office.code.strip().upper()
    if not CODE.fullmatch(code):
        text = N_("The short code has two to six Latin letters, digits at most at its end.")
        raise Refused([Refusal("code", text, field="code")])
    if not _done_before(desk, act) and _is_chain(desk, code):
        raise Refused([Refusal("code-taken", N_("Another office has this short code."), field="code")])
    office = replace(office, code=code, emblem=None)
    if emblem:
        uploads.checked(emblem, photo=True)
    entered = casework.begin(desk, actor, "office", "enter_office", office, act, chain=code, subject=code)
    return amend_office(desk, actor, code, office, emblem, _second(act)) if emblem else entered


def amend_office(
    desk: Desk, actor: Actor, code: str, office: Office, emblem: bytes | None, act: Act
) -> Performed:
    """Change an office's entry; its short code stays, since it stands on papers."""
    if emblem:
        office = replace(office, emblem=uploads.keep_upload(desk, code, emblem, photo=True))
    return casework.perform(desk, actor, code, "amend_office", replace(office, code=code), act)


def close_office(desk: Desk, actor: Actor, code: str, why: Reason, act: Act) -> Performed:
    """Close an office that nobody works in any more."""
    at_work = select(func.count()).where(Account.office == code, Account.closed.is_(False))
    if desk.session.scalar(at_work):
        raise Refused([Refusal("people", N_("People have accounts at this office; close those first."))])
    return casework.perform(desk, actor, code, "close_office", why, act)


def enter_hospital(desk: Desk, actor: Actor, hospital: Hospital, act: Act) -> Performed:
    """Enter a hospital whose certificates are accepted."""
    return casework.begin(desk, actor, "hospital", "enter_hospital", hospital, act, chain=SYSTEM_CHAIN)


def change(desk: Desk, actor: Actor, register: str, subject: str, stated: Evidence, act: Act) -> Performed:
    """Change or, with a reason, close an entry of a register."""
    verb = "close" if isinstance(stated, Reason) else "amend"
    return casework.perform(desk, actor, subject, f"{verb}_{register}", stated, act)


def _is_chain(desk: Desk, code: str) -> bool:
    return desk.session.scalar(select(EventRow.position).where(EventRow.chain == code).limit(1)) is not None


def _done_before(desk: Desk, act: Act) -> bool:
    return act.request_id is not None and event_of_request(desk.session, act.request_id) is not None


def _second(act: Act) -> Act:
    return replace(act, request_id=f"{act.request_id}:emblem" if act.request_id else None)


# accounts -----------------------------------------------------------------------------------


def account_of(desk: Desk, reference: str) -> Account:
    """Find an account; raises CaseNotFound."""
    found = desk.session.get(Account, reference)
    if found is None:
        raise CaseNotFound(reference)
    return found


def subject_of(desk: Desk, reference: str) -> str:
    """Give the subject of an account's events; raises CaseNotFound."""
    chain, _, numbered = account_of(desk, reference).reference.partition("-AC-")
    year, running = numbered.split("-")
    opened = select(EventRow.subject, EventRow.bytes).where(
        EventRow.flow == "account", EventRow.step == "enter_account", EventRow.chain == chain
    )
    for row in desk.session.execute(opened):
        if json.loads(row.bytes)["event"]["numbers"] == {"account": f"{int(running)}/{year}"}:
            return row.subject
    raise CaseNotFound(reference)


def open_account(desk: Desk, actor: Actor, facts: AccountFacts, act: Act) -> Performed:
    """Open an account; the person chooses a password with the slip that follows."""
    facts = replace(facts, user_name=facts.user_name.lower())
    against = [] if _done_before(desk, act) else [*_against(desk, facts)]
    if against:
        raise Refused(against)
    return casework.begin(desk, actor, "account", "enter_account", facts, act, chain=SYSTEM_CHAIN)


def amend_account(desk: Desk, actor: Actor, reference: str, facts: AccountFacts, act: Act) -> Performed:
    """Change who an account stands for; whoever is signed in with it signs in again."""
    subject = subject_of(desk, reference)
    _not_own(actor, reference)
    facts = replace(facts, user_name=facts.user_name.lower())
    against = [] if _done_before(desk, act) else [*_against(desk, facts, reference)]
    if against:
        raise Refused(against)
    done = casework.perform(desk, actor, subject, "amend_account", facts, act)
    _end_visits(desk, reference)
    return done


def close_account(desk: Desk, actor: Actor, reference: str, why: Reason, act: Act) -> Performed:
    """Close an account at once, with every visit that runs on it."""
    subject = subject_of(desk, reference)
    _not_own(actor, reference)
    done = casework.perform(desk, actor, subject, "close_account", why, act)
    _end_visits(desk, reference)
    return done


def give_slip(
    desk: Desk, actor: Actor, reference: str, *, lost_telephone: bool = False, runs: timedelta = SLIP_RUNS
) -> Slip:
    """Give a new one-time code: the password of before ends, for a lost telephone its second factor too."""
    account = account_of(desk, reference)
    if account.closed:
        raise Refused([Refusal("closed", N_("This account is closed."))])
    _not_own(actor, reference)
    with casework.transaction(desk):
        if lost_telephone:
            factors.forget_second_factor(desk.session, reference)
        code = accounts.invite(desk.session, reference, desk.now(), runs)
        visits.end_all(desk.session, reference, desk.now())
        _note(
            desk, actor, reference, "second factor taken away, code given" if lost_telephone else "code given"
        )
    return Slip(account_of(desk, reference), code, desk.now() + runs)


def _note(desk: Desk, actor: Actor, reference: str, purpose: str) -> None:
    reading = Reading(
        person=actor.person,
        account=actor.account,
        role=actor.role.value,
        office=actor.office,
        flow="account",
        subject=reference,
        purpose=purpose,
        read_at=desk.now(),
    )
    access.note(desk.session, reading)


def _not_own(actor: Actor, reference: str) -> None:
    if actor.account == reference:
        raise Refused(
            [Refusal("own-account", N_("Nobody changes the own account; another administrator does it."))]
        )


def _end_visits(desk: Desk, reference: str) -> None:
    with casework.transaction(desk):
        visits.end_all(desk.session, reference, desk.now())


def _against(desk: Desk, facts: AccountFacts, reference: str | None = None) -> list[Refusal]:
    found = []
    if not USER_NAME.fullmatch(facts.user_name):
        text = N_("Write the user name with small letters a to z and digits, at least three.")
        found.append(Refusal("user-name", text, field="user_name"))
    same = select(Account.reference).where(func.lower(Account.user_name) == facts.user_name)
    if any(one != reference for one in desk.session.scalars(same)):
        found.append(
            Refusal("user-name-taken", N_("This user name is taken; choose another."), field="user_name")
        )
    place = PLACES.get(facts.role)
    if place and not getattr(facts, place):
        found.append(Refusal("no-place", N_("Say where this person works."), field=place))
    if facts.valid_until and facts.valid_until < facts.valid_from:
        found.append(Refusal("until", N_("The account ends before it begins."), field="valid_until"))
    return found


# rulesets -----------------------------------------------------------------------------------


def read_ruleset(desk: Desk, text: str, file: str = "ruleset.toml") -> Ruleset:
    """Read a text that is to become a ruleset beside those in force; raises Refused with every fault, by file and line."""
    try:
        return admission.admit(text, desk.rulesets(), file)
    except NotAdmitted as refused:
        raise Refused(Refusal("unreadable", one.text, one.values, "text") for one in refused.faults) from refused


def propose_ruleset(desk: Desk, actor: Actor, text: str, act: Act, file: str = "ruleset.toml") -> Performed:
    """Load a ruleset; it counts only after a second person has brought it into force."""
    ruleset = read_ruleset(desk, text, file)
    known = select(RegisterEntry.reference).where(
        RegisterEntry.register == "ruleset",
        RegisterEntry.number == ruleset.digest[:40],
        RegisterEntry.state != "closed",
    )
    there = None if _done_before(desk, act) else desk.session.scalar(known)
    if there:
        said = N_("This very text is in the register already: %(reference)s.")
        raise Refused([Refusal("known", said, {"reference": there}, "text")])
    with casework.transaction(desk):
        keep_text(desk.session, ruleset.text)
    stated = RulesetText(id=ruleset.id, digest=ruleset.digest)
    return casework.begin(desk, actor, "ruleset", "enter_ruleset", stated, act, chain=SYSTEM_CHAIN)


def settle_ruleset(
    desk: Desk, actor: Actor, subject: str, step: str, why: Reason | None, act: Act
) -> Performed:
    """Bring a ruleset into force, reject it, or take it out of force, as a second person."""
    if step == "confirm_ruleset" and not _done_before(desk, act):
        _still_admitted(desk, subject)
    return casework.perform(desk, actor, subject, step, why or Nothing(), act)


def _still_admitted(desk: Desk, subject: str) -> None:
    """What was brought into force since the text was loaded may contradict it."""
    ruleset = desk.ruleset(str(entry(desk, "ruleset", subject).stated["digest"]))
    found = [
        Refusal("clash", said, {"place": ruleset.id, **values})
        for _, said, values in admission.conflicts(ruleset, desk.rulesets())
    ]
    if found:
        raise Refused(found)
