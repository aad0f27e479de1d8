"""What of a case each role is shown: officials of one desk see the facts of that desk, sealed facts stay sealed."""

from dataclasses import replace

from workflow.domain.actor import Actor, Role
from workflow.domain.application import (
    ChangeFiling,
    EarlierEntry,
    EarlierMedical,
    EntryPlan,
    Filing,
    Identity,
    Listed,
    MedicalClass,
    MedicalResult,
    Payment,
    Referral,
    SamePerson,
    SubstituteFiling,
    TravelDocument,
)
from workflow.domain.crossing import Entry, Exit, StayReport
from workflow.domain.evidence import Evidence, Question
from workflow.domain.permit import (
    DistrictNotice,
    EmploymentEnd,
    EmploymentStarted,
    Found,
    Hearing,
    Notice,
    PermitOpened,
    RenewalEnded,
    Revocation,
    RevocationProposal,
    TraffickingCheck,
)
from workflow.domain.record import Done, Record
from workflow.domain.request import Demand, EntryList
from workflow.domain.spells import employments
from workflow.domain.standing import Situation
from workflow.domain.words import N_

WHO = (Listed, Identity, TravelDocument)
NARROW: dict[Role, tuple[type[Evidence], ...]] = {
    Role.HOSPITAL: (*WHO, Referral, MedicalResult),
    Role.CHECKPOINT: (*WHO, EntryPlan, Entry, EarlierEntry, EntryList, Demand, StayReport, Exit),
    Role.CASHIER: (*WHO, Filing, ChangeFiling, SubstituteFiling, Payment),
}
"""Roles that see only some kinds of evidence; every other role sees all that is not sealed."""

SEAL = frozenset({Role.OFFICER, Role.REGISTRAR, Role.HOSPITAL})
"""Who reads sealed facts."""

MEDICAL_TO_OUTSIDERS = {
    MedicalClass.FIT: N_("Passed"),
    MedicalClass.TREATMENT: N_("Passed, with treatment"),
    MedicalClass.UNFIT: N_("Not passed"),
}
OUTSIDERS = frozenset({Role.EMPLOYER, Role.AGENT, Role.WORKER})
OF_OTHERS = (SamePerson,)
"""What names the file of somebody else is the office's affair."""
MEDICAL_STEPS = frozenset({"ask_retest", "record_never_came"})
"""Reasons given in these steps may tell of the worker's health."""

EMPLOYERS = frozenset({Role.EMPLOYER, Role.AGENT})
OFFICE_ONLY = (TraffickingCheck, Found, Hearing, RevocationProposal, Revocation, RenewalEnded)
"""What a worker told the office, may be in danger by, or what may tell of the worker's health."""
OF_ONE_EMPLOYER = (PermitOpened, EmploymentStarted, EmploymentEnd, Notice, DistrictNotice)
"""What one employer of a permit states or is stated of it; the others are not shown it."""
NAMES_ANOTHER = frozenset({"ends", "replaces"})
"""Facts that name another employer of the worker; no employer is told them."""

IN_DANGER = "referred"
ACCUSED = frozenset({"absconded", "revocation_proposed", "heard"})
"""Told by one employer or asked by the office; the other employers are not told."""
FLAGS_HIDDEN: dict[Role, frozenset[str]] = {
    Role.CHECKPOINT: frozenset({"unfit", "retest", "medical_due", "fee_paid", IN_DANGER}),
    Role.HOSPITAL: frozenset({"fee_paid"}),
    Role.CASHIER: frozenset({IN_DANGER}),
    Role.EMPLOYER: ACCUSED | {IN_DANGER},
    Role.AGENT: ACCUSED | {IN_DANGER},
    Role.WORKER: frozenset({IN_DANGER}),
}


def is_narrow(role: Role) -> bool:
    """Say whether a role sees only the facts of its own desk."""
    return role in NARROW


def may_see(actor: Actor, done: Done) -> bool:
    """Say whether an actor is shown an entry of the history at all."""
    if actor.role in OUTSIDERS and isinstance(done.evidence, (*OFFICE_ONLY, *OF_OTHERS)):
        return False
    if actor.role in EMPLOYERS and isinstance(done.evidence, OF_ONE_EMPLOYER):
        return done.evidence.employer == actor.employer
    return actor.role not in NARROW or isinstance(done.evidence, NARROW[actor.role])


def shown_of(actor: Actor, record: Record) -> list[Done]:
    """List the entries of a case that an actor is shown, in their order; after an employer left, only its own."""
    left = left_at(actor, record)
    return [
        done
        for done in record.history
        if may_see(actor, done) and (left is None or done.number <= left or isinstance(done.evidence, OF_ONE_EMPLOYER))
    ]


def left_at(actor: Actor, record: Record) -> int | None:
    """Give the entry with which an employer's work under a permit ended before the permit did; else None."""
    if actor.role not in EMPLOYERS or record.flow != "permit":
        return None
    if any(one.runs or one.cut for one in employments(record) if one.employer == actor.employer):
        return None
    ends = (done.number for done in record.standing() if _ends(done, actor.employer))
    return next(ends, record.version)


def _ends(done: Done, employer: str | None) -> bool:
    ended = done.evidence.employer if done.step == "end_employment" else getattr(done.evidence, "replaces", None)
    return done.step in ("end_employment", "change_employer") and ended == employer


def part_of(actor: Actor, record: Record) -> Record:
    """Give a case as far as it is an actor's: of a permit that an employer left, the part up to then."""
    left = left_at(actor, record)
    return record if left is None else replace(record, history=record.history[:left])


def may_read(role: Role, question: Question) -> bool:
    """Say whether a role reads a fact."""
    return not question.sealed or role in SEAL


def only_outcome(role: Role, done: Done) -> bool:
    """Say whether of a medical entry only the outcome is told."""
    return role in OUTSIDERS and (isinstance(done.evidence, MedicalResult | EarlierMedical) or done.step in MEDICAL_STEPS)


def situation_shown(role: Role, now: Situation) -> Situation:
    """Give what a first line depends on as far as an employer may know it; the other roles are told by their desk."""
    return replace(now, flags=frozenset(flags_shown(role, now.flags))) if role in EMPLOYERS else now


def flags_shown(role: Role, flags: frozenset[str]) -> list[str]:
    """List the flags that a role is shown."""
    return sorted(flags - FLAGS_HIDDEN.get(role, frozenset()))
