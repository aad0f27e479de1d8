"""The appeal against an order: filed in time after it was served, decided by another reviewer, and what follows from it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflow.domain import appeal_policies as heard
from workflow.domain import onward
from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.everywhere import Everywhere, Reason
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import KEYED_IN, START, Cause, Flow, Kin, Step
from workflow.domain.permit import RenewalFiled
from workflow.domain.record import Facts, Record, State
from workflow.domain.request import RequestBack, RequestReinstated
from workflow.domain.terms import Terms
from workflow.domain.words import N_


class Appeal(State):
    """Where an appeal stands."""

    FILED = "filed", N_("Filed, to be received")
    RECEIVED = "received", N_("Received, waiting for the decision")
    UPHELD = "upheld", N_("The order stands"), True
    REVERSED = "reversed", N_("The order is set aside"), True
    WITHDRAWN = "withdrawn", N_("Appeal withdrawn"), True


class AppealOutcome(Terms):
    """What is decided on an appeal."""

    UPHELD = "upheld", N_("The order stands")
    REVERSED = "reversed", N_("The order is set aside")


@dataclass(frozen=True, kw_only=True)
class AppealFiled(Evidence):
    """Against which order, of which case, on what grounds; `order` is the number of its entry in the case."""

    case: str = asked(N_("Case"), Ask.GIVEN)
    order: int = asked(N_("Order"), Ask.GIVEN)
    worker: str = asked(N_("Worker"), Ask.GIVEN, default="")
    employer: str = asked(N_("Employer"), Ask.GIVEN, default="")
    permit: str = asked(N_("Permit"), Ask.GIVEN, default="")
    grounds: str = asked(N_("Grounds of the appeal"), Ask.LONG_TEXT)
    wanted: str = asked(N_("What is asked for"), Ask.LONG_TEXT, default="")
    letter_scan: str | None = asked(N_("Signed appeal (scan)"), Ask.FILE, default=None)


@dataclass(frozen=True, kw_only=True)
class AppealReceipt(Evidence):
    """The office's receipt of an appeal, and to whom it was sent on."""

    number: str = asked(N_("Received under number"), Ask.GIVEN, options="appeal_receipt", default="")
    sent_to: str = asked(N_("Sent on to"), default="")
    sent_on: date | None = asked(N_("Sent on the"), Ask.DATE, default=None)


@dataclass(frozen=True, kw_only=True)
class AppealDecision(Evidence):
    """What was decided on an appeal, with its reason and the letter that says so."""

    decision: AppealOutcome = asked(N_("Decision"), Ask.CHOICE, options=AppealOutcome)
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)
    letter_number: str = asked(N_("Number of the letter of decision"), default="")

    def outcome(self) -> StrEnum:
        """Name the decision."""
        return self.decision


# what follows from an order that is set aside -----------------------------------------------


def _of(flow: str, state: str, facts: Facts) -> Record | None:
    """Give the case of the appeal where it is one of this flow in this state."""
    case = facts.related.get("case")
    return case if case is not None and case.flow == flow and case.state == state else None


def _why(record: Record, evidence: AppealDecision) -> str:
    return f"{record.reference}: {evidence.reason}"


def application_reopened(record: Record, evidence: AppealDecision, facts: Facts) -> Reason | None:
    """State why a refused application is open again."""
    return Reason(reason=_why(record, evidence)) if _of("application", "refused", facts) else None


def request_reopened(record: Record, evidence: AppealDecision, facts: Facts) -> Reason | None:
    """State why a refused request is open again."""
    return Reason(reason=_why(record, evidence)) if _of("request", "refused", facts) else None


def request_reinstated(record: Record, evidence: AppealDecision, facts: Facts) -> RequestReinstated | None:
    """State why a revoked request counts again, and that it stands where it stood."""
    case = _of("request", "revoked", facts)
    if case is None:
        return None
    return RequestReinstated(back_to=RequestBack(case.last("revoke_request").source), reason=_why(record, evidence))


def permit_reinstated(record: Record, evidence: AppealDecision, facts: Facts) -> Reason | None:
    """State why a revoked permit counts again."""
    return Reason(reason=_why(record, evidence)) if _of("permit", "revoked", facts) else None


def bar_set_aside(record: Record, evidence: AppealDecision, facts: Facts) -> Reason | None:
    """State why an employer is barred no longer."""
    case = facts.related.get("case")
    return Reason(reason=_why(record, evidence)) if case is not None and case.flow == "employer" else None


def renewal_pending(record: Record, evidence: AppealDecision, facts: Facts) -> RenewalFiled | None:
    """State on the permit that the renewal, refused before, is pending again."""
    case = _of("application", "refused", facts)
    return onward.renewal_pending(case, evidence, facts) if case else None


S = Appeal
ASKER, CONCERNED = (Role.EMPLOYER, Role.AGENT), (Role.EMPLOYER, Role.AGENT, Role.WORKER)
LIVE = (S.FILED, S.RECEIVED)
REVERSES = (
    Cause("application", "reopen_application", Kin.APPEALED, application_reopened, must=True),
    Cause("request", "reopen_request", Kin.APPEALED, request_reopened, must=True),
    Cause("request", "reinstate_request", Kin.APPEALED, request_reinstated, must=True),
    Cause("permit", "reinstate", Kin.APPEALED, permit_reinstated, must=True),
    Cause("employer", "set_bar_aside", Kin.APPEALED, bar_set_aside, must=True),
    Cause("permit", "note_renewal", Kin.PERMIT, renewal_pending),
)
PREPARED = ("file_appeal", "receive_appeal", "propose_correction", "confirm_correction", KEYED_IN)

# fmt: off
STEPS = (
    Step("file_appeal",     N_("File an appeal"),        (START,),      S.FILED,     CONCERNED,  AppealFiled,    keyed=CONCERNED, only_if=(heard.order_may_be_appealed, heard.appeals_for_itself, heard.within_appeal_days, heard.first_appeal)),
    Step("receive_appeal",  N_("Receive the appeal"),    (S.FILED,),    S.RECEIVED,  (Role.OFFICER,), AppealReceipt),
    Step("decide_appeal",   N_("Decide the appeal"),     (S.RECEIVED,), S.UPHELD,    (Role.REGISTRAR,), AppealDecision, when=(AppealOutcome.UPHELD,), unlike=PREPARED, only_if=(only.registrar_appointed, only.dated_today, heard.another_reviewer)),
    Step("decide_appeal",   N_("Decide the appeal"),     (S.RECEIVED,), S.REVERSED,  (Role.REGISTRAR,), AppealDecision, when=(AppealOutcome.REVERSED,), unlike=PREPARED, only_if=(only.registrar_appointed, only.dated_today, heard.another_reviewer, heard.order_still_stands), causes=REVERSES),
    Step("withdraw_appeal", N_("Withdraw the appeal"),   LIVE,          S.WITHDRAWN, CONCERNED,  Reason,         keyed=CONCERNED),
    *Everywhere.steps(LIVE, tuple(Appeal)),
)
# fmt: on

FLOW = Flow("appeal", N_("Appeal"), Appeal, STEPS, Everywhere.Flags)
