"""Which rules a worker meets on a day, and which terms end his permit: gathered from his files, for screens."""

from dataclasses import dataclass
from datetime import date

from workflow import lookups
from workflow.desk import Desk
from workflow.domain import fees, validity
from workflow.domain.actor import Role
from workflow.domain.eligibility import eligibility, person_of
from workflow.domain.kinds import ApplicationKind, on_permit
from workflow.domain.record import Facts, Record
from workflow.domain.rulesets import Ruleset, RulesetFault
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import Term
from workflow.store.history import CaseNotFound
from workflow.web.ruled import ShownHeld, held

READERS = (Role.OFFICER, Role.REGISTRAR, Role.AUDITOR, Role.EMPLOYER, Role.AGENT)
"""Who reads how a worker meets the rules; gates, hospitals and cashiers see only what their desk needs."""
SETS_DAYS = frozenset({ApplicationKind.NEW, ApplicationKind.RENEWAL})
"""A change or a substitute leaves a permit's days as they are."""


@dataclass(frozen=True, slots=True)
class PersonRules:
    """The rules of a day as one worker meets them; without rules there is nothing to meet."""

    on: date
    ruleset: Ruleset | None
    rows: list[ShownHeld]


def rules_of(at: Desk, record: Record, leave: frozenset[str] = frozenset()) -> PersonRules:
    """Hold the rules of today against the worker of an application or a permit; `leave` names rules that are not told."""
    day = bangkok_date(at.now())
    application, permit, request = files_of(at, record)
    try:
        province = at.province_of(record.office)
        ruleset = at.in_force(day, province, lambda: lookups.gate_of(at, record))
    except RulesetFault:
        return PersonRules(day, None, [])
    found = eligibility(person_of(application, permit, request), ruleset, day)
    return PersonRules(day, ruleset, [held(one, ruleset) for one in found if one.name not in leave])


def files_of(at: Desk, record: Record) -> tuple[Record | None, Record | None, Record | None]:
    """Give the application, the permit and the request that belong to one of a worker's cases, as far as they are."""
    if record.flow == "permit":
        application = _read(at, lookups.issuing_application(record))
        return application, record, _request(at, application)
    opened = on_permit(record.history[0].evidence)
    return record, _read(at, opened.permit) if opened else None, _request(at, record)


def _request(at: Desk, application: Record | None) -> Record | None:
    return _read(at, getattr(application.history[0].evidence, "request", None)) if application else None


def _read(at: Desk, subject: str | None) -> Record | None:
    try:
        return at.record(subject) if subject else None
    except CaseNotFound:
        return None


def terms_of(at: Desk, record: Record) -> tuple[Term, ...]:
    """List the terms that end a worker's permit, the deciding one marked: as decided, or as they would be today."""
    application = files_of(at, record)[0] if record.flow in ("application", "permit") else None
    filing = validity.filing_of(application) if application else None
    if filing is None or fees.kind_of(application) not in SETS_DAYS:
        return ()
    order = application.last("decide")
    start = getattr(order.evidence, "valid_from", None) if order else None
    if order is not None and start is None:
        return ()
    today = bangkok_date(at.now())
    facts = Facts(now=at.now(), on=today, ruleset=_ruleset(at, application, order.ruleset if order else None))
    return validity.terms(application, start or max(today, filing.evidence.from_on), facts)


def _ruleset(at: Desk, application: Record, pinned: str | None) -> Ruleset:
    """An order stands under the rules that it was made under, an application under those of today."""
    if pinned is not None:
        return at.ruleset(pinned).within(at.province_of(application.office))
    try:
        return lookups.ruleset_for(at, application, at.now())
    except RulesetFault:
        return lookups.NONE
