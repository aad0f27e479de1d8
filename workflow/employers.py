"""Employers at the counter: found, entered in the register, given an account with a one-time code."""

from datetime import timedelta

from sqlalchemy import func, or_, select

from workflow import administration, casework, lookups
from workflow.administration import Slip
from workflow.casework import Act, Performed
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.domain.employer import EmployerFlag
from workflow.domain.employer_policies import LISTED
from workflow.domain.everywhere import AttachedFile, AttachedKind
from workflow.domain.evidence import Evidence
from workflow.domain.flow import NotYours, OpenStep, Refusal, Refused, open_steps
from workflow.domain.flows import FLOWS
from workflow.domain.record import Record
from workflow.domain.registers import Account as AccountFacts
from workflow.domain.registers import Employer
from workflow.domain.request import Demand
from workflow.domain.thai import bangkok_date, plain_digits
from workflow.domain.words import N_
from workflow.store.chain import event_of_request
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Account, RegisterEntry
from workflow.visibility import offices_of

SLIP_RUNS = timedelta(days=14)
"""An orchard lies far from the office: longer than an official's slip works."""
ASKERS = (Role.EMPLOYER, Role.AGENT)


def find(desk: Desk, words: str, most: int = 30) -> list[RegisterEntry]:
    """Find employers by a part of the name, or by the number."""
    wanted = select(RegisterEntry).filter_by(register="employer")
    if words:
        digits = "".join(c for c in plain_digits(words) if c.isdigit())
        by_name = RegisterEntry.name.contains(words, autoescape=True)
        wanted = wanted.where(
            or_(by_name, RegisterEntry.number == digits, RegisterEntry.reference == words.upper())
        )
    return list(desk.session.scalars(wanted.order_by(RegisterEntry.name).limit(most)))


def enter(desk: Desk, actor: Actor, employer: Employer, act: Act) -> Performed:
    """Enter an employer in the register of the officer's office; raises Refused where the number is there."""
    there = select(RegisterEntry).filter_by(register="employer", number=employer.number)
    known = desk.session.scalar(there)
    if known is not None and not _done_before(desk, act):
        text = N_("This number is in the register already: %(name)s, %(reference)s.")
        values = {"name": known.name, "reference": known.reference}
        raise Refused([Refusal("registered", text, values, "number")])
    return casework.begin(
        desk, actor, "employer", "enter_employer", employer, act, chain=actor.office or SYSTEM_CHAIN
    )


def _must_keep(desk: Desk, actor: Actor, employer: str, step: str = "amend_employer") -> None:
    if not keeps(desk, actor, employer):
        raise NotYours(step)


def _done_before(desk: Desk, act: Act) -> bool:
    """A form that is sent twice finds its own entry; that is no double."""
    return act.request_id is not None and event_of_request(desk.session, act.request_id) is not None


def keeps(desk: Desk, actor: Actor, employer: str) -> bool:
    """Say whether an officer's province keeps an employer's entry; others may file for him, not change who he is."""
    kept_by = record_of(desk.session, employer).office
    return kept_by == SYSTEM_CHAIN or kept_by in offices_of(desk, actor.province)


def amend(desk: Desk, actor: Actor, subject: str, employer: Employer, act: Act) -> Performed:
    """Change an employer's entry; raises NotYours where another province keeps it."""
    _must_keep(desk, actor, subject)
    return casework.perform(desk, actor, subject, "amend_employer", employer, act)


def office_of(desk: Desk, actor: Actor, employer: str) -> str:
    """Say which office takes the employer's requests: the officer's own, else that of the register entry."""
    if actor.office:
        return actor.office
    entered_at = record_of(desk.session, employer).office
    offices = desk.session.execute(
        select(RegisterEntry.subject, RegisterEntry.stated).filter_by(register="office", state="listed")
    ).all()
    if entered_at in {row.subject for row in offices}:
        return entered_at
    return next(row.subject for row in offices if row.stated["kind_of"] == OfficeKind.DISTRICT.value)


def draft(desk: Desk, actor: Actor, demand: Demand, act: Act) -> Performed:
    """Write a demand letter for an employer."""
    chain = office_of(desk, actor, demand.employer)
    return casework.begin(desk, actor, "request", "draft_request", demand, act, chain=chain)


def attach_signed(desk: Desk, actor: Actor, request: str, file: str, sign: str) -> Performed:
    """Add the scan of the signed letter to the file of a request."""
    stated = AttachedFile(shows=AttachedKind.SIGNED_FORM, file=file)
    return casework.perform(desk, actor, request, "attach_file", stated, Act(request_id=f"{sign}:signed"))


# --- warned, barred, out of business


def watched(desk: Desk) -> list[RegisterEntry]:
    """List the employers who are warned, to be barred, barred now, or out of business; what waits for a decision first."""
    today, entry = bangkok_date(desk.now()), RegisterEntry
    waits = entry.flags.contains(EmployerFlag.BAR_PROPOSED)
    noted = or_(entry.flags != "", entry.barred_until >= today, entry.state != LISTED)
    wanted = select(entry).where(entry.register == "employer", noted)
    return list(desk.session.scalars(wanted.order_by(waits.desc(), entry.name)))


def to_decide(desk: Desk, actor: Actor) -> int:
    """Count the employers whose bar waits for the registrars of the actor's province."""
    asked = select(RegisterEntry.subject).filter_by(register="employer", state=LISTED)
    proposed = desk.session.scalars(asked.where(RegisterEntry.flags.contains(EmployerFlag.BAR_PROPOSED))).all()
    return sum(keeps(desk, actor, one) for one in proposed)


def open_orders(desk: Desk, actor: Actor, employer: Record) -> tuple[OpenStep, ...]:
    """List what an official may do about an employer, with the reasons that block it; nothing in another province."""
    if not keeps(desk, actor, employer.subject):
        return ()
    facts = lookups.facts_for(desk, employer, None, actor, desk.now())
    found = open_steps(FLOWS["employer"], employer, actor, facts)
    return tuple(step for step in found if step.name != "amend_employer")


def decide_on(desk: Desk, actor: Actor, subject: str, step: str, stated: Evidence, act: Act) -> Performed:
    """Warn or bar an employer, take it back, or record the end of its business.

    Raises NotYours where another province keeps the entry.
    """
    _must_keep(desk, actor, subject, step)
    return casework.perform(desk, actor, subject, step, stated, act)


# --- accounts


def accounts_of(desk: Desk, employer: str) -> list[Account]:
    """List the accounts of an employer and of its agents."""
    roles = [role.value for role in ASKERS]
    wanted = select(Account).where(Account.employer == employer, Account.role.in_(roles))
    return list(desk.session.scalars(wanted.order_by(Account.closed, Account.user_name)))


def open_account(desk: Desk, actor: Actor, facts: AccountFacts, act: Act) -> Slip:
    """Open an account for an employer or agent and give the one-time code; raises Refused for a name that is taken."""
    if facts.role not in ASKERS or facts.employer is None:
        raise NotYours("enter_account")
    _must_keep(desk, actor, facts.employer)
    taken = select(Account.reference).where(func.lower(Account.user_name) == facts.user_name.lower())
    if desk.session.scalar(taken) is not None and not _done_before(desk, act):
        text = N_("This user name is taken; choose another.")
        raise Refused([Refusal("user-name-taken", text, field="user_name")])
    chain = actor.office or SYSTEM_CHAIN
    entered = casework.begin(desk, actor, "account", "enter_account", facts, act, chain=chain)
    return give_slip(desk, actor, facts.employer, entered.record.reference)


def give_slip(desk: Desk, actor: Actor, employer: str, account: str) -> Slip:
    """Give a new one-time code for an account of this employer; raises CaseNotFound for any other account."""
    _must_keep(desk, actor, employer)
    if account not in {one.reference for one in accounts_of(desk, employer)}:
        raise CaseNotFound(account)
    return administration.give_slip(desk, actor, account, runs=SLIP_RUNS)
