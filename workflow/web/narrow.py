"""What of a case each role is shown: officials of one desk see the facts of that desk, sealed facts stay sealed."""

from workflow.domain.actor import Role
from workflow.domain.application import (
    EarlierEntry,
    Entry,
    EntryPlan,
    Filing,
    Identity,
    Listed,
    MedicalClass,
    MedicalResult,
    Payment,
    Referral,
    SamePerson,
    TravelDocument,
)
from workflow.domain.evidence import Evidence, Question
from workflow.domain.record import Done
from workflow.domain.request import Demand, EntryList
from workflow.domain.words import N_

WHO = (Listed, Identity, TravelDocument)
NARROW: dict[Role, tuple[type[Evidence], ...]] = {
    Role.HOSPITAL: (*WHO, Referral, MedicalResult),
    Role.CHECKPOINT: (*WHO, EntryPlan, Entry, EarlierEntry, EntryList, Demand),
    Role.CASHIER: (*WHO, Filing, Payment),
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

FLAGS_HIDDEN: dict[Role, frozenset[str]] = {
    Role.CHECKPOINT: frozenset({"unfit", "retest", "medical_due", "fee_paid"}),
    Role.HOSPITAL: frozenset({"fee_paid"}),
}


def is_narrow(role: Role) -> bool:
    """Say whether a role sees only the facts of its own desk."""
    return role in NARROW


def may_see(role: Role, done: Done) -> bool:
    """Say whether a role is shown an entry of the history at all."""
    if role in OUTSIDERS:
        return not isinstance(done.evidence, OF_OTHERS)
    return role not in NARROW or isinstance(done.evidence, NARROW[role])


def may_read(role: Role, question: Question) -> bool:
    """Say whether a role reads a fact."""
    return not question.sealed or role in SEAL


def only_outcome(role: Role, done: Done) -> bool:
    """Say whether of a medical entry only the outcome is told."""
    return role in OUTSIDERS and (isinstance(done.evidence, MedicalResult) or done.step in MEDICAL_STEPS)


def flags_shown(role: Role, flags: frozenset[str]) -> list[str]:
    """List the flags that a role is shown."""
    return sorted(flags - FLAGS_HIDDEN.get(role, frozenset()))
