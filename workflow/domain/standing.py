"""Where somebody stands, in one line: may work until when, or not yet and why; what is next, who does it, by when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from workflow.domain.actor import Role
from workflow.domain.words import N_


class Kind(StrEnum):
    """How the line is to be read at a glance."""

    GOOD = "good"
    WAITING = "waiting"
    STOPPED = "stopped"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the line depends on: state and flags of a case, whether a hospital knows of it, its dates."""

    flow: str
    state: str
    flags: frozenset[str] = frozenset()
    referred: bool = False
    due_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    stay_until: date | None = None
    employed: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """The line itself. `work_until` is set only where work is allowed today until a day that is known.

    `pending` says that work is allowed beyond the last day, until a renewal is decided; `ran_out` that the last
    day has passed without one.
    """

    kind: Kind
    because: str = ""
    next: str = ""
    who: Role | None = None
    by: date | None = None
    work_until: date | None = None
    pending: bool = False
    ran_out: bool = False

    @property
    def may_work(self) -> bool:
        """Say whether work is allowed today."""
        return self.work_until is not None or self.pending

    def late(self, on: date) -> bool:
        """Say whether the day by which the next thing is to happen has passed."""
        return self.by is not None and self.by < on


T = TypeVar("T")
LEFT = Standing(Kind.NEUTRAL, N_("The work for this employer has ended"))
"""What an employer is told of a permit under which nobody works for it any more."""

Line = tuple[str, str, Role | None]
"""Why not yet, what is next, who does it."""

EMPLOYER, OFFICER, REGISTRAR, HOSPITAL, GATE = (
    Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR, Role.HOSPITAL, Role.CHECKPOINT,
)  # fmt: skip

# fmt: off
REQUEST: dict[str, Line] = {
    "drafted":     (N_("The demand letter is not submitted yet"),    N_("Submit the request"), EMPLOYER),
    "submitted":   (N_("The request waits at the counter"),          N_("Receive and number"), OFFICER),
    "received":    (N_("The office examines the request"),           N_("Give an opinion"), OFFICER),
    "incomplete":  (N_("Something is missing from the request"),     N_("Send what was missing"), EMPLOYER),
    "reviewed":    (N_("The request waits for the registrar"),       N_("Decide the request"), REGISTRAR),
    "list_open":   (N_("The name list is still open"),               N_("Lock the name list"), OFFICER),
    "list_locked": (N_("The applications are not opened yet"),       N_("Open the application"), OFFICER),
    "running":     (N_("The workers are on their way"),              "", None),
}
APPLICATION: dict[str, Line] = {
    "opened":      (N_("The identity is not checked yet"),           N_("Check identity"), OFFICER),
    "leaving":     (N_("The return is arranged"),                    N_("Record the exit"), GATE),
    "ready":       (N_("The application (BT.29) is not filed yet"),  N_("File BT.29"), EMPLOYER),
    "filed":       (N_("The application fee is not paid yet"),       N_("Pay the application fee"), EMPLOYER),
    "incomplete":  (N_("Something is missing from the application"), N_("Send what was missing"), EMPLOYER),
    "examined":    (N_("The office examines the application"),       N_("Give an opinion"), OFFICER),
    "assessed":    (N_("The application waits for the registrar"),   N_("Decide the application"), REGISTRAR),
    "granted":     (N_("The permit fee is not paid yet"),            N_("Pay the permit fee"), EMPLOYER),
    "paid":        (N_("The official numbers are not entered yet"),  N_("Enter the official numbers"), OFFICER),
    "numbered":    (N_("The permit is not handed over yet"),         N_("Issue the permit"), OFFICER),
}
READY: dict[str, Line] = {
    "renewal":     (N_("The renewal (BT.29) is not filed yet"),      N_("File BT.29"), EMPLOYER),
    "change":      (N_("The change of employer (BT.44) is not filed yet"), N_("File BT.44"), EMPLOYER),
    "addition":    (N_("The further employer (BT.44) is not filed yet"), N_("File BT.44"), EMPLOYER),
    "substitute":  (N_("The substitute is not filed for yet"),       N_("File for a substitute"), EMPLOYER),
}
ISSUED: dict[str, str] = {
    "renewal":     N_("The permit is renewed"),
    "change":      N_("The employer is changed"),
    "addition":    N_("The further employer is on the permit"),
    "substitute":  N_("The substitute is handed over"),
}
APPEAL: dict[str, Line] = {
    "filed":       (N_("The appeal waits at the counter"),           N_("Receive the appeal"), OFFICER),
    "received":    (N_("The appeal waits for its decision"),         N_("Decide the appeal"), REGISTRAR),
}
APPEAL_ENDS = {"reversed": N_("The order is set aside"), "upheld": N_("The order stands")}
# fmt: on
CHECK_TO_COME = N_("The medical check is to come")
ENTRY_TO_COME = N_("The entry at the gate is to come")
BOTH_TO_COME = N_("The medical check and the entry are to come")


def standing(now: Situation, on: date) -> Standing:
    """Write the line of a request, an application or a permit as it stands on a day."""
    return WRITERS[now.flow](now, on)


def _request(now: Situation, on: date) -> Standing:
    return _of(now, _flagged(now) or REQUEST.get(now.state))


def _application(now: Situation, on: date) -> Standing:
    if now.state == "issued":
        return Standing(Kind.GOOD, _of_kind(now, ISSUED) or N_("The permit is issued"))
    ready = _of_kind(now, READY) if now.state == "ready" else None
    return _of(now, _flagged(now) or _on_the_tracks(now) or _new_check(now) or ready or APPLICATION.get(now.state))


def _of_kind(now: Situation, said: Mapping[str, T]) -> T | None:
    """Find what is said of an application of this kind; a new one has no flag of its own."""
    return next((words for kind, words in said.items() if kind in now.flags), None)


def _appeal(now: Situation, on: date) -> Standing:
    if now.state in APPEAL_ENDS:
        return Standing(Kind.NEUTRAL, APPEAL_ENDS[now.state])
    return _of(now, _flagged(now) or APPEAL.get(now.state))


def _of(now: Situation, line: Line | None) -> Standing:
    """A state without a line is the end of the way."""
    if line is None:
        return Standing(Kind.STOPPED)
    because, following, who = line
    kind = Kind.STOPPED if now.flags & {"on_hold", "unfit"} or now.state == "leaving" else Kind.WAITING
    return Standing(kind, because, following, who, now.due_on)


def _flagged(now: Situation) -> Line | None:
    if "on_hold" in now.flags:
        return N_("The case is on hold"), N_("Release from hold"), OFFICER
    if "duplicate_suspected" in now.flags:
        if "same_person" in now.flags:
            return N_("It is to be joined with another file of the same person"), N_("Confirm: the same person"), OFFICER
        return N_("It may be the same person as in another file"), N_("Settle whether it is the same person"), OFFICER
    if "correction_proposed" in now.flags:
        return N_("A correction waits for a second person"), N_("Confirm the correction"), OFFICER
    return None


def _on_the_tracks(now: Situation) -> Line | None:
    """Medical check and entry may come in either order; whichever can be done next is named."""
    if now.state == "requested":
        return _medical(now, BOTH_TO_COME)
    if now.state == "admitted":
        return _medical(now, CHECK_TO_COME)
    if now.state == "cleared":
        return _entry(now)
    return None


def _medical(now: Situation, because: str) -> Line:
    if "retest" in now.flags:
        return N_("The medical check was not passed; a re-test is asked"), N_("Record the medical result"), HOSPITAL
    if "unfit" in now.flags:
        return N_("The medical check was not passed"), N_("Ask for a re-test, or arrange the return"), OFFICER
    if now.referred:
        return because, N_("Go to the medical check"), HOSPITAL
    return because, N_("Refer to the hospital"), OFFICER


def _entry(now: Situation) -> Line:
    if "entry_planned" in now.flags:
        return ENTRY_TO_COME, N_("Cross at the gate"), GATE
    return ENTRY_TO_COME, N_("Plan the entry"), OFFICER


def _new_check(now: Situation) -> Line | None:
    if "medical_due" not in now.flags:
        return None
    return N_("A new medical check is needed"), N_("Go to the medical check"), HOSPITAL


PERMIT_ENDS: dict[str, str] = {
    "ended": N_("The work under this permit has ended"),
    "revoked": N_("The permit was revoked"),
    "exited": N_("The worker has left the Kingdom"),
    "deceased": N_("The worker has died"),
}
PERMIT_STOPS: dict[str, Line] = {
    "on_hold":      (N_("The permit is on hold"),                    N_("Release from hold"), OFFICER),
    "suspended":    (N_("The permit is suspended"),                  N_("Lift the suspension"), REGISTRAR),
    "unknown":      (N_("No decision on the status has been made yet"), N_("The office tells you what comes next"), OFFICER),
    "departure":    (N_("The worker was told to leave the Kingdom"), N_("Cross at the gate"), GATE),
    "absconded":    (N_("The worker was reported as absconded"),     N_("Clear up what happened"), OFFICER),
    "hospitalised": (N_("The worker is in hospital"),                N_("The worker leaves the hospital"), OFFICER),
}
"""Of the flags under which nobody works, the weightiest first."""


def _permit(now: Situation, on: date) -> Standing:
    if now.state != "active" or now.valid_until is None:
        return Standing(Kind.STOPPED, PERMIT_ENDS.get(now.state, ""))
    stopped = next((line for flag, line in PERMIT_STOPS.items() if flag in now.flags), None)
    if stopped is not None:
        return Standing(Kind.STOPPED, *stopped)
    return _out_of_time(now, on) or _without_employer(now) or _at_work(now, on)


def _out_of_time(now: Situation, on: date) -> Standing | None:
    """The permit has run out and no renewal is pending, it has not begun, or the stay is over and no grace covers it."""
    if now.valid_until < on and "renewal_filed" not in now.flags:
        over, until = N_("The permit has run out"), now.valid_until
        return Standing(Kind.STOPPED, over, N_("Record the end of work"), EMPLOYER, until, ran_out=True)
    if now.valid_from is not None and on < now.valid_from:
        return Standing(Kind.WAITING, N_("The permit has not begun yet"), by=now.valid_from)
    if now.stay_until is not None and now.stay_until < on and "grace" not in now.flags:
        return Standing(Kind.STOPPED, N_("The stay has ended"), N_("Re-enter at the gate, or report"), GATE, now.stay_until)
    return None


def _without_employer(now: Situation) -> Standing | None:
    if now.employed:
        return None
    nobody = N_("Nobody employs the worker at present")
    return Standing(Kind.WAITING, nobody, N_("Apply for a change of employer"), Role.WORKER)


def _at_work(now: Situation, on: date) -> Standing:
    """May work: until the last day, or beyond it while a renewal filed in time is pending (P30)."""
    if now.valid_until < on:
        pending = N_("May work while the renewal is pending")
        return Standing(Kind.GOOD, pending, N_("Decide the application"), REGISTRAR, pending=True)
    if "lost" in now.flags:
        return Standing(Kind.GOOD, "", N_("Apply for a substitute permit"), EMPLOYER, work_until=now.valid_until)
    return Standing(Kind.GOOD, by=now.valid_until, work_until=now.valid_until)


WRITERS: dict[str, Callable[[Situation, date], Standing]] = {
    "appeal": _appeal,
    "request": _request,
    "application": _application,
    "permit": _permit,
}
