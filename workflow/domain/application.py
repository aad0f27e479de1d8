"""One worker's way to one order: identity, medical check and border entry in either order, registration."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from workflow.domain import employer_policies as hires
from workflow.domain import medical_policies as seen
from workflow.domain import onward
from workflow.domain import permit_policies as life
from workflow.domain import place_policies as there
from workflow.domain import policies as only
from workflow.domain import renewal_policies as then
from workflow.domain import route_policies as route
from workflow.domain.actor import Role
from workflow.domain.crossing import Entry
from workflow.domain.everywhere import CodedReason, Deficiencies, Everywhere, EverywhereFlag, Reason
from workflow.domain.evidence import Ask, Evidence, Nothing, asked
from workflow.domain.flow import KEYED_IN, START, Cause, Flow, Kin, Step
from workflow.domain.housing import HousingNotice
from workflow.domain.kinds import AdditionOfEmployer, ApplicationKind, ChangeOfEmployer, Renewal, Substitution
from workflow.domain.namelist import ListRow
from workflow.domain.permit import opened_by
from workflow.domain.record import Facts, Flag, Record, State
from workflow.domain.registers import Joined
from workflow.domain.request import WageUnit
from workflow.domain.terms import Terms
from workflow.domain.validity import permit_days
from workflow.domain.words import N_


class Application(State):
    """Where a worker's application stands."""

    OPENED = "opened", N_("Identity to be checked")
    REQUESTED = "requested", N_("Medical check and entry to come")
    CLEARED = "cleared", N_("Medically cleared, entry to come")
    ADMITTED = "admitted", N_("Entered, medical check to come")
    READY = "ready", N_("Cleared and entered, to be registered")
    LEAVING = "leaving", N_("Return arranged")
    FILED = "filed", N_("Filed, application fee due")
    INCOMPLETE = "incomplete", N_("Filed, waiting for what is missing")
    EXAMINED = "examined", N_("Application fee paid, waiting for the opinion")
    ASSESSED = "assessed", N_("Waiting for the registrar")
    GRANTED = "granted", N_("Granted, permit fee due")
    PAID = "paid", N_("Permit fee paid, official numbers to come")
    NUMBERED = "numbered", N_("Official numbers entered, to be issued")
    ISSUED = "issued", N_("Permit issued"), True
    REFUSED = "refused", N_("Refused"), True
    WITHDRAWN = "withdrawn", N_("Withdrawn"), True
    DISQUALIFIED = "disqualified", N_("Identity not accepted"), True
    NOT_TAKEN_UP = "not_taken_up", N_("Not taken up"), True
    FAILED = "failed", N_("Ended without a permit"), True


class Track(Flag):
    """What holds beside the state of an application."""

    ON_HOLD = EverywhereFlag.ON_HOLD.value, EverywhereFlag.ON_HOLD.label, True
    CORRECTION_PROPOSED = EverywhereFlag.CORRECTION_PROPOSED.value, EverywhereFlag.CORRECTION_PROPOSED.label, True
    DUPLICATE_SUSPECTED = "duplicate_suspected", N_("Possible duplicate, to be settled"), True
    SAME_PERSON = "same_person", N_("Same person: waits for a second person")
    ENTRY_PLANNED = "entry_planned", N_("Entry planned")
    UNFIT = "unfit", N_("Medical check not passed")
    RETEST = "retest", N_("Re-test asked")
    MEDICAL_DUE = "medical_due", N_("New medical check needed")
    FEE_PAID = "fee_paid", N_("Application fee paid")
    RENEWAL = ApplicationKind.RENEWAL.value, ApplicationKind.RENEWAL.label
    CHANGE = ApplicationKind.CHANGE.value, ApplicationKind.CHANGE.label
    ADDITION = ApplicationKind.ADDITION.value, ApplicationKind.ADDITION.label
    SUBSTITUTE = ApplicationKind.SUBSTITUTE.value, ApplicationKind.SUBSTITUTE.label


class Sex(Terms):
    """As on the pass."""

    M = "M", N_("Male")
    F = "F", N_("Female")


class Title(Terms):
    """As on the name list."""

    MR = "Mr", N_("Mr")
    MRS = "Mrs", N_("Mrs")
    MISS = "Miss", N_("Miss")


class Precision(Terms):
    """How exactly the birth is known."""

    DAY = "day", N_("Day known")
    YEAR = "year", N_("Year only")


class Marital(Terms):
    """As BT.46 asks."""

    SINGLE = "single", N_("Single")
    MARRIED = "married", N_("Married")


class MedicalClass(Terms):
    """The three classes of the health manual of 2020; the disease is never a field here."""

    FIT = "1", N_("Class 1: passed")
    TREATMENT = "2", N_("Class 2: passed, treatment and follow-up")
    UNFIT = "3", N_("Class 3: not passed")


class Paper(Terms):
    """How an attachment of BT.29 was found."""

    SEEN = "seen", N_("Seen")
    SCANNED = "scanned", N_("Scanned")
    MISSING = "missing", N_("Missing")


class Stays(Terms):
    """Which of two entries of one person is kept."""

    OTHER = "other", N_("The entry of the other file")
    THIS = "this", N_("The entry of this file")


class ReceiptSource(Terms):
    """Where an official receipt comes from."""

    BOOK = "book", N_("Receipt book")
    PORTAL = "portal", N_("Official portal")


class PermitOutcome(Terms):
    """The three orders of BT.29 page 4."""

    PERMIT = "permit", N_("Permit the work")
    CONDITIONS = "conditions", N_("Permit with conditions")
    REFUSE = "refuse", N_("Refuse")


@dataclass(frozen=True, kw_only=True)
class Listed(Evidence):
    """A row of a locked list, for which an application is opened; the worker is one person for ever."""

    kind_of: ApplicationKind = asked(N_("Kind"), Ask.GIVEN, default=ApplicationKind.NEW)
    request: str = asked(N_("Request"), Ask.GIVEN)
    employer: str = asked(N_("Employer"), Ask.GIVEN)
    worker: str = asked(N_("Worker"), Ask.GIVEN)
    row: ListRow = asked(N_("Row of the list"), Ask.GIVEN)
    suspected: tuple[str, ...] = asked(N_("Possibly the same person"), Ask.GIVEN, default=())


@dataclass(frozen=True, kw_only=True)
class SamePerson(Evidence):
    """The worker of this file is registered twice: with whom, which entry stays, and why."""

    other_pass: str = asked(
        N_("Border pass number of the other entry"), Ask.PASS_NUMBER, hint=N_("Any border pass under which the worker is registered.")
    )
    stays: Stays = asked(N_("Entry that stays"), Ask.CHOICE, options=Stays)
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT, hint=N_("By what you know that both are one person."))


@dataclass(frozen=True, kw_only=True)
class Identity(Evidence):
    """Who the worker is, checked against the pass; collects what the list left open."""

    title: Title = asked(N_("Title"), Ask.CHOICE, options=Title)
    name_latin: str = asked(N_("Name in Latin letters, as on the pass"))
    name_khmer: str = asked(N_("Name in Khmer"), default="")
    name_thai: str = asked(N_("Name in Thai, as written by the officer"))
    sex: Sex = asked(N_("Sex"), Ask.CHOICE, options=Sex)
    birth_on: date = asked(N_("Date of birth"), Ask.DATE, hint=N_("Where only the year is known: 1 January, and say so below."))
    birth_precision: Precision = asked(N_("Birth date known to the"), Ask.CHOICE, options=Precision)
    nationality: str = asked(N_("Nationality"), Ask.CHOICE, options="nationalities")
    pass_number: str = asked(N_("Border pass number"), Ask.PASS_NUMBER)
    pass_province: str = asked(N_("Province that issued the pass"), Ask.CHOICE, options="pass_provinces")
    pass_issued_on: date = asked(N_("Pass issued on"), Ask.DATE)
    pass_expires_on: date = asked(N_("Pass valid until"), Ask.DATE)
    address: str = asked(N_("Address in Thailand"), Ask.LONG_TEXT)
    phone: str = asked(N_("Telephone"), default="")
    photo: str | None = asked(N_("Photo 3 x 4 cm"), Ask.FILE, default=None)
    pass_scan: str | None = asked(N_("Scan of the pass"), Ask.FILE, default=None)
    previous_permit: str = asked(N_("Number of an earlier permit"), default="")
    listed_wrongly: bool = asked(
        N_("The border pass number on the list was never this worker's"),
        Ask.YES_NO,
        default=False,
        hint=N_("The number on the list then becomes free for its true holder."),
    )


@dataclass(frozen=True, kw_only=True)
class TravelDocument(Evidence):
    """A re-issued border pass; papers that name the old one are listed."""

    pass_number: str = asked(N_("New border pass number"), Ask.PASS_NUMBER)
    pass_province: str = asked(N_("Province that issued the pass"), Ask.CHOICE, options="pass_provinces")
    pass_issued_on: date = asked(N_("Pass issued on"), Ask.DATE)
    pass_expires_on: date = asked(N_("Pass valid until"), Ask.DATE)
    pass_scan: str | None = asked(N_("Scan of the pass"), Ask.FILE, default=None)
    reason: str = asked(N_("Why the pass was replaced"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Referral(Evidence):
    """Where and when the worker is to be examined."""

    hospital: str = asked(N_("Hospital"), Ask.REGISTER, options="hospitals")
    appointment_on: date = asked(N_("Appointment on"), Ask.DATE)
    note: str = asked(N_("Note"), default="")


@dataclass(frozen=True, kw_only=True)
class MedicalResult(Evidence):
    """What the medical certificate says: its class, never a test or a disease."""

    hospital: str = asked(N_("Hospital"), Ask.REGISTER, options="hospitals")
    certificate_number: str = asked(N_("Certificate number"))
    doctor: str = asked(N_("Doctor"))
    doctor_licence: str = asked(N_("Doctor's licence number"))
    examined_on: date = asked(N_("Examined on"), Ask.DATE)
    result: MedicalClass = asked(N_("Result"), Ask.CHOICE, options=MedicalClass)
    follow_up_on: date | None = asked(N_("Follow-up on (class 2)"), Ask.DATE, default=None)
    certificate_scan: str | None = asked(N_("Scan of the certificate"), Ask.FILE, default=None, sealed=True)

    def outcome(self) -> StrEnum:
        """Name the class."""
        return self.result


@dataclass(frozen=True, kw_only=True)
class EarlierMedical(Evidence):
    """The certificate of the earlier application, which still runs; taken from that file."""

    application: str = asked(N_("Application"), Ask.GIVEN, default="")
    hospital: str = asked(N_("Hospital"), Ask.GIVEN, default="")
    certificate_number: str = asked(N_("Certificate number"), Ask.GIVEN, default="")
    examined_on: date | None = asked(N_("Examined on"), Ask.GIVEN, default=None)
    result: MedicalClass | None = asked(N_("Result"), Ask.GIVEN, default=None)


@dataclass(frozen=True, kw_only=True)
class EntryPlan(Evidence):
    """When and where the worker is to cross."""

    gate: str = asked(N_("Gate"), Ask.CHOICE, options="gates")
    entry_on: date = asked(N_("Entry on"), Ask.DATE)
    band: str | None = asked(N_("Time"), Ask.CHOICE, options="bands", default=None)
    contact: str = asked(N_("Who fetches the worker, telephone"), default="")


@dataclass(frozen=True, kw_only=True)
class EarlierEntry(Entry):
    """An entry that came before the application or without an appointment."""

    reason: str = asked(N_("How the entry came about"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Work(Evidence):
    """The work applied for, as BT.29 and BT.46 ask for it."""

    work_type: str = asked(N_("Type of work"))
    work_nature: str = asked(N_("Nature of work"))
    workplace: str = asked(N_("Workplace"), Ask.LONG_TEXT)
    from_on: date = asked(N_("Work from"), Ask.DATE)
    contract_until: date | None = asked(N_("Contract until"), Ask.DATE, default=None)
    wage: Decimal = asked(N_("Wage (baht)"), Ask.MONEY)
    wage_unit: WageUnit = asked(N_("Wage is counted by"), Ask.CHOICE, options=WageUnit)
    education: str = asked(N_("Highest education"), default="")
    experience_years: int | None = asked(N_("Years of experience"), Ask.COUNT, default=None, lowest=0, highest=70)
    marital: Marital | None = asked(N_("Marital status"), Ask.CHOICE, options=Marital, default=None)
    reason_not_thai: str = asked(N_("Reason for not employing a Thai national"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Filing(Work):
    """BT.29 with its attachments: the work, and the health insurance."""

    insurer: str = asked(N_("Health insurance with"))
    insurance_number: str = asked(N_("Insurance number"))
    insured_from: date = asked(N_("Insured from"), Ask.DATE)
    insured_until: date = asked(N_("Insured until"), Ask.DATE)
    attachments: dict[str, str] = asked(N_("Attachments of BT.29"), Ask.CHECKLIST, options="attachments")
    number: str = asked(N_("Filing number"), Ask.GIVEN, options="filing_receipt", default="")
    portal_number: str = asked(N_("Number in the official portal"), default="")


@dataclass(frozen=True, kw_only=True)
class ChangeFiling(Work):
    """BT.44 with its attachments: the work for the employer who is new to the permit."""

    attachments: dict[str, str] = asked(N_("Attachments"), Ask.CHECKLIST, options="attachments")
    number: str = asked(N_("Filing number"), Ask.GIVEN, options="filing_receipt", default="")
    portal_number: str = asked(N_("Number in the official portal"), default="")


@dataclass(frozen=True, kw_only=True)
class SubstituteFiling(Evidence):
    """The request for a permit in place of the lost one, with how it was lost."""

    statement: str = asked(N_("How the permit was lost or destroyed"), Ask.LONG_TEXT)
    number: str = asked(N_("Filing number"), Ask.GIVEN, options="filing_receipt", default="")
    portal_number: str = asked(N_("Number in the official portal"), default="")


@dataclass(frozen=True, kw_only=True)
class Payment(Evidence):
    """Money received for a fee line; the receipt's number is the official book's or portal's."""

    amount: Decimal = asked(N_("Amount (baht)"), Ask.MONEY)
    receipt_source: ReceiptSource = asked(N_("Receipt from"), Ask.CHOICE, options=ReceiptSource)
    receipt_book: str = asked(N_("Receipt book"), default="")
    receipt_number: str = asked(N_("Receipt number"))
    paid_by: str = asked(N_("Paid by"))
    payment: str = asked(N_("Payment"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class OfficerOpinion(Evidence):
    """The officer's box of BT.29 page 4."""

    complete: bool = asked(N_("Documents complete"), Ask.YES_NO)
    recommends: bool = asked(N_("Recommended"), Ask.YES_NO)
    reason: str = asked(N_("Opinion"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class PermitOrder(Evidence):
    """The registrar's order of BT.29 page 4, with the days from and to which the permit is to run."""

    order: PermitOutcome = asked(N_("Order"), Ask.CHOICE, options=PermitOutcome)
    valid_from: date | None = asked(N_("Permit from"), Ask.DATE, default=None)
    valid_until: date | None = asked(
        N_("Permit until"), Ask.DATE, default=None, hint=N_("May be shortened, never lengthened; left empty: the longest allowed.")
    )
    conditions: str = asked(N_("Conditions"), Ask.LONG_TEXT, default="")
    reason_code: str | None = asked(N_("Reason"), Ask.CHOICE, options="refusal_reasons", default=None)
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT, default="")

    def outcome(self) -> StrEnum:
        """Name the order."""
        return self.order


@dataclass(frozen=True, kw_only=True)
class OfficialNumbers(Evidence):
    """The numbers that the Department of Employment gave; entered, never made here."""

    permit_book: str = asked(N_("Permit book"))
    permit_number: str = asked(N_("Permit number"))
    issued_on: date = asked(N_("Issued on"), Ask.DATE)
    foreigner_number: str = asked(N_("Foreigner identification number"), hint=N_("13 digits"))
    other_number_because: str = asked(
        N_("Why the foreigner number is another one than before"),
        Ask.LONG_TEXT,
        default="",
        hint=N_("Only for a worker who already has a foreigner number."),
    )


@dataclass(frozen=True, kw_only=True)
class HandOver(Evidence):
    """Who took the permit and its papers."""

    received_by: str = asked(N_("Received by"))


def _joined(record: Record, evidence: Evidence, facts: Facts) -> Joined:
    """State which of the two entries is given up for the other."""
    proposed: SamePerson = record.last("propose_same_person").evidence
    this, other = facts.taken["this_entry"], facts.taken["other_entry"]
    stays, gives_up = (other, this) if proposed.stays is Stays.OTHER else (this, other)
    return Joined(stays=stays, gives_up=gives_up, reason=proposed.reason)


S = Application
EMPLOYER, OFFICER, REGISTRAR, CASHIER = Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR, Role.CASHIER
HOSPITAL, CHECKPOINT, SYSTEM, WORKER = Role.HOSPITAL, Role.CHECKPOINT, Role.SYSTEM, Role.WORKER
ASKER = (EMPLOYER, Role.AGENT)
PLANNED, UNFIT, RETEST, DUE = Track.ENTRY_PLANNED, Track.UNFIT, Track.RETEST, Track.MEDICAL_DUE
DUPLICATE, HELD, PAID = Track.DUPLICATE_SUSPECTED, Track.ON_HOLD, Track.FEE_PAID
SAME = Track.SAME_PERSON
PASSED, FAILED = (MedicalClass.FIT, MedicalClass.TREATMENT), (MedicalClass.UNFIT,)
GRANT = (PermitOutcome.PERMIT, PermitOutcome.CONDITIONS)
OUTSIDE, INSIDE = (S.REQUESTED, S.CLEARED), (S.ADMITTED, S.READY)
TRACKS = (*OUTSIDE, *INSIDE)
FILED = (S.FILED, S.INCOMPLETE, S.EXAMINED, S.ASSESSED)
LIVE = tuple(state for state in Application if not state.final)
SETTLED = (S.OPENED, *TRACKS, *(state for state in Application if state.final))
"""A file may have to be ended first, so that two of one person can be joined."""
IN_COUNTRY = (*INSIDE, *FILED, S.GRANTED, S.PAID, S.NUMBERED)
RENEWAL, CHANGE, ADDITION, SUBSTITUTE = Track.RENEWAL, Track.CHANGE, Track.ADDITION, Track.SUBSTITUTE
MOVES = (CHANGE, ADDITION)
KEEPS = (*MOVES, SUBSTITUTE)
"""The kinds that leave the permit its period, so that nobody is examined for them."""
KINDS = (RENEWAL, *KEEPS)
"""No flag of these: a new application."""

def _each(kinds: tuple[Track, ...], *rows: Step) -> tuple[Step, ...]:
    """Give rows that several kinds of application share, once for each kind."""
    return tuple(replace(row, needs=(*row.needs, kind)) for row in rows for kind in kinds)


def _permit(step: str, stated: Callable[[Record, Evidence, Facts], Evidence | None], *, must: bool = False) -> tuple[Cause, ...]:
    """Say what an application brings about on the permit that it stands on."""
    return (Cause("permit", step, Kin.PERMIT, stated, must=must),)


def _pending_again(rows: tuple[Step, ...]) -> tuple[Step, ...]:
    """A refusal that is recalled leaves the renewal pending as before."""
    pending = _permit("note_renewal", onward.renewal_pending)
    return tuple(replace(row, causes=pending) if row.name == "recall_order" and S.REFUSED in row.source else row for row in rows)


NO_LONGER_FILED = _permit("note_renewal_ended", onward.renewal_ended)

# fmt: off
DECIDES = (
    "check_identity", "replace_travel_document", "settle_duplicate", "record_medical", "accept_earlier_medical",
    "record_entry", "record_earlier_entry", "record_reentry", "file_application", "complete_filing", "file_change",
    "complete_change", "file_substitute", "complete_substitute", "pay_application_fee", "give_opinion",
    "propose_correction", "confirm_correction", KEYED_IN,
)
SEEN = (then.identity_is_known, only.hospital_is_listed, only.own_hospital, seen.hospital_is_licensed, seen.doctor_is_registered, only.examined_lately, only.certificate_is_new)
ORDERS = (only.registrar_appointed, only.rule_in_force, only.dated_today)
FOR_RENEWAL = (hires.employer_may_hire, then.permit_is_active, then.identity_is_known, then.filed_in_time, only.stay_runs, only.medical_runs, only.attachments_named, only.insured)
MAY_MOVE = (then.permit_is_active, then.permit_runs, only.request_runs, then.same_province, then.not_employed_there, then.within_employers_at_once, then.place_is_free)
FOR_MOVE = (hires.employer_may_hire, *MAY_MOVE, then.identity_is_known, only.attachments_named)

STEPS = (
    # the list opens it; who is it?
    Step("open_application", N_("Open the application"), (START,), S.OPENED, (OFFICER, SYSTEM), Listed, only_if=(hires.employer_may_hire, only.request_runs, only.no_other_live_application), papers=("cover_sheet",), causes=(Cause("request", "start_running", Kin.REQUEST, lambda r, e, f: Nothing()),)),
    *_each(KINDS, Step("check_identity", N_("Check identity"), INSIDE, None, (OFFICER,), Identity, only_if=(only.pass_is_valid, only.pass_from_allowed_province, route.pass_leads_to_the_work, only.old_enough, only.pass_of_one_person))),
    Step("suspect_duplicate", N_("Suspect a duplicate"), (S.OPENED, *TRACKS), None, (OFFICER, SYSTEM), Reason, bars=(DUPLICATE,), raises=(DUPLICATE,)),
    Step("settle_duplicate", N_("Settle: another person"), SETTLED, None, (OFFICER,), Reason, needs=(DUPLICATE,), bars=(SAME,), under=(DUPLICATE,), lifts=(DUPLICATE,)),
    Step("propose_same_person", N_("Settle: the same person"), SETTLED, None, (OFFICER,), SamePerson, needs=(DUPLICATE,), bars=(SAME,), under=(DUPLICATE,), raises=(SAME,), only_if=(only.other_entry_is_known, only.not_both_under_way)),
    Step("confirm_same_person", N_("Confirm: the same person"), SETTLED, None, (OFFICER, REGISTRAR), needs=(SAME,), under=(DUPLICATE,), lifts=(DUPLICATE, SAME), unlike=("propose_same_person",), only_if=(only.other_entry_is_known, only.not_both_under_way), causes=(Cause("worker", "join_worker", Kin.GIVES_UP, _joined),)),
    Step("reject_same_person", N_("Reject: the same person"), SETTLED, None, (OFFICER, REGISTRAR), Reason, needs=(SAME,), under=(DUPLICATE,), lifts=(SAME,)),
    Step("check_identity",  N_("Check identity"),        (S.OPENED,), S.REQUESTED, (OFFICER,), Identity, only_if=(only.pass_is_valid, only.pass_from_allowed_province, route.pass_leads_to_the_work, only.old_enough, only.pass_of_one_person), papers=("privacy_notice",)),
    Step("refuse_identity", N_("Refuse the identity"),   (S.OPENED,), S.DISQUALIFIED, (OFFICER,), CodedReason, under=(DUPLICATE,), papers=("worker_notice",)),
    Step("replace_travel_document", N_("Enter a re-issued pass"), tuple(s for s in LIVE if s is not S.OPENED), None, (OFFICER,), TravelDocument, only_if=(only.pass_is_valid, only.pass_from_allowed_province, route.pass_leads_to_the_work, only.pass_of_one_person)),

    # on a permit that runs: the person is known, and stands in the country
    Step("open_renewal",    N_("Open a renewal"),        (START,), S.ADMITTED, (*ASKER, WORKER), Renewal, keyed=(*ASKER, WORKER), raises=(RENEWAL,), only_if=(then.names_the_worker, then.asks_for_own_worker, hires.employer_may_hire, then.permit_is_active, then.paper_permit_is_confirmed, then.renewal_is_open, then.renewals_are_left, then.one_of_a_kind)),
    Step("open_change",     N_("Open a change of employer"), (START,), S.READY, (*ASKER, WORKER), ChangeOfEmployer, keyed=(*ASKER, WORKER), raises=(CHANGE,), only_if=(then.names_the_worker, then.asks_for_itself, hires.employer_may_hire, then.paper_permit_is_confirmed, *MAY_MOVE, then.old_employer_lets_go, then.one_of_a_kind)),
    Step("open_addition",   N_("Open the addition of an employer"), (START,), S.READY, (*ASKER, WORKER), AdditionOfEmployer, keyed=(*ASKER, WORKER), raises=(ADDITION,), only_if=(then.names_the_worker, then.asks_for_itself, hires.employer_may_hire, then.paper_permit_is_confirmed, *MAY_MOVE, then.one_of_a_kind)),
    Step("open_substitute", N_("Open a substitute"),     (START,), S.READY, (*ASKER, WORKER), Substitution, keyed=(*ASKER, WORKER), raises=(SUBSTITUTE,), only_if=(then.names_the_worker, then.asks_for_own_worker, then.permit_is_active, then.paper_permit_is_confirmed, then.permit_is_lost, then.one_of_a_kind)),
    Step("keep_identity",   N_("Identity as the office knows it"), tuple(Application), None, (SYSTEM,), Identity, under=(HELD, Track.CORRECTION_PROPOSED, DUPLICATE)),
    Step("accept_earlier_medical", N_("Accept the earlier medical certificate"), (S.ADMITTED,), S.READY, (OFFICER,), EarlierMedical, needs=(RENEWAL,), bars=(UNFIT, RETEST), completes=onward.earlier_medical, only_if=(then.earlier_medical_runs,), many=True),

    # the medical check, on its own track
    Step("refer_to_hospital", N_("Refer to the hospital"), (S.REQUESTED, S.ADMITTED), None, (OFFICER,), Referral, only_if=(then.identity_is_known, only.hospital_is_listed, seen.hospital_is_licensed, only.appointment_ahead), papers=("medical_referral",), many=True),
    Step("refer_to_hospital", N_("Refer to the hospital"), (S.CLEARED,), S.REQUESTED, (OFFICER,), Referral, only_if=(only.medical_has_expired, only.hospital_is_listed, seen.hospital_is_licensed, only.appointment_ahead), papers=("medical_referral",), many=True),
    Step("refer_to_hospital", N_("Refer to the hospital"), (S.READY,), S.ADMITTED, (OFFICER,), Referral, bars=KEEPS, only_if=(only.medical_has_expired, only.hospital_is_listed, seen.hospital_is_licensed, only.appointment_ahead), papers=("medical_referral",), many=True),
    Step("refer_to_hospital", N_("Refer to the hospital"), FILED, None, (OFFICER,), Referral, bars=KEEPS, only_if=(only.medical_has_expired, only.hospital_is_listed, seen.hospital_is_licensed, only.appointment_ahead), raises=(DUE,), papers=("medical_referral",), many=True),
    Step("record_medical",  N_("Record the medical result"), (S.REQUESTED,), S.CLEARED, (HOSPITAL,), MedicalResult, when=(MedicalClass.FIT,), keyed=(HOSPITAL,), lifts=(UNFIT, RETEST), only_if=SEEN, papers=("medical_record",), many=True),
    Step("record_medical",  N_("Record the medical result"), (S.REQUESTED,), S.CLEARED, (HOSPITAL,), MedicalResult, when=(MedicalClass.TREATMENT,), keyed=(HOSPITAL,), lifts=(UNFIT, RETEST), only_if=(*SEEN, only.follow_up_is_set), papers=("medical_record", "follow_up_card"), many=True),
    Step("record_medical",  N_("Record the medical result"), (S.ADMITTED,), S.READY, (HOSPITAL,), MedicalResult, when=(MedicalClass.FIT,), keyed=(HOSPITAL,), lifts=(UNFIT, RETEST), only_if=SEEN, papers=("medical_record",), many=True),
    Step("record_medical",  N_("Record the medical result"), (S.ADMITTED,), S.READY, (HOSPITAL,), MedicalResult, when=(MedicalClass.TREATMENT,), keyed=(HOSPITAL,), lifts=(UNFIT, RETEST), only_if=(*SEEN, only.follow_up_is_set), papers=("medical_record", "follow_up_card"), many=True),
    Step("record_medical",  N_("Record the medical result"), FILED, None, (HOSPITAL,), MedicalResult, when=(MedicalClass.FIT,), keyed=(HOSPITAL,), needs=(DUE,), lifts=(UNFIT, RETEST, DUE), only_if=SEEN, papers=("medical_record",), many=True),
    Step("record_medical",  N_("Record the medical result"), FILED, None, (HOSPITAL,), MedicalResult, when=(MedicalClass.TREATMENT,), keyed=(HOSPITAL,), needs=(DUE,), lifts=(UNFIT, RETEST, DUE), only_if=(*SEEN, only.follow_up_is_set), papers=("medical_record", "follow_up_card"), many=True),
    Step("record_medical",  N_("Record the medical result"), (S.REQUESTED, S.ADMITTED), None, (HOSPITAL,), MedicalResult, when=FAILED, keyed=(HOSPITAL,), raises=(UNFIT,), lifts=(RETEST,), only_if=SEEN, papers=("medical_record",), many=True),
    Step("record_medical",  N_("Record the medical result"), FILED, None, (HOSPITAL,), MedicalResult, when=FAILED, keyed=(HOSPITAL,), needs=(DUE,), raises=(UNFIT,), lifts=(RETEST, DUE), only_if=SEEN, papers=("medical_record",), many=True),
    Step("ask_retest",      N_("Ask for a re-test"),     (S.REQUESTED, S.ADMITTED), None, (HOSPITAL, *ASKER, WORKER), Reason, keyed=(HOSPITAL, *ASKER, WORKER), needs=(UNFIT,), bars=(RETEST,), raises=(RETEST,)),
    Step("ask_retest",      N_("Ask for a re-test"),     FILED, None, (HOSPITAL, *ASKER, WORKER), Reason, keyed=(HOSPITAL, *ASKER, WORKER), needs=(UNFIT,), bars=(RETEST,), raises=(RETEST, DUE)),
    Step("record_never_came", N_("Record that the worker did not come to the check"), (S.REQUESTED, S.ADMITTED), None, (HOSPITAL,), Reason, keyed=(HOSPITAL,), only_if=(only.was_referred,), many=True),

    # the border, on its own track
    Step("plan_entry",      N_("Plan the entry"),        OUTSIDE, None, (OFFICER,), EntryPlan, bars=(PLANNED, UNFIT), raises=(PLANNED,), only_if=(only.order_of_tracks, only.gate_is_allowed, only.gate_opens, route.pass_leads_over_the_gate, there.gate_not_shut, there.band_has_room, only.entry_day_ahead, only.pass_runs_at_entry), completes=there.first_free_band, gathers="list_entries", many=True),
    Step("reschedule_entry", N_("Call off the planned entry"), OUTSIDE, None, (OFFICER, CHECKPOINT, SYSTEM), Reason, needs=(PLANNED,), lifts=(PLANNED,), many=True),
    Step("record_no_show",  N_("Record that the worker did not come to the gate"), OUTSIDE, None, (CHECKPOINT,), Reason, keyed=(CHECKPOINT,), needs=(PLANNED,), lifts=(PLANNED,), only_if=(only.own_gate, only.entry_day_came), many=True),
    Step("refuse_entry",    N_("Record a refused entry"), OUTSIDE, None, (CHECKPOINT,), CodedReason, keyed=(CHECKPOINT,), needs=(PLANNED,), lifts=(PLANNED,), only_if=(only.own_gate, only.entry_day_came)),
    Step("record_entry",    N_("Record the entry"),      (S.REQUESTED,), S.ADMITTED, (CHECKPOINT,), Entry, keyed=(CHECKPOINT,), needs=(PLANNED,), lifts=(PLANNED,), only_if=(only.own_gate, only.gate_is_allowed, route.pass_leads_over_the_gate, only.stamp_not_ahead, only.stay_as_ruled, only.pass_ran_at_stamp), papers=("entry_record", "tm30"), many=True),
    Step("record_entry",    N_("Record the entry"),      (S.CLEARED,), S.READY, (CHECKPOINT,), Entry, keyed=(CHECKPOINT,), needs=(PLANNED,), lifts=(PLANNED,), only_if=(only.own_gate, only.gate_is_allowed, route.pass_leads_over_the_gate, only.stamp_not_ahead, only.stay_as_ruled, only.pass_ran_at_stamp), papers=("entry_record", "tm30"), many=True),
    Step("record_earlier_entry", N_("Record an earlier entry"), (S.REQUESTED,), S.ADMITTED, (OFFICER,), EarlierEntry, lifts=(PLANNED,), only_if=(only.gate_is_allowed, only.stamp_not_ahead, only.stay_as_ruled), papers=("entry_record", "tm30")),
    Step("record_earlier_entry", N_("Record an earlier entry"), (S.CLEARED,), S.READY, (OFFICER,), EarlierEntry, lifts=(PLANNED,), only_if=(only.gate_is_allowed, only.stamp_not_ahead, only.stay_as_ruled), papers=("entry_record", "tm30")),
    Step("record_reentry",  N_("Record a re-entry"),     IN_COUNTRY, None, (CHECKPOINT,), Entry, keyed=(CHECKPOINT,), bars=KINDS, only_if=(only.own_gate, only.gate_is_allowed, route.pass_leads_over_the_gate, only.stamp_not_ahead, only.stay_as_ruled, only.pass_ran_at_stamp), papers=("entry_record",), many=True),
    Step("note_housing",    N_("Note the housing notice (TM.30)"), (*IN_COUNTRY, S.LEAVING), None, ASKER, HousingNotice, keyed=ASKER, bars=KINDS, only_if=(life.not_ahead,), many=True),

    # registration
    Step("file_application", N_("File BT.29"),           (S.READY,), S.FILED, ASKER, Filing, keyed=ASKER, bars=(UNFIT, PAID, *KINDS), only_if=(only.stay_runs, only.medical_runs, only.attachments_named, only.job_of_request, only.insured), papers=("bt29", "bt46", "contract", "filing_receipt"), many=True),
    Step("file_application", N_("File BT.29"),           (S.READY,), S.EXAMINED, ASKER, Filing, keyed=ASKER, needs=(PAID,), bars=(UNFIT, *KINDS), only_if=(only.stay_runs, only.medical_runs, only.attachments_named, only.job_of_request, only.insured), papers=("bt29", "bt46", "contract", "filing_receipt"), many=True),
    Step("file_application", N_("File BT.29"),           (S.READY,), S.FILED, ASKER, Filing, keyed=ASKER, needs=(RENEWAL,), bars=(UNFIT, PAID), only_if=FOR_RENEWAL, papers=("bt29", "bt46", "contract", "filing_receipt"), causes=_permit("note_renewal", onward.renewal_filed), many=True),
    Step("file_application", N_("File BT.29"),           (S.READY,), S.EXAMINED, ASKER, Filing, keyed=ASKER, needs=(RENEWAL, PAID), bars=(UNFIT,), only_if=FOR_RENEWAL, papers=("bt29", "bt46", "contract", "filing_receipt"), causes=_permit("note_renewal", onward.renewal_filed), many=True),
    *_each(MOVES,
        Step("file_change", N_("File BT.44"),            (S.READY,), S.FILED, ASKER, ChangeFiling, keyed=ASKER, bars=(PAID,), only_if=FOR_MOVE, papers=("bt46", "contract", "filing_receipt")),
        Step("file_change", N_("File BT.44"),            (S.READY,), S.EXAMINED, ASKER, ChangeFiling, keyed=ASKER, needs=(PAID,), only_if=FOR_MOVE, papers=("bt46", "contract", "filing_receipt")),
    ),
    Step("file_substitute", N_("File for a substitute"), (S.READY,), S.FILED, (*ASKER, WORKER), SubstituteFiling, keyed=(*ASKER, WORKER), needs=(SUBSTITUTE,), bars=(PAID,), only_if=(then.permit_is_active, then.identity_is_known, then.permit_is_lost), papers=("filing_receipt",)),
    Step("file_substitute", N_("File for a substitute"), (S.READY,), S.EXAMINED, (*ASKER, WORKER), SubstituteFiling, keyed=(*ASKER, WORKER), needs=(SUBSTITUTE, PAID), only_if=(then.permit_is_active, then.identity_is_known, then.permit_is_lost), papers=("filing_receipt",)),
    Step("ask_for_missing", N_("List what is missing"),  (S.FILED, S.EXAMINED), S.INCOMPLETE, (OFFICER,), Deficiencies, only_if=(only.one_deficiency_list, only.answer_day_ahead), papers=("deficiency_record",)),
    Step("complete_filing", N_("Send what was missing"), (S.INCOMPLETE,), S.FILED, ASKER, Filing, keyed=ASKER, bars=(DUE, PAID, *KEEPS), only_if=(only.attachments_named, only.job_of_request, only.insured), papers=("bt29", "bt46", "contract")),
    Step("complete_filing", N_("Send what was missing"), (S.INCOMPLETE,), S.EXAMINED, ASKER, Filing, keyed=ASKER, needs=(PAID,), bars=(DUE, *KEEPS), only_if=(only.attachments_named, only.job_of_request, only.insured), papers=("bt29", "bt46", "contract")),
    *_each(MOVES,
        Step("complete_change", N_("Send what was missing"), (S.INCOMPLETE,), S.FILED, ASKER, ChangeFiling, keyed=ASKER, bars=(PAID,), only_if=(only.attachments_named,), papers=("bt46", "contract")),
        Step("complete_change", N_("Send what was missing"), (S.INCOMPLETE,), S.EXAMINED, ASKER, ChangeFiling, keyed=ASKER, needs=(PAID,), only_if=(only.attachments_named,), papers=("bt46", "contract")),
    ),
    Step("complete_substitute", N_("Send what was missing"), (S.INCOMPLETE,), S.FILED, (*ASKER, WORKER), SubstituteFiling, keyed=(*ASKER, WORKER), needs=(SUBSTITUTE,), bars=(PAID,)),
    Step("complete_substitute", N_("Send what was missing"), (S.INCOMPLETE,), S.EXAMINED, (*ASKER, WORKER), SubstituteFiling, keyed=(*ASKER, WORKER), needs=(SUBSTITUTE, PAID)),
    Step("return_filing",   N_("Return, time has passed"), (S.INCOMPLETE,), S.READY, (OFFICER,), Reason, bars=(UNFIT, DUE), only_if=(only.answer_day_passed,), causes=NO_LONGER_FILED),
    Step("return_filing",   N_("Return, time has passed"), (S.INCOMPLETE,), S.ADMITTED, (OFFICER,), Reason, needs=(UNFIT,), lifts=(DUE,), only_if=(only.answer_day_passed,), causes=NO_LONGER_FILED),
    Step("return_filing",   N_("Return, time has passed"), (S.INCOMPLETE,), S.ADMITTED, (OFFICER,), Reason, needs=(DUE,), bars=(UNFIT,), lifts=(DUE,), only_if=(only.answer_day_passed,), causes=NO_LONGER_FILED),
    Step("pay_application_fee", N_("Take the application fee"), (S.FILED,), S.EXAMINED, (CASHIER,), Payment, raises=(PAID,), only_if=(only.application_fee_is_right, only.receipt_is_new), papers=("fee_receipt",), many=True),
    Step("give_opinion",    N_("Give an opinion"),       (S.EXAMINED,), S.ASSESSED, (OFFICER,), OfficerOpinion, bars=(DUE,), only_if=(only.attachments_complete,), many=True),
    Step("return_to_officer", N_("Send back to the officer"), (S.ASSESSED,), S.EXAMINED, (REGISTRAR,), Reason, only_if=(only.registrar_appointed,)),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.GRANTED, (REGISTRAR,), PermitOrder, when=GRANT, unlike=DECIDES, bars=(UNFIT, DUE, *KINDS), completes=permit_days, only_if=(only.registrar_appointed, only.rule_in_force, only.dated_today, only.request_runs, only.stay_runs, only.medical_runs, only.pass_runs, only.within_longest_term, only.conditions_named, only.reason_against_advice), papers=("permit_order",), many=True),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.GRANTED, (REGISTRAR,), PermitOrder, when=GRANT, unlike=DECIDES, needs=(RENEWAL,), bars=(UNFIT, DUE), completes=onward.renewed_days, only_if=(*ORDERS, then.permit_is_not_held, then.permit_is_not_in_question, then.permit_is_active, only.stay_runs, only.medical_runs, only.pass_runs, then.renewals_are_left, then.within_renewed_term, only.conditions_named, only.reason_against_advice), papers=("permit_order",), many=True),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.GRANTED, (REGISTRAR,), PermitOrder, when=GRANT, unlike=DECIDES, needs=(CHANGE,), completes=onward.days_kept, only_if=(*ORDERS, then.permit_is_not_held, then.permit_is_not_in_question, *MAY_MOVE, then.old_employer_lets_go, then.keeps_the_period, only.conditions_named, only.reason_against_advice), papers=("permit_order",), many=True),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.GRANTED, (REGISTRAR,), PermitOrder, when=GRANT, unlike=DECIDES, needs=(ADDITION,), completes=onward.days_kept, only_if=(*ORDERS, then.permit_is_not_held, then.permit_is_not_in_question, *MAY_MOVE, then.keeps_the_period, only.conditions_named, only.reason_against_advice), papers=("permit_order",), many=True),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.GRANTED, (REGISTRAR,), PermitOrder, when=GRANT, unlike=DECIDES, needs=(SUBSTITUTE,), completes=onward.days_kept, only_if=(*ORDERS, then.permit_is_not_held, then.permit_is_active, then.permit_is_lost, then.keeps_the_period, only.conditions_named, only.reason_against_advice), papers=("permit_order",), many=True),
    *_each(KEEPS, Step("decide", N_("Decide the application"), (S.ASSESSED,), S.REFUSED, (REGISTRAR,), PermitOrder, when=(PermitOutcome.REFUSE,), unlike=DECIDES, only_if=(*ORDERS, only.order_has_reason), papers=("refusal_order",), many=True)),
    Step("decide",          N_("Decide the application"), (S.ASSESSED,), S.REFUSED, (REGISTRAR,), PermitOrder, when=(PermitOutcome.REFUSE,), unlike=DECIDES, bars=KEEPS, only_if=(only.registrar_appointed, only.rule_in_force, only.dated_today, only.request_runs, only.order_has_reason), papers=("refusal_order", "bt29_officials"), causes=NO_LONGER_FILED, many=True),
    Step("pay_permit_fee",  N_("Take the permit fee"),   (S.GRANTED,), S.PAID, (CASHIER,), Payment, only_if=(only.after_the_order, only.permit_fee_is_right, only.receipt_is_new), papers=("fee_receipt",), many=True),
    Step("lapse_unpaid",    N_("Close, permit fee unpaid"), (S.GRANTED,), S.FAILED, (OFFICER,), Reason, only_if=(only.payment_day_passed,), papers=("worker_notice",), causes=NO_LONGER_FILED),
    Step("enter_numbers",   N_("Enter the official numbers"), (S.PAID,), S.NUMBERED, (OFFICER,), OfficialNumbers, bars=KEEPS, only_if=(only.after_the_order, only.permit_number_is_new, only.foreigner_number_fits, only.not_issued_ahead), papers=("bt29_officials",)),
    *_each(KEEPS, Step("enter_numbers", N_("Enter the official numbers"), (S.PAID,), S.NUMBERED, (OFFICER,), OfficialNumbers, only_if=(only.after_the_order, only.permit_number_is_new, only.foreigner_number_fits, only.not_issued_ahead))),
    Step("issue_permit",    N_("Issue the permit"),      (S.NUMBERED,), S.ISSUED, (OFFICER, REGISTRAR), HandOver, bars=KINDS, only_if=(only.after_the_order, only.photo_is_there, only.permit_still_runs, only.order_still_fits), papers=("permit_record", "pocket_card", "hire_notice", "start_notice"), causes=(Cause("permit", "open_permit", Kin.NEW, opened_by),), many=True),
    Step("issue_permit",    N_("Issue the permit"),      (S.NUMBERED,), S.ISSUED, (OFFICER, REGISTRAR), HandOver, needs=(RENEWAL,), only_if=(only.after_the_order, then.permit_is_not_held, then.permit_is_not_in_question, then.permit_is_active, only.photo_is_there, only.permit_still_runs, only.order_still_fits), papers=("permit_record", "pocket_card"), causes=_permit("extend_permit", onward.extended, must=True), many=True),
    Step("issue_permit",    N_("Issue the permit"),      (S.NUMBERED,), S.ISSUED, (OFFICER, REGISTRAR), HandOver, needs=(CHANGE,), only_if=(only.after_the_order, then.permit_is_not_held, then.permit_is_not_in_question, *MAY_MOVE, only.photo_is_there, only.permit_still_runs), papers=("permit_record", "pocket_card", "hire_notice", "start_notice"), causes=_permit("change_employer", onward.employed, must=True), many=True),
    Step("issue_permit",    N_("Issue the permit"),      (S.NUMBERED,), S.ISSUED, (OFFICER, REGISTRAR), HandOver, needs=(ADDITION,), only_if=(only.after_the_order, then.permit_is_not_held, then.permit_is_not_in_question, *MAY_MOVE, only.photo_is_there, only.permit_still_runs), papers=("permit_record", "pocket_card", "hire_notice", "start_notice"), causes=_permit("add_employer", onward.employed, must=True), many=True),
    Step("issue_permit",    N_("Issue the permit"),      (S.NUMBERED,), S.ISSUED, (OFFICER, REGISTRAR), HandOver, needs=(SUBSTITUTE,), only_if=(only.after_the_order, then.permit_is_not_held, then.permit_is_active, only.photo_is_there, only.permit_still_runs), papers=("permit_record", "pocket_card"), causes=_permit("substitute_permit", onward.substituted, must=True), many=True),

    # the ways out
    Step("arrange_return",  N_("Arrange the return"),    INSIDE, S.LEAVING, (OFFICER,), CodedReason, bars=KINDS, papers=("worker_notice",)),
    Step("record_exit",     N_("Record the exit"),       (S.LEAVING,), S.FAILED, (CHECKPOINT,), Reason, keyed=(CHECKPOINT,)),
    Step("end_without_permit", N_("End without a permit"), OUTSIDE, S.FAILED, (OFFICER,), CodedReason, lifts=(PLANNED,), under=(DUPLICATE,), papers=("worker_notice",)),
    Step("end_without_permit", N_("End without a permit"), (S.ADMITTED, S.READY), S.FAILED, (OFFICER,), CodedReason, needs=(RENEWAL,), under=(DUPLICATE,), papers=("worker_notice",), causes=NO_LONGER_FILED),
    Step("not_taken_up",    N_("Record that the worker is not taken on"), (S.OPENED, *TRACKS), S.NOT_TAKEN_UP, ASKER, Reason, keyed=ASKER, bars=KINDS, lifts=(PLANNED,), under=(DUPLICATE,), papers=("notice_receipt",)),
    Step("withdraw",        N_("Withdraw"),              LIVE, S.WITHDRAWN, (*ASKER, WORKER, SYSTEM), Reason, keyed=(*ASKER, WORKER), bars=(RENEWAL,), under=(HELD, DUPLICATE), lifts=(PLANNED,)),
    Step("withdraw",        N_("Withdraw"),              LIVE, S.WITHDRAWN, (*ASKER, WORKER, SYSTEM), Reason, keyed=(*ASKER, WORKER), needs=(RENEWAL,), under=(HELD, DUPLICATE), causes=NO_LONGER_FILED),
    Step("reopen_application", N_("Reopen, the appeal was allowed"), (S.REFUSED,), S.EXAMINED, (SYSTEM,), Reason),
    *Everywhere.steps(LIVE, tuple(Application), stopping=(DUPLICATE,), released=(only.request_runs,)),
    *_pending_again(Everywhere.orders((S.GRANTED, S.PAID, S.NUMBERED, S.ISSUED, S.REFUSED, S.FAILED), ((S.GRANTED, S.ASSESSED, ("decide",), ()), (S.REFUSED, S.ASSESSED, ("decide",), ())))),
)
# fmt: on

FLOW = Flow("application", N_("Application"), Application, STEPS, Track)
