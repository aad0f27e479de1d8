"""The registers of the office: hospitals, doctors, offices, accounts, workers, rulesets; all change by events."""

from dataclasses import dataclass
from datetime import date

from workflow.domain import medical_policies as seen
from workflow.domain import policies as only
from workflow.domain.actor import OfficeKind, Role
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Policy, Step
from workflow.domain.record import State
from workflow.domain.terms import Terms
from workflow.domain.words import N_


class Register(State):
    """Where an entry of a register stands."""

    LISTED = "listed", N_("Listed")
    CLOSED = "closed", N_("Closed"), True


class Proposal(State):
    """Where an entry stands that two persons must make."""

    PROPOSED = "proposed", N_("Waiting for a second person")
    LISTED = "listed", N_("Listed")
    CLOSED = "closed", N_("Closed"), True


class Person(State):
    """Where a person's entry stands."""

    LISTED = "listed", N_("Listed")
    CLOSED = "closed", N_("Closed"), True
    JOINED = "joined", N_("Joined with another entry of the same person"), True


class EmployerKind(Terms):
    """As BT.46 tells employers apart."""

    JURISTIC = "juristic", N_("Thai juristic person")
    FOREIGN_JURISTIC = "foreign_juristic", N_("Foreign juristic person")
    NATURAL = "natural", N_("Natural person")


@dataclass(frozen=True, kw_only=True)
class Employer(Evidence):
    """Who wishes to employ, with the particulars that the demand letter and BT.46 ask for."""

    kind_of: EmployerKind = asked(N_("Kind of employer"), Ask.CHOICE, options=EmployerKind)
    name: str = asked(N_("Name of the employer or establishment"))
    number: str = asked(N_("Identification or registration number"), Ask.THAI_ID)
    business: str = asked(N_("Type of business"))
    address: str = asked(N_("Address"), Ask.LONG_TEXT)
    phone: str = asked(N_("Telephone"), default="")
    mobile: str = asked(N_("Mobile telephone"), default="")
    fax: str = asked(N_("Fax"), default="")
    signatory: str = asked(N_("Who signs for the employer"))
    signatory_position: str = asked(N_("Position of the signatory"), default="")
    registered_on: date | None = asked(N_("Registered on"), Ask.DATE, default=None)
    capital: int | None = asked(N_("Paid-up capital (baht)"), Ask.COUNT, default=None, lowest=0)
    income_year: int | None = asked(N_("Year of the last accounts (C.E.)"), Ask.COUNT, default=None)
    income: int | None = asked(N_("Income of that year (baht)"), Ask.COUNT, default=None, lowest=0)
    tax: int | None = asked(N_("Income tax of that year (baht)"), Ask.COUNT, default=None, lowest=0)
    thai_staff: int | None = asked(N_("Thai employees"), Ask.COUNT, default=None, lowest=0)
    foreign_staff: int | None = asked(N_("Foreign workers"), Ask.COUNT, default=None, lowest=0)


@dataclass(frozen=True, kw_only=True)
class Hospital(Evidence):
    """A hospital whose certificates the office accepts."""

    name: str = asked(N_("Name of the hospital"))
    name_latin: str = asked(N_("Name in Latin letters"), default="")
    address: str = asked(N_("Address"), Ask.LONG_TEXT)
    phone: str = asked(N_("Telephone"), default="")
    government: bool = asked(N_("Government hospital"), Ask.YES_NO)
    licence: str = asked(
        N_("Licence number of the hospital"), default="", hint=N_("A government hospital needs none.")
    )
    licence_from: date | None = asked(N_("Licence from"), Ask.DATE, default=None)
    licence_until: date | None = asked(N_("Licence until"), Ask.DATE, default=None)


@dataclass(frozen=True, kw_only=True)
class Doctor(Evidence):
    """A doctor who examines workers: the licence with its days, and the hospitals where the doctor works."""

    name: str = asked(N_("Name of the doctor"))
    name_latin: str = asked(N_("Name in Latin letters"), default="")
    licence: str = asked(N_("Licence number"), hint=N_("As the Medical Council gave it, for example ว.12345."))
    valid_from: date = asked(N_("Licence from"), Ask.DATE)
    valid_until: date | None = asked(
        N_("Licence until"), Ask.DATE, default=None, hint=N_("Left empty where no end is known.")
    )
    hospitals: tuple[str, ...] = asked(N_("Hospitals where the doctor works"), Ask.MANY, options="hospitals")


@dataclass(frozen=True, kw_only=True)
class Office(Evidence):
    """An office with its letterhead; the emblem is the office's own file, none is shipped."""

    code: str = asked(N_("Short code for numbers"))
    kind_of: OfficeKind = asked(N_("Kind of office"), Ask.CHOICE, options=OfficeKind)
    name_th: str = asked(N_("Name in Thai"))
    name_en: str = asked(N_("Name in English"))
    province: str = asked(N_("Province"), Ask.CHOICE, options="thai_provinces")
    address: str = asked(N_("Address"), Ask.LONG_TEXT)
    phone: str = asked(N_("Telephone"), default="")
    emblem: str | None = asked(N_("Emblem of the office"), Ask.FILE, default=None)


@dataclass(frozen=True, kw_only=True)
class Account(Evidence):
    """Who may sign in, as which person, in which role, where, from and until when."""

    user_name: str = asked(N_("User name"))
    person: str = asked(N_("Person"), Ask.GIVEN, default="")
    name: str = asked(N_("Name"))
    role: Role = asked(N_("Role"), Ask.CHOICE, options=Role)
    position: str = asked(N_("Position"), default="")
    office: str | None = asked(N_("Office"), Ask.REGISTER, options="offices", default=None)
    employer: str | None = asked(N_("Employer"), Ask.REGISTER, options="employers", default=None)
    hospital: str | None = asked(N_("Hospital"), Ask.REGISTER, options="hospitals", default=None)
    gate: str | None = asked(N_("Gate"), Ask.CHOICE, options="gates", default=None)
    acting_for: str | None = asked(N_("Acting for the registrar"), default=None)
    valid_from: date = asked(N_("From"), Ask.DATE)
    valid_until: date | None = asked(N_("Until"), Ask.DATE, default=None)


@dataclass(frozen=True, kw_only=True)
class Worker(Evidence):
    """A person, however many passes, spellings, seasons and employers."""

    name_latin: str = asked(N_("Name in Latin letters, as on the pass"), default="")
    name_khmer: str = asked(N_("Name in Khmer"), default="")
    name_thai: str = asked(N_("Name in Thai, as written by the officer"), default="")
    sex: str | None = asked(N_("Sex"), Ask.CHOICE, options="sexes", default=None)
    birth_on: date | None = asked(N_("Date of birth"), Ask.DATE, default=None)
    birth_precision: str | None = asked(N_("Birth date known to the"), Ask.GIVEN, default=None)
    nationality: str = asked(N_("Nationality"), Ask.GIVEN, default="KHM")
    pass_number: str = asked(N_("Border pass number"), Ask.PASS_NUMBER)
    pass_province: str | None = asked(N_("Province that issued the pass"), Ask.CHOICE, options="pass_provinces", default=None)
    pass_expires_on: date | None = asked(N_("Pass valid until"), Ask.DATE, default=None)
    foreigner_number: str = asked(N_("Foreigner identification number"), default="")
    freed: tuple[str, ...] = asked(N_("Border passes that were never this person's"), Ask.GIVEN, default=())


@dataclass(frozen=True, kw_only=True)
class Joined(Evidence):
    """Two entries are of one person: this one is given up, `stays` names the other."""

    stays: str = asked(N_("Entry that stays"), Ask.GIVEN)
    gives_up: str = asked(N_("Entry that is given up"), Ask.GIVEN)
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class RulesetText(Evidence):
    """A ruleset as text, named by its digest; a second person brings it into force."""

    id: str = asked(N_("Ruleset"))
    digest: str = asked(N_("Digest"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class Erasure(Evidence):
    """Why a person's key was destroyed and on whose order."""

    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)


def _register(
    name: str, label: str, evidence: type[Evidence], by: tuple[Role, ...], only_if: tuple[Policy, ...] = ()
) -> Flow:
    """Give the small flow of one register: entered, changed, closed."""
    listed, closed = Register.LISTED, Register.CLOSED
    steps = (
        Step(f"enter_{name}", N_("Enter in the register"), (START,), listed, by, evidence, only_if=only_if),
        Step(f"amend_{name}", N_("Change the entry"), (listed,), None, by, evidence, only_if=only_if),
        Step(f"close_{name}", N_("Close the entry"), (listed,), closed, by, Reason),
    )
    return Flow(name, label, Register, steps)


CLERKS = (Role.OFFICER, Role.ADMINISTRATOR, Role.SYSTEM)
ADMINISTRATORS = (Role.ADMINISTRATOR, Role.SYSTEM)

HOSPITALS = _register("hospital", N_("Hospital"), Hospital, CLERKS, (seen.hospital_licence_runs_forward,))
DOCTORS = _register("doctor", N_("Doctor"), Doctor, CLERKS, (seen.doctor_is_known_whole,))
OFFICES = _register("office", N_("Office"), Office, ADMINISTRATORS)
ACCOUNTS = _register("account", N_("Account"), Account, (*ADMINISTRATORS, Role.OFFICER), (only.officer_opens_employers_only,))
WORKERS = Flow(
    "worker",
    N_("Worker"),
    Person,
    (
        Step("enter_worker", N_("Enter in the register"), (START,), Person.LISTED, CLERKS, Worker),
        Step("amend_worker", N_("Change the entry"), (Person.LISTED,), None, CLERKS, Worker),
        Step("close_worker", N_("Close the entry"), (Person.LISTED,), Person.CLOSED, CLERKS, Reason),
        Step("join_worker", N_("Join with the other entry"), (Person.LISTED,), Person.JOINED, (Role.SYSTEM,), Joined),
    ),
)
"""Who is one person with whom is settled by two officials on an application; the joining follows from it."""
_MADE_BY = ("enter_ruleset",)
RULESETS = Flow(
    "ruleset",
    N_("Ruleset"),
    Proposal,
    (
        Step("enter_ruleset", N_("Load a ruleset"), (START,), Proposal.PROPOSED, ADMINISTRATORS, RulesetText),
        Step("confirm_ruleset", N_("Bring into force"), (Proposal.PROPOSED,), Proposal.LISTED, ADMINISTRATORS, unlike=_MADE_BY),
        Step("reject_ruleset", N_("Reject"), (Proposal.PROPOSED,), Proposal.CLOSED, ADMINISTRATORS, Reason),
        Step("close_ruleset", N_("Take out of force"), (Proposal.LISTED,), Proposal.CLOSED, ADMINISTRATORS, Reason, unlike=_MADE_BY),
    ),
)
FLOWS = (HOSPITALS, DOCTORS, OFFICES, ACCOUNTS, WORKERS, RULESETS)
