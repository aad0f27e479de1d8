"""What was issued and its life after: periods, employers, stays, notices; its end, and the ways back from an end."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from workflow.domain import permit_policies as life
from workflow.domain import policies as only
from workflow.domain import route_policies as route
from workflow.domain.actor import Role
from workflow.domain.crossing import Entry, Exit, StayReport
from workflow.domain.everywhere import Everywhere, EverywhereFlag, Reason
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import KEYED_IN, START, Cause, Flow, Kin, Step
from workflow.domain.record import Facts, Flag, Record, State
from workflow.domain.terms import Terms
from workflow.domain.validity import stay_until
from workflow.domain.words import N_

if TYPE_CHECKING:
    from workflow.domain.application import Filing, Listed, OfficialNumbers, PermitOrder


class Permit(State):
    """Where a permit stands; expired, late and the like are computed from dates, never stored."""

    ACTIVE = "active", N_("Active")
    ENDED = "ended", N_("Ended"), True
    REVOKED = "revoked", N_("Revoked"), True
    EXITED = "exited", N_("Left the Kingdom"), True
    DECEASED = "deceased", N_("Deceased"), True


class PermitFlag(Flag):
    """What holds beside the state of a permit."""

    ON_HOLD = EverywhereFlag.ON_HOLD.value, EverywhereFlag.ON_HOLD.label, True
    CORRECTION_PROPOSED = EverywhereFlag.CORRECTION_PROPOSED.value, EverywhereFlag.CORRECTION_PROPOSED.label, True
    RENEWAL_FILED = "renewal_filed", N_("Renewal filed in time")
    LOST = "lost", N_("Permit lost")
    ABSCONDED = "absconded", N_("Reported as absconded")
    REFERRED = "referred", N_("Referred: signs of trafficking")
    SUSPENDED = "suspended", N_("Suspended"), True
    GRACE = "grace", N_("Under grace")
    DEPARTURE = "departure", N_("Told to leave the Kingdom")
    UNKNOWN = "unknown", N_("Status not decided"), True
    REVOCATION_PROPOSED = "revocation_proposed", N_("Revocation proposed")
    HEARD = "heard", N_("Worker heard")
    HOSPITALISED = "hospitalised", N_("In hospital")
    UNCONFIRMED = "unconfirmed", N_("Taken over from paper, waits for a second person")


class NoticeKind(Terms):
    """The notices that the law asks of employer and worker."""

    HIRE = "hire", N_("Hire (BT.52, section 13)")
    WORKER_START = "worker_start", N_("Worker's notice of work (section 64/2)")
    EXIT = "exit", N_("End of work (BT.53, section 13)")
    HOUSING = "housing", N_("Arrival at the housing (TM.30)")


class EndReason(Terms):
    """Why work for one employer ended."""

    FINISHED = "finished", N_("Work finished")
    RESIGNED = "resigned", N_("Resigned")
    DISMISSED = "dismissed", N_("Dismissed")
    ABSCONDED = "absconded", N_("Absconded")
    ILLNESS = "illness", N_("Illness")
    DEATH = "death", N_("Death")
    RETURNED = "returned", N_("Returned home")
    OTHER = "other", N_("Another reason")


class DistrictMatter(Terms):
    """What the district is told within 24 hours (undertaking 4 of the demand letter)."""

    DISMISSED = "dismissed", N_("Dismissal")
    ABSCONDED = "absconded", N_("Absconding")


class TraffickingOutcome(Terms):
    """What a look at the signs of trafficking came to."""

    NONE = "none", N_("No sign of trafficking")
    REFERRED = "referred", N_("Refer to the protection team")


# what the system states, caused by applications ---------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PermitOpened(Evidence):
    """The permit with its first period, first employment and the stay that runs, taken from the application's order."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    worker: str = asked(N_("Worker"), Ask.GIVEN)
    employer: str = asked(N_("Employer"), Ask.GIVEN)
    valid_from: date = asked(N_("Permit from"), Ask.GIVEN)
    valid_until: date = asked(N_("Permit until"), Ask.GIVEN)
    job: str = asked(N_("Position"), Ask.GIVEN)
    workplace: str = asked(N_("Workplace"), Ask.GIVEN)
    conditions: str = asked(N_("Conditions"), Ask.GIVEN, default="")
    permit_book: str = asked(N_("Permit book"), Ask.GIVEN)
    permit_number: str = asked(N_("Permit number"), Ask.GIVEN)
    foreigner_number: str = asked(N_("Foreigner identification number"), Ask.GIVEN)
    request: str = asked(N_("Request"), Ask.GIVEN, default="")
    gate: str = asked(N_("Gate"), Ask.GIVEN, default="")
    entered_on: date | None = asked(N_("Stamp date"), Ask.GIVEN, default=None)
    stay_until: date | None = asked(N_("Stay until"), Ask.GIVEN, default=None)


@dataclass(frozen=True, kw_only=True)
class PermitTakenOver(PermitOpened):
    """A permit that runs on paper, taken over from a sheet with its numbers; no application of ours made it."""

    application: str = asked(N_("Application"), Ask.GIVEN, default="")
    sheet: str = asked(N_("Sheet"), Ask.GIVEN, default="")
    sheet_digest: str = asked(N_("Digest of the sheet"), Ask.GIVEN, default="")
    sheet_row: int = asked(N_("Row of the sheet"), Ask.GIVEN, default=0)


@dataclass(frozen=True, kw_only=True)
class PeriodAdded(Evidence):
    """A further period, from a renewal that was issued."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    valid_from: date = asked(N_("Permit from"), Ask.GIVEN)
    valid_until: date = asked(N_("Permit until"), Ask.GIVEN)
    conditions: str = asked(N_("Conditions"), Ask.GIVEN, default="")
    permit_book: str = asked(N_("Permit book"), Ask.GIVEN)
    permit_number: str = asked(N_("Permit number"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class RenewalFiled(Evidence):
    """A renewal filed in time: work may go on until it is decided (s.67), and this says by what receipt."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    filed_on: date = asked(N_("Filed on"), Ask.GIVEN)
    receipt: str = asked(N_("Filing number"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class RenewalEnded(Evidence):
    """A renewal that came to nothing: refused, withdrawn or not carried on."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    reason: str = asked(N_("Reason in words"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class EmploymentStarted(Evidence):
    """Work for a further employer, or for another in the place of one."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    employer: str = asked(N_("Employer"), Ask.GIVEN)
    request: str = asked(N_("Request"), Ask.GIVEN, default="")
    workplace: str = asked(N_("Workplace"), Ask.GIVEN)
    job: str = asked(N_("Position"), Ask.GIVEN)
    from_on: date = asked(N_("Work from"), Ask.GIVEN)
    replaces: str = asked(N_("In the place of"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class SubstituteIssued(Evidence):
    """The book that takes the place of one that was lost; the old one is void."""

    application: str = asked(N_("Application"), Ask.GIVEN)
    permit_book: str = asked(N_("Permit book"), Ask.GIVEN)
    permit_number: str = asked(N_("Permit number"), Ask.GIVEN)


# what employers and workers tell ------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Notice(Evidence):
    """A notice that the law asks for, as it was given."""

    kind_of: NoticeKind = asked(N_("Notice"), Ask.CHOICE, options=NoticeKind)
    employer: str = asked(N_("Employer"), Ask.REGISTER, options="permit_employers")
    event_on: date = asked(N_("Day of the event"), Ask.DATE, hint=N_("First or last working day, or arrival at the housing."))
    given_on: date = asked(N_("Notice given on"), Ask.DATE)
    number: str = asked(N_("Receipt number of the notice"), default="")

    def outcome(self) -> StrEnum:
        """Name the notice."""
        return self.kind_of


@dataclass(frozen=True, kw_only=True)
class EmploymentEnd(Evidence):
    """The end of work for one employer: finished, resigned, dismissed, absconded and so on, in one form.

    Where the worker was dismissed or absconded, the district is told within 24 hours of knowing.
    """

    employer: str = asked(N_("Employer"), Ask.REGISTER, options="permit_employers")
    reason_code: EndReason = asked(N_("Reason"), Ask.CHOICE, options=EndReason)
    last_day: date = asked(N_("Last working day"), Ask.DATE)
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)
    known_at: datetime | None = asked(
        N_("When the employer knew"), Ask.MOMENT, default=None, hint=N_("Dismissed or absconded: the 24 hours run from here.")
    )
    told_at: datetime | None = asked(
        N_("When the district was told"), Ask.MOMENT, default=None, hint=N_("Dismissed or absconded: if told already; otherwise it stays open.")
    )

    def outcome(self) -> StrEnum:
        """Name the reason."""
        return self.reason_code


@dataclass(frozen=True, kw_only=True)
class DistrictNotice(Evidence):
    """The notice to the district that a worker was dismissed or absconded."""

    employer: str = asked(N_("Employer"), Ask.REGISTER, options="permit_employers")
    about: DistrictMatter = asked(N_("About"), Ask.CHOICE, options=DistrictMatter)
    told_at: datetime = asked(N_("When the district was told"), Ask.MOMENT)
    told_to: str = asked(N_("Who took the notice"), default="")


@dataclass(frozen=True, kw_only=True)
class Loss(Evidence):
    """A permit lost or destroyed; a substitute is asked for within the time of the law (s.69)."""

    known_on: date = asked(N_("Loss known on"), Ask.DATE)
    where: str = asked(N_("Where and how it was lost"), Ask.LONG_TEXT)
    police_report: str = asked(N_("Number of the police report"), default="")


# what the office finds ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TraffickingCheck(Evidence):
    """A look at the signs of trafficking before anybody is punished; read by the office only."""

    indicators: tuple[str, ...] = asked(N_("Signs found"), Ask.MANY, options="trafficking_indicators", default=())
    result: TraffickingOutcome = asked(N_("Result"), Ask.CHOICE, options=TraffickingOutcome)
    told: str = asked(N_("What was asked and seen"), Ask.LONG_TEXT)
    referred_to: str = asked(N_("Referred to"), default="")
    answer: str = asked(
        N_("Answer of the protection team"), Ask.LONG_TEXT, default="", hint=N_("To lift a referral: who answered, when, under which number.")
    )

    def outcome(self) -> StrEnum:
        """Name the result."""
        return self.result


@dataclass(frozen=True, kw_only=True)
class Found(Evidence):
    """A worker who was reported as absconded and was found."""

    found_on: date = asked(N_("Found on"), Ask.DATE)
    where: str = asked(N_("Where the worker was found"))
    told: str = asked(N_("What the worker says"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class HospitalStay(Evidence):
    """A worker taken into hospital; why is never asked."""

    admitted_on: date = asked(N_("In hospital since"), Ask.DATE)
    place: str = asked(N_("Hospital"))


@dataclass(frozen=True, kw_only=True)
class Recovery(Evidence):
    """A worker who left the hospital."""

    recovered_on: date = asked(N_("Left the hospital on"), Ask.DATE)


@dataclass(frozen=True, kw_only=True)
class Death(Evidence):
    """The death of a worker, by its proof."""

    died_on: date = asked(N_("Died on"), Ask.DATE)
    proof: str = asked(N_("Death certificate or report, number"))
    proof_scan: str | None = asked(N_("Scan of the proof"), Ask.FILE, default=None)


# what the office orders ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Laid(Evidence):
    """What is laid over a permit or taken from it: suspension, grace, an open status; by a measure or by an officer."""

    from_on: date = asked(N_("From"), Ask.DATE)
    until: date | None = asked(N_("Until"), Ask.DATE, default=None, hint=N_("Left empty where no end is known."))
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)
    measure: str = asked(N_("Measure"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class DepartureNotice(Evidence):
    """The notice to leave the Kingdom, with the day by which."""

    told_on: date = asked(N_("Told on"), Ask.DATE)
    leave_until: date | None = asked(
        N_("To leave by"), Ask.DATE, default=None, hint=N_("Left empty: as the rules in force say.")
    )
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)
    measure: str = asked(N_("Measure"), Ask.GIVEN, default="")


@dataclass(frozen=True, kw_only=True)
class RevocationProposal(Evidence):
    """On what ground a permit is proposed to be revoked."""

    ground: str = asked(N_("Ground"), Ask.CHOICE, options="revocation_grounds")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Hearing(Evidence):
    """What the worker said to the proposal, or how it was tried to reach the worker."""

    heard_on: date = asked(N_("Heard on"), Ask.DATE)
    reached: bool = asked(N_("The worker was reached"), Ask.YES_NO)
    told: str = asked(N_("What the worker says, or how it was tried to reach the worker"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Revocation(Evidence):
    """The order by which a permit is revoked (s.73)."""

    ground: str = asked(N_("Ground"), Ask.CHOICE, options="revocation_grounds")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class PermitEnd(Evidence):
    """When and why the permit was closed."""

    ended_on: date = asked(N_("Ended on"), Ask.DATE)
    reason_code: EndReason = asked(N_("Reason"), Ask.CHOICE, options=EndReason)
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


# what follows -------------------------------------------------------------------------------


def opened_by(application: Record, evidence: Evidence, facts: Facts) -> PermitOpened:
    """State the permit that follows from an issued application."""
    listed: Listed = application.last("open_application").evidence
    order: PermitOrder = application.last("decide").evidence
    numbers: OfficialNumbers = application.last("enter_numbers").evidence
    filing: Filing = application.last("file_application", "complete_filing").evidence
    stamp = application.last("record_entry", "record_earlier_entry", "record_reentry")
    return PermitOpened(
        application=application.subject,
        worker=listed.worker,
        employer=listed.employer,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        job=filing.work_nature,
        workplace=filing.workplace,
        conditions=order.conditions,
        permit_book=numbers.permit_book,
        permit_number=numbers.permit_number,
        foreigner_number=numbers.foreigner_number,
        request=listed.request,
        gate=stamp.evidence.gate if stamp else "",
        entered_on=stamp.evidence.stamped_on if stamp else None,
        stay_until=stay_until(application),
    )


def told_with_it(record: Record, evidence: EmploymentEnd, facts: Facts) -> DistrictNotice | None:
    """State the notice to the district that was given with the end of work, if it was."""
    if evidence.told_at is None:
        return None
    return DistrictNotice(employer=evidence.employer, about=DistrictMatter(evidence.reason_code), told_at=evidence.told_at)


def next_report(record: Record, evidence: StayReport, facts: Facts) -> StayReport:
    """Complete a report with the day of the next one, as the rules in force say."""
    days = facts.ruleset.get("report.every_days")
    if evidence.next_due is not None or days is None:
        return evidence
    return replace(evidence, next_due=evidence.reported_on + timedelta(days=days))


def last_day_to_leave(record: Record, evidence: DepartureNotice, facts: Facts) -> DepartureNotice:
    """Complete a notice to leave with its last day, as the rules in force say."""
    days = facts.ruleset.get("departure.days")
    if evidence.leave_until is not None or days is None:
        return evidence
    return replace(evidence, leave_until=evidence.told_on + timedelta(days=days))


S, F = Permit, PermitFlag
A, EVERY = (S.ACTIVE,), tuple(Permit)
TO_THE_OFFICE = (NoticeKind.HIRE, NoticeKind.WORKER_START, NoticeKind.EXIT)
"""Notices that the office acknowledges; immigration gives the receipt of TM.30."""
EMPLOYER, OFFICER, REGISTRAR, CHECKPOINT = Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR, Role.CHECKPOINT
SYSTEM, WORKER, ASKER = Role.SYSTEM, Role.WORKER, (Role.EMPLOYER, Role.AGENT)
STOPS = (F.SUSPENDED, F.UNKNOWN)
ANY = (F.ON_HOLD, F.CORRECTION_PROPOSED, *STOPS)
REVOKES = ("propose_revocation", "hear_worker", "check_trafficking", "propose_correction", "confirm_correction", KEYED_IN)
TOLD_AT_ONCE = (EndReason.DISMISSED, EndReason.ABSCONDED)
UNTOLD = tuple(reason for reason in EndReason if reason not in TOLD_AT_ONCE)
TELLS = (Cause("permit", "tell_district", Kin.SELF, told_with_it),)

# fmt: off
STEPS = (
    # what applications bring about; it happened, so no flag keeps it out
    Step("open_permit",     N_("Open the permit"),       (START,), S.ACTIVE, (SYSTEM,), PermitOpened, only_if=(life.no_other_live_permit,)),
    Step("take_over_permit", N_("Take over a running paper permit"), (START,), S.ACTIVE, (OFFICER,), PermitTakenOver, raises=(F.UNCONFIRMED,), only_if=(life.no_other_live_permit, life.number_is_free, life.runs_on_paper)),
    Step("confirm_takeover", N_("Confirm what was taken over"), A, None, (OFFICER, REGISTRAR), under=ANY, needs=(F.UNCONFIRMED,), lifts=(F.UNCONFIRMED,), unlike=("take_over_permit",), many=True),
    Step("reject_takeover", N_("Reject what was taken over"), A, S.ENDED, (OFFICER, REGISTRAR), Reason, under=ANY, needs=(F.UNCONFIRMED,), unlike=("take_over_permit",), many=True),
    Step("extend_permit",   N_("Add a period"),          A, None, (SYSTEM,), PeriodAdded, under=ANY, lifts=(F.RENEWAL_FILED,), only_if=(life.period_follows,)),
    Step("note_renewal",    N_("Note the renewal"),      A, None, (SYSTEM,), RenewalFiled, under=ANY, bars=(F.RENEWAL_FILED,), raises=(F.RENEWAL_FILED,), only_if=(life.renewal_in_time,)),
    Step("note_renewal_ended", N_("Note that the renewal came to nothing"), A, None, (SYSTEM,), RenewalEnded, under=ANY, needs=(F.RENEWAL_FILED,), lifts=(F.RENEWAL_FILED,)),
    Step("change_employer", N_("Change the employer"),   A, None, (SYSTEM,), EmploymentStarted, under=ANY, only_if=(life.employer_is_another, life.replaces_an_employer, life.employers_within_number)),
    Step("add_employer",    N_("Add an employer"),       A, None, (SYSTEM,), EmploymentStarted, under=ANY, only_if=(life.employer_is_another, life.employers_within_number)),
    Step("substitute_permit", N_("Enter the substitute permit"), A, None, (SYSTEM,), SubstituteIssued, under=ANY, needs=(F.LOST,), lifts=(F.LOST,)),

    # the stay
    Step("record_reentry",  N_("Record a re-entry"),     A, None, (CHECKPOINT,), Entry, keyed=(CHECKPOINT,), under=ANY, only_if=(only.own_gate, only.gate_is_allowed, route.pass_leads_over_the_gate, only.stamp_not_ahead, life.follows_the_last_stamp, only.stay_as_ruled, only.pass_ran_at_stamp), many=True),
    Step("record_report",   N_("Record a report of the stay"), A, None, (OFFICER, CHECKPOINT), StayReport, under=ANY, completes=next_report, only_if=(life.reports_are_ruled, life.next_report_as_ruled, life.follows_the_last_stamp, life.not_ahead), papers=("report_receipt",), many=True),

    # what employers and workers tell: the clocks of the law stop on it, so no flag keeps it out
    Step("give_notice",     N_("Enter a notice"),        EVERY, None, (*ASKER, WORKER), Notice, when=TO_THE_OFFICE, keyed=(*ASKER, WORKER), under=ANY, only_if=(life.works_here, life.notice_follows, life.not_ahead), papers=("notice_receipt",)),
    Step("give_notice",     N_("Enter a notice"),        EVERY, None, (*ASKER, WORKER), Notice, when=(NoticeKind.HOUSING,), keyed=(*ASKER, WORKER), under=ANY, only_if=(life.works_here, life.notice_follows, life.not_ahead)),
    Step("end_employment",  N_("Record the end of work"), A, None, (*ASKER, SYSTEM), EmploymentEnd, when=UNTOLD, keyed=ASKER, under=ANY, only_if=(life.works_here, life.work_runs, life.end_follows_start, life.not_ahead), papers=("exit_notice",)),
    Step("end_employment",  N_("Record the end of work"), A, None, (*ASKER, SYSTEM), EmploymentEnd, when=(EndReason.DISMISSED,), keyed=ASKER, under=ANY, only_if=(life.works_here, life.work_runs, life.end_follows_start, life.known_when, life.not_ahead), causes=TELLS, papers=("exit_notice",)),
    Step("end_employment",  N_("Record the end of work"), A, None, (*ASKER, SYSTEM), EmploymentEnd, when=(EndReason.ABSCONDED,), keyed=ASKER, under=ANY, raises=(F.ABSCONDED,), only_if=(life.works_here, life.work_runs, life.end_follows_start, life.known_when, life.not_ahead), causes=TELLS, papers=("exit_notice",)),
    Step("tell_district",   N_("Tell the district"),     EVERY, None, (*ASKER, SYSTEM), DistrictNotice, keyed=ASKER, under=ANY, only_if=(life.works_here, life.district_has_to_know, life.not_ahead), papers=("district_report",)),
    Step("report_loss",     N_("Report the permit lost"), A, None, (WORKER, *ASKER), Loss, keyed=(WORKER, *ASKER), under=ANY, bars=(F.LOST,), raises=(F.LOST,), only_if=(life.employs_the_worker, life.not_ahead), papers=("loss_report",)),

    # absconded: found, or looked at for signs of trafficking before anybody is punished
    Step("check_trafficking", N_("Check for signs of trafficking"), A, None, (OFFICER,), TraffickingCheck, when=(TraffickingOutcome.NONE,), under=ANY, lifts=(F.REFERRED,), only_if=(life.no_sign_ticked, life.another_person_referred, life.protection_team_answered)),
    Step("check_trafficking", N_("Check for signs of trafficking"), A, None, (OFFICER,), TraffickingCheck, when=(TraffickingOutcome.REFERRED,), under=ANY, raises=(F.REFERRED,), only_if=(life.referred_to_somebody,)),
    Step("record_found",    N_("Record that the worker was found"), A, None, (OFFICER,), Found, under=ANY, needs=(F.ABSCONDED,), lifts=(F.ABSCONDED,), only_if=(life.not_ahead,)),
    Step("record_hospitalised", N_("Record that the worker is in hospital"), A, None, (OFFICER,), HospitalStay, under=ANY, bars=(F.HOSPITALISED,), raises=(F.HOSPITALISED,), only_if=(life.not_ahead,)),
    Step("record_recovered", N_("Record that the worker left the hospital"), A, None, (OFFICER,), Recovery, under=ANY, needs=(F.HOSPITALISED,), lifts=(F.HOSPITALISED,), only_if=(life.not_ahead,)),

    # what a measure or an officer lays over the permit: one of these at a time
    Step("suspend",         N_("Suspend the permit"),    A, None, (REGISTRAR, SYSTEM), Laid, bars=STOPS, raises=(F.SUSPENDED,), lifts=(F.GRACE, F.DEPARTURE), papers=("suspension_letter",)),
    Step("resume",          N_("Lift the suspension"),   A, None, (REGISTRAR, SYSTEM), Laid, under=STOPS, needs=(F.SUSPENDED,), lifts=(F.SUSPENDED,)),
    Step("grant_grace",     N_("Grant grace"),           A, None, (OFFICER, SYSTEM), Laid, under=STOPS, bars=(F.GRACE,), raises=(F.GRACE,), lifts=(F.SUSPENDED, F.DEPARTURE, F.UNKNOWN), only_if=(life.decision_in_force,), papers=("grace_certificate",)),
    Step("notify_departure", N_("Tell the worker to leave the Kingdom"), A, None, (OFFICER, SYSTEM), DepartureNotice, under=STOPS, bars=(F.DEPARTURE,), raises=(F.DEPARTURE,), lifts=(F.SUSPENDED, F.GRACE, F.UNKNOWN), completes=last_day_to_leave, only_if=(life.not_referred, life.departure_is_ruled, life.not_ahead), papers=("departure_letter",)),
    Step("declare_unknown", N_("Declare the status not decided"), A, None, (OFFICER, SYSTEM), Laid, under=STOPS, bars=(F.UNKNOWN,), raises=(F.UNKNOWN,), lifts=(F.SUSPENDED, F.GRACE, F.DEPARTURE), only_if=(life.no_decision_in_force,)),
    Step("adopt",           N_("Take the status up again"), A, None, (OFFICER, SYSTEM), Laid, under=STOPS, needs=(F.UNKNOWN,), lifts=(F.UNKNOWN,), only_if=(life.decision_in_force,)),

    # revocation: proposed, heard, decided by another person
    Step("propose_revocation", N_("Propose to revoke the permit"), A, None, (OFFICER,), RevocationProposal, under=STOPS, bars=(F.REVOCATION_PROPOSED, F.REFERRED), raises=(F.REVOCATION_PROPOSED,), only_if=(life.trafficking_checked,), papers=("hearing_letter",)),
    Step("hear_worker",     N_("Hear the worker"),       A, None, (OFFICER,), Hearing, under=STOPS, needs=(F.REVOCATION_PROPOSED,), bars=(F.HEARD,), raises=(F.HEARD,), only_if=(life.not_ahead,), papers=("hearing_note",)),
    Step("revoke",          N_("Revoke the permit"),     A, S.REVOKED, (REGISTRAR,), Revocation, under=STOPS, needs=(F.REVOCATION_PROPOSED, F.HEARD), bars=(F.REFERRED,), unlike=REVOKES, lifts=(F.REVOCATION_PROPOSED, F.HEARD), only_if=(only.registrar_appointed, only.dated_today, life.trafficking_checked, life.ground_was_heard), papers=("permit_revocation",)),
    Step("drop_revocation", N_("Drop the revocation"),   A, None, (OFFICER, REGISTRAR), Reason, under=STOPS, needs=(F.REVOCATION_PROPOSED,), lifts=(F.REVOCATION_PROPOSED, F.HEARD)),

    # the ends, and the ways back
    Step("record_exit",     N_("Record the exit"),       A, S.EXITED, (CHECKPOINT,), Exit, keyed=(CHECKPOINT,), under=ANY, only_if=(only.own_gate, life.follows_the_last_stamp, life.not_ahead), papers=("exit_clearance",)),
    Step("record_death",    N_("Record the death"),      A, S.DECEASED, (OFFICER,), Death, under=ANY, only_if=(life.not_ahead,)),
    Step("end_permit",      N_("Close the permit"),      A, S.ENDED, (OFFICER, SYSTEM), PermitEnd, under=STOPS, only_if=(life.nobody_works, life.closed_on_no_accusation, life.not_ahead)),
    Step("reopen",          N_("Reopen, closed by mistake"), (S.ENDED, S.EXITED, S.DECEASED), S.ACTIVE, (REGISTRAR, SYSTEM), Reason, unlike=("end_permit", "record_exit", "record_death", "reject_takeover", KEYED_IN), only_if=(life.no_permit_meanwhile,)),
    Step("reinstate",       N_("Reinstate, the appeal was upheld"), (S.REVOKED,), S.ACTIVE, (SYSTEM,), Reason, only_if=(life.no_permit_meanwhile,)),
    *Everywhere.steps(A, EVERY, stopping=STOPS),
    *Everywhere.orders((S.REVOKED,), ((S.REVOKED, S.ACTIVE, ("revoke",), (F.REVOCATION_PROPOSED, F.HEARD)),), recalled=(life.no_permit_meanwhile,)),
)
# fmt: on

FLOW = Flow("permit", N_("Permit"), Permit, STEPS, PermitFlag)
