"""The trays on each desk: which cases wait there for whom, as conditions on the rows of cases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_, select

from workflow.domain.actor import Actor, Role
from workflow.domain.flows import FLOWS, PROCESS
from workflow.domain.words import N_
from workflow.store.projections import CORRECTION, HELD, Alert, Case, Duty, FeeLine, ListedPass

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Tray:
    """A tray: its sign in the address, its label, which cases lie in it, how it looks, what is done with many."""

    key: str
    label: str
    holds: Callable[[Actor, date], Condition]
    kind: str = "active"
    many: tuple[str, ...] = ()


def in_state(flow: str, *states: str) -> Condition:
    """Say that a case of a flow stands in one of these states."""
    return and_(Case.flow == flow, Case.state.in_(states))


def flagged(*flags: str) -> Condition:
    """Say that one of these flags holds."""
    return or_(*(Case.flags.contains(flag) for flag in flags))


def _tray(key: str, label: str, holds: Condition, kind: str = "active", many: str = "") -> Tray:
    return Tray(key, label, lambda actor, on: holds, kind, tuple(many.split()))


def _fee(status: str) -> Condition:
    return Case.subject.in_(select(FeeLine.application).filter_by(status=status))


TRACKS = ("requested", "cleared", "admitted", "ready")
FILED = ("filed", "incomplete", "examined", "assessed")
EXAMINES = ("record_medical", "record_never_came")
ADMITS = ("record_entry", "record_no_show")
def _states(flow: str, *, live: bool) -> Condition:
    return in_state(flow, *(state.value for state in FLOWS[flow].states if state.final is not live))


def _paid_on(actor: Actor, on: date) -> Condition:
    return Case.subject.in_(select(FeeLine.application).where(FeeLine.paid_on == on))


LIVE = or_(*(_states(flow.name, live=True) for flow in PROCESS))
OVER = or_(*(_states(flow.name, live=False) for flow in PROCESS))
"""Told by their states, so that the index of the inbox finds them."""
CLOSED_TO_TRACKS = flagged("on_hold", "unfit", "duplicate_suspected")
OUT_OR_IN = in_state("application", "requested", "admitted")
NOT_REFERRED = and_(OUT_OR_IN, Case.hospital.is_(None), not_(CLOSED_TO_TRACKS))
DUPLICATES = or_(
    and_(in_state("application", "opened", *TRACKS), flagged("duplicate_suspected")),
    and_(Case.flow == "application", flagged("same_person")),
)
ROWS_WAIT = Case.subject.in_(select(ListedPass.request))
TO_OPEN = or_(in_state("request", "list_locked"), and_(in_state("request", "running"), ROWS_WAIT))
UNFIT = and_(in_state("application", "requested", "admitted", *FILED), flagged("unfit"), not_(flagged("retest")))
RETESTS = and_(in_state("application", "requested", "admitted", *FILED), flagged("retest"))
EXAMINED = and_(in_state("application", "examined"), not_(flagged("medical_due")))
TO_IDENTIFY = and_(in_state("application", "opened"), not_(flagged("duplicate_suspected")))
TO_PLAN = and_(in_state("application", "requested", "cleared"), not_(flagged("entry_planned")), not_(CLOSED_TO_TRACKS))
TO_EXAMINE = and_(
    in_state("application", "requested", "admitted", *FILED),
    Case.hospital.is_not(None),
    or_(and_(OUT_OR_IN, not_(flagged("unfit"))), flagged("medical_due", "retest")),
)
PLANNED = and_(in_state("application", "requested", "cleared"), flagged("entry_planned"))
OVERDUE = Tray("overdue", N_("Overdue"), lambda actor, on: and_(LIVE, Case.due_on < on), "stopped")
ALERT_SHOWN = timedelta(days=7)
"""How long an alert lies in the tray of those whom it was for, unless the duty is met before."""


def _alerted(actor: Actor, on: date) -> Condition:
    which = ("subject", "clock", "part", "begun_on", "until_on")
    same = and_(*(getattr(Duty, name) == getattr(Alert, name) for name in which))
    role = Role.EMPLOYER if actor.role is Role.AGENT else actor.role
    mine = [Alert.roles.contains(f",{role},"), Alert.given_on > on - ALERT_SHOWN, Duty.ended_at.is_(None)]
    if actor.employer:
        mine.append(or_(Alert.employer.is_(None), Alert.employer == actor.employer))
    return Case.subject.in_(select(Alert.subject).join(Duty, same).where(*mine))


ALERTS = Tray("alerts", N_("Alerts for you"), _alerted, "warning")
TAKEN_OVER = and_(in_state("permit", "active"), flagged("unconfirmed"))
WORKING = in_state("permit", "active")
ABSCONDED = and_(WORKING, flagged("absconded"), not_(flagged("revocation_proposed")))
TO_HEAR = and_(WORKING, flagged("revocation_proposed"), not_(flagged("heard")))
TO_REVOKE = and_(WORKING, flagged("heard"), not_(flagged("referred")))
CORRECTIONS = _tray("corrections", N_("Corrections to confirm"), CORRECTION, "warning")
HOLD = _tray("hold", N_("On hold"), and_(HELD, Case.live), "warning")
EVERYTHING = _tray("all", N_("All cases under way"), LIVE, "neutral")
ENDED = _tray("ended", N_("Ended"), OVER, "neutral")

OFFICER = (
    OVERDUE,
    ALERTS,
    _tray("receive", N_("Requests to receive"), in_state("request", "submitted")),
    _tray("requests", N_("Requests to examine"), in_state("request", "received")),
    _tray("lists", N_("Name lists to lock"), in_state("request", "list_open")),
    _tray("opening", N_("Applications to open"), TO_OPEN),
    _tray("identity", N_("Identities to check"), TO_IDENTIFY),
    _tray("duplicates", N_("Duplicates to settle"), DUPLICATES, "warning"),
    _tray("referral", N_("Workers to refer"), NOT_REFERRED, many="refer_to_hospital"),
    _tray("unfit", N_("Medical check not passed"), UNFIT, "warning"),
    _tray("entries", N_("Entries to plan"), TO_PLAN, many="plan_entry"),
    _tray("opinion", N_("Applications to examine"), EXAMINED, many="give_opinion"),
    _tray("appeals", N_("Appeals to receive"), in_state("appeal", "filed"), "warning"),
    _tray("takeover", N_("Permits taken over, to be confirmed"), TAKEN_OVER, many="confirm_takeover"),
    _tray("numbers", N_("Official numbers to enter"), in_state("application", "paid")),
    _tray("issue", N_("Permits to issue"), in_state("application", "numbered"), many="issue_permit"),
    _tray("absconded", N_("Reported as absconded, to clear up"), ABSCONDED, "warning"),
    _tray("hearings", N_("Workers to hear"), TO_HEAR, "warning"),
    CORRECTIONS,
    HOLD,
    _tray("waiting", N_("Waiting for others"), or_(
        in_state("request", "drafted", "incomplete", "reviewed"),
        in_state("application", "ready", "filed", "incomplete", "assessed", "granted", "leaving"),
        TO_EXAMINE, PLANNED,
    ), "waiting"),
    EVERYTHING,
    ENDED,
)  # fmt: skip
REGISTRAR = (
    _tray("requests", N_("Requests to decide"), in_state("request", "reviewed"), many="decide_request"),
    _tray("appeals", N_("Appeals to decide"), in_state("appeal", "received"), "warning"),
    _tray("decide", N_("Applications to decide"), in_state("application", "assessed"), many="decide"),
    _tray("issue", N_("Permits to issue"), in_state("application", "numbered"), many="issue_permit"),
    _tray("revocations", N_("Revocations to decide"), TO_REVOKE, "warning"),
    OVERDUE,
    ALERTS,
    CORRECTIONS,
    EVERYTHING,
    ENDED,
)
CASHIER = (
    _tray("application_fee", N_("Application fees due"), in_state("application", "filed"), many="pay_application_fee"),
    _tray("permit_fee", N_("Permit fees due"), in_state("application", "granted"), many="pay_permit_fee"),
    _tray("refunds", N_("To be paid back"), _fee("refund_due"), "warning"),
    Tray("paid", N_("Paid today"), _paid_on, "neutral"),
)


def _expected_by_today(actor: Actor, on: date) -> Condition:
    return and_(TO_EXAMINE, or_(Case.due_on.is_(None), Case.due_on <= on))


HOSPITAL = (
    Tray("today", N_("Expected today or before"), _expected_by_today, many=EXAMINES),
    _tray("expected", N_("Workers to examine"), TO_EXAMINE, many=" ".join(EXAMINES)),
    _tray("retest", N_("Re-tests"), RETESTS, "warning"),
    ALERTS,
    _tray("examined", N_("Examined"), and_(Case.flow == "application", not_(TO_EXAMINE)), "neutral"),
)
RENEWS = ("record_reentry", "record_report")
SOON = timedelta(days=7)


def _stays_end(actor: Actor, on: date) -> Condition:
    return and_(WORKING, Case.stay_until <= on + SOON)


INSIDE = ("admitted", "ready", "filed", "incomplete", "examined", "assessed", "granted", "paid", "numbered")
GATE = (
    Tray("today", N_("Expected today"), lambda actor, on: and_(PLANNED, Case.entry_on == on), many=ADMITS),
    Tray("late", N_("Planned, did not come yet"), lambda actor, on: and_(PLANNED, Case.entry_on < on), "stopped", ADMITS),
    ALERTS,
    Tray("coming", N_("Expected later"), lambda actor, on: and_(PLANNED, Case.entry_on > on), "waiting"),
    _tray("leaving", N_("To leave the country"), in_state("application", "leaving"), "warning"),
    Tray("stays", N_("Stays that end within a week"), _stays_end, "warning", RENEWS),
    _tray("inside", N_("In the country"), in_state("application", *INSIDE), "neutral", "record_reentry"),
)
EMPLOYER = (
    OVERDUE,
    ALERTS,
    _tray("missing", N_("Missing from you"), or_(
        in_state("request", "drafted", "incomplete"), in_state("application", "ready", "filed", "incomplete", "granted")
    ), "warning"),
    _tray("hospital", N_("Waiting for the hospital"), TO_EXAMINE, "waiting"),
    _tray("gate", N_("Waiting for the entry"), in_state("application", "cleared"), "waiting"),
    _tray("office", N_("At the office"), or_(
        in_state("request", "submitted", "received", "reviewed", "list_open", "list_locked"),
        in_state("application", "opened", "examined", "assessed", "paid", "numbered"), NOT_REFERRED,
        in_state("appeal", "filed", "received"),
    ), "waiting"),
    _tray("permits", N_("With a permit"), in_state("permit", "active"), "good"),
    EVERYTHING,
    ENDED,
)  # fmt: skip
AUDITOR = (EVERYTHING, OVERDUE, CORRECTIONS, ENDED)

TRAYS: dict[Role, tuple[Tray, ...]] = {
    Role.OFFICER: OFFICER,
    Role.REGISTRAR: REGISTRAR,
    Role.CASHIER: CASHIER,
    Role.HOSPITAL: HOSPITAL,
    Role.CHECKPOINT: GATE,
    Role.EMPLOYER: EMPLOYER,
    Role.AGENT: EMPLOYER,
    Role.AUDITOR: AUDITOR,
}
