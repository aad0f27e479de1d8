"""Who acts: the roles of the office and the person who stands behind one."""

from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.words import N_


class Role(StrEnum):
    """A part that a person plays in the process; the label is what the door plate says."""

    label: str
    official: bool

    def __new__(cls, value: str, label: str, official: bool = False) -> "Role":
        role = str.__new__(cls, value)
        role._value_ = value
        role.label = label
        role.official = official
        return role

    EMPLOYER = "employer", N_("Employer")
    AGENT = "agent", N_("Agent of the employer")
    OFFICER = "officer", N_("Officer"), True
    REGISTRAR = "registrar", N_("Registrar"), True
    HOSPITAL = "hospital", N_("Hospital"), True
    CHECKPOINT = "checkpoint", N_("Checkpoint"), True
    CASHIER = "cashier", N_("Cashier"), True
    AUDITOR = "auditor", N_("Auditor"), True
    ADMINISTRATOR = "administrator", N_("Administrator"), True
    WORKER = "worker", N_("Worker")
    SYSTEM = "system", N_("System")


DESKS = frozenset({Role.OFFICER, Role.REGISTRAR, Role.CASHIER})
"""The roles that sit in an office of one kind or the other."""


class OfficeKind(StrEnum):
    """The two kinds of office that share the work (the demand letter and BT.29 are the PEO's)."""

    label: str

    def __new__(cls, value: str, label: str) -> "OfficeKind":
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.label = label
        return kind

    DISTRICT = "district", N_("District office")
    PEO = "peo", N_("Provincial employment office")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person at work in one role; `person` stays the same over all accounts of that person."""

    person: str
    account: str
    role: Role
    name: str
    position: str = ""
    office: str | None = None
    office_kind: OfficeKind | None = None
    province: str | None = None
    employer: str | None = None
    hospital: str | None = None
    gate: str | None = None
    worker: str | None = None
    acting_for: str | None = None


SYSTEM = Actor(person="system", account="system", role=Role.SYSTEM, name="Saphan")
