"""The employer's request: from the demand letter to an approved number of workers and a locked list."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from workflow.domain import employer_policies as hires
from workflow.domain import place_policies as there
from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.everywhere import CodedReason, Deficiencies, Everywhere, Reason
from workflow.domain.evidence import Ask, Evidence, Nothing, asked
from workflow.domain.flow import KEYED_IN, START, Cause, Flow, Kin, Step
from workflow.domain.namelist import ListRow
from workflow.domain.record import Facts, Record, State
from workflow.domain.terms import Terms
from workflow.domain.words import N_


class Request(State):
    """Where a request stands."""

    DRAFTED = "drafted", N_("Being written")
    SUBMITTED = "submitted", N_("Submitted, waiting at the counter")
    RECEIVED = "received", N_("Received, being checked")
    INCOMPLETE = "incomplete", N_("Waiting for what is missing")
    REVIEWED = "reviewed", N_("Waiting for the registrar")
    LIST_OPEN = "list_open", N_("Approved, name list open")
    LIST_LOCKED = "list_locked", N_("Name list locked")
    RUNNING = "running", N_("Workers on their way")
    CLOSED = "closed", N_("Closed"), True
    CANCELLED = "cancelled", N_("Cancelled by the employer"), True
    WITHDRAWN = "withdrawn", N_("Withdrawn"), True
    RETURNED = "returned", N_("Returned, time to complete it has passed"), True
    REFUSED = "refused", N_("Refused"), True
    REVOKED = "revoked", N_("Revoked"), True


class WageUnit(Terms):
    """By what the wage is counted; longan is paid by the basket, with a daily floor."""

    DAY = "day", N_("a day")
    MONTH = "month", N_("a month")
    PIECE = "piece", N_("a piece")


class RequestOutcome(Terms):
    """What the registrar orders on a request."""

    APPROVED = "approved", N_("Approve as asked")
    PARTLY = "partly", N_("Approve a part")
    REFUSED = "refused", N_("Refuse")


class ListChange(Terms):
    """What is amended on a locked list."""

    REPLACE = "replace", N_("Replace the worker")
    REMOVE = "remove", N_("Remove the worker")
    ADD = "add", N_("Add a worker in a free place")


@dataclass(frozen=True, kw_only=True)
class Demand(Evidence):
    """The demand letter: how many workers, for what, where, from when, at what wage."""

    employer: str = asked(N_("Employer"), Ask.REGISTER, options="employers")
    job: str = asked(N_("Position"), Ask.CHOICE, options="jobs")
    men: int = asked(N_("Men"), Ask.COUNT, lowest=0, highest=5000)
    women: int = asked(N_("Women"), Ask.COUNT, lowest=0, highest=5000)
    start_on: date = asked(N_("Employment from"), Ask.DATE)
    workplace: str = asked(N_("Workplace"), Ask.LONG_TEXT)
    workplace_district: str = asked(N_("District of the workplace"), Ask.CHOICE, options="districts")
    gate: str = asked(N_("Gate"), Ask.CHOICE, options="gates")
    receive_on: date = asked(N_("Date to receive the workers"), Ask.DATE)
    wage: Decimal = asked(N_("Wage (baht)"), Ask.MONEY)
    wage_unit: WageUnit = asked(N_("Wage is counted by"), Ask.CHOICE, options=WageUnit)
    daily_floor: Decimal | None = asked(
        N_("Guaranteed daily wage (baht)"), Ask.MONEY, default=None, hint=N_("For piece work: at least the minimum wage.")
    )

    @property
    def total(self) -> int:
        """Count all workers wanted."""
        return self.men + self.women


@dataclass(frozen=True, kw_only=True)
class Undertaking(Evidence):
    """The employer's signature under the undertakings of the demand letter."""

    accepted: bool = asked(N_("The employer accepts the undertakings"), Ask.YES_NO)
    signed_by: str = asked(N_("Signed by"))


@dataclass(frozen=True, kw_only=True)
class RequestReceipt(Evidence):
    """The office's receipt of a request; first number and date stay through every correction."""

    number: str = asked(N_("Received under number"), Ask.GIVEN, options="request_receipt", default="")


@dataclass(frozen=True, kw_only=True)
class Opinion(Evidence):
    """The officer's opinion for the registrar."""

    recommends: bool = asked(N_("Recommended"), Ask.YES_NO)
    reason: str = asked(N_("Opinion"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class RequestOrder(Evidence):
    """The registrar's order on a request, with the numbers approved or the reason to refuse."""

    order: RequestOutcome = asked(N_("Order"), Ask.CHOICE, options=RequestOutcome)
    men: int = asked(N_("Men approved"), Ask.COUNT, default=0, lowest=0, highest=5000)
    women: int = asked(N_("Women approved"), Ask.COUNT, default=0, lowest=0, highest=5000)
    reason_code: str | None = asked(
        N_("Reason"), Ask.CHOICE, options="refusal_reasons", default=None, hint=N_("For a refusal or a part.")
    )
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT, default="")
    number: str = asked(N_("Approval number"), Ask.GIVEN, options="quota", default="")

    def outcome(self) -> StrEnum:
        """Name the order."""
        return self.order


@dataclass(frozen=True, kw_only=True)
class NameList(Evidence):
    """The rows of a name list that were good when the employer or officer confirmed them."""

    rows: tuple[ListRow, ...] = asked(N_("Workers"), Ask.GIVEN, default=())
    file_name: str = asked(N_("File"), Ask.GIVEN, default="")
    file: str | None = asked(N_("Sheet as received"), Ask.GIVEN, default=None)


@dataclass(frozen=True, kw_only=True)
class ListAmendment(Evidence):
    """One worker replaced, removed or added on a locked list; both sides sign."""

    change: ListChange = asked(N_("Change"), Ask.CHOICE, options=ListChange)
    pass_number: str = asked(
        N_("Border pass number of the listed worker"), Ask.PASS_NUMBER, default="", hint=N_("Left empty where a worker is added.")
    )
    reason: str = asked(N_("Reason"), Ask.LONG_TEXT)
    new_name: str = asked(N_("Name of the new worker (as on the pass)"), default="")
    new_sex: str | None = asked(N_("Sex of the new worker"), Ask.CHOICE, options="sexes", default=None)
    new_pass_number: str = asked(N_("Border pass number of the new worker"), Ask.PASS_NUMBER, default="")


@dataclass(frozen=True, kw_only=True)
class QuotaCut(Evidence):
    """Places taken back from an approved request, as the undertakings of the demand letter warn."""

    men: int = asked(N_("Places for men cut"), Ask.COUNT, default=0, lowest=0, highest=5000)
    women: int = asked(N_("Places for women cut"), Ask.COUNT, default=0, lowest=0, highest=5000)
    reason_code: str = asked(N_("Reason"), Ask.CHOICE, options="refusal_reasons")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class EntryList(Evidence):
    """The workers of a request who are to cross at one gate on one day; `instead_of` is the paper that it replaces."""

    gate: str = asked(N_("Gate"), Ask.CHOICE, options="gates")
    entry_on: date = asked(N_("Entry on"), Ask.DATE)
    applications: tuple[str, ...] = asked(N_("Workers"), Ask.GIVEN, default=())
    instead_of: str = asked(N_("Takes the place of"), Ask.GIVEN, default="")


class RequestBack(Terms):
    """Where a revoked request stands when the revocation is set aside: where it stood before."""

    LIST_OPEN = Request.LIST_OPEN.value, Request.LIST_OPEN.label
    LIST_LOCKED = Request.LIST_LOCKED.value, Request.LIST_LOCKED.label
    RUNNING = Request.RUNNING.value, Request.RUNNING.label


@dataclass(frozen=True, kw_only=True)
class RequestReinstated(Evidence):
    """Why a revoked request counts again, and where it stands then."""

    back_to: RequestBack = asked(N_("Stands again at"), Ask.GIVEN)
    reason: str = asked(N_("Reason"), Ask.GIVEN)

    def outcome(self) -> StrEnum:
        """Name where it stands."""
        return self.back_to


def _hold(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
    return Reason(reason=getattr(evidence, "reason", ""))


S = Request
EMPLOYER, OFFICER, REGISTRAR, SYSTEM = Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR, Role.SYSTEM
ASKER = (EMPLOYER, Role.AGENT)
OPEN = (S.LIST_OPEN, S.LIST_LOCKED, S.RUNNING)
LIVE = tuple(state for state in Request if not state.final)

# fmt: off
PREPARED = (
    "draft_request", "revise_draft", "attach_list", "submit_request", "complete_request", "recommend_request",
    "propose_correction", "confirm_correction", KEYED_IN,
)

STEPS = (
    Step("draft_request",   N_("Write a demand letter"), (START,),        S.DRAFTED,     ASKER,        Demand,         keyed=ASKER, only_if=(only.own_employer, hires.employer_may_hire, only.workers_add_up, only.place_is_allowed, only.job_is_allowed, only.dates_follow)),
    Step("revise_draft",    N_("Change the demand letter"), (S.DRAFTED,),    S.DRAFTED,     ASKER,        Demand,         keyed=ASKER, only_if=(only.own_employer, hires.employer_may_hire, only.workers_add_up, only.place_is_allowed, only.job_is_allowed, only.dates_follow, only.same_employer)),
    Step("attach_list",     N_("Attach a name list"),    (S.DRAFTED, S.SUBMITTED, S.RECEIVED, S.INCOMPLETE, S.REVIEWED, S.LIST_OPEN), None, ASKER, NameList, keyed=ASKER, only_if=(only.list_has_rows, only.new_list_within_approval)),
    Step("submit_request",  N_("Submit the request"),    (S.DRAFTED,),    S.SUBMITTED,   ASKER,        Undertaking,    keyed=ASKER, only_if=(hires.employer_may_hire, only.undertakings_accepted), papers=("demand_letter",)),
    Step("cancel_request",  N_("Cancel the draft"),      (S.DRAFTED,),    S.CANCELLED,   ASKER,        Reason,         keyed=ASKER),
    Step("withdraw_request", N_("Withdraw the request"), (S.SUBMITTED, S.RECEIVED, S.INCOMPLETE, S.REVIEWED), S.WITHDRAWN, ASKER, Reason, keyed=ASKER),
    Step("receive_request", N_("Receive and number"),    (S.SUBMITTED,),  S.RECEIVED,    (OFFICER,),   RequestReceipt, papers=("request_receipt",)),
    Step("ask_for_missing", N_("List what is missing"),  (S.RECEIVED,),   S.INCOMPLETE,  (OFFICER,),   Deficiencies,   only_if=(only.one_deficiency_list, only.answer_day_ahead), papers=("deficiency_record",)),
    Step("complete_request", N_("Send what was missing"), (S.INCOMPLETE,), S.RECEIVED,   ASKER,        Demand,         keyed=ASKER, only_if=(only.own_employer, hires.employer_may_hire, only.workers_add_up, only.place_is_allowed, only.job_is_allowed, only.same_employer), papers=("demand_letter",)),
    Step("return_request",  N_("Return, time has passed"), (S.INCOMPLETE,), S.RETURNED,  (OFFICER,),   Reason,         only_if=(only.answer_day_passed,)),
    Step("recommend_request", N_("Give an opinion"),     (S.RECEIVED,),   S.REVIEWED,    (OFFICER,),   Opinion, papers=("opinion_memo",)),
    Step("return_request_to_officer", N_("Send back to the officer"), (S.REVIEWED,), S.RECEIVED, (REGISTRAR,), Reason, only_if=(only.registrar_appointed,)),
    Step("decide_request",  N_("Decide the request"),    (S.REVIEWED,),   S.LIST_OPEN,   (REGISTRAR,), RequestOrder,   when=(RequestOutcome.APPROVED,), unlike=PREPARED, only_if=(only.registrar_appointed, only.rule_in_force, only.dated_today, only.approves_all), papers=("approval_letter",), many=True),
    Step("decide_request",  N_("Decide the request"),    (S.REVIEWED,),   S.LIST_OPEN,   (REGISTRAR,), RequestOrder,   when=(RequestOutcome.PARTLY,), unlike=PREPARED, only_if=(only.registrar_appointed, only.rule_in_force, only.dated_today, only.approves_a_part, only.order_has_reason), papers=("approval_letter",), many=True),
    Step("decide_request",  N_("Decide the request"),    (S.REVIEWED,),   S.REFUSED,     (REGISTRAR,), RequestOrder,   when=(RequestOutcome.REFUSED,), unlike=PREPARED, only_if=(only.registrar_appointed, only.rule_in_force, only.dated_today, only.order_has_reason), papers=("refusal_letter",), many=True),
    Step("lock_list",       N_("Lock the name list"),    (S.LIST_OPEN,),  S.LIST_LOCKED, (OFFICER,),   Nothing,        only_if=(only.list_attached, only.list_within_approval), papers=("name_list",)),
    Step("amend_list",      N_("Amend the locked list"), (S.LIST_LOCKED, S.RUNNING), None, ASKER,      ListAmendment,  keyed=ASKER, only_if=(only.amends_a_listed_worker,), causes=(Cause("application", "withdraw", Kin.LISTED, _hold),), papers=("name_list",)),
    Step("start_running",   N_("First worker on the way"), (S.LIST_LOCKED,), S.RUNNING,  (SYSTEM,),    Nothing),
    Step("list_entries",    N_("List the planned entries"), (S.RUNNING,), None,          (OFFICER, SYSTEM), EntryList,  only_if=(only.list_has_lines,), papers=("entry_appointment",)),
    Step("cut_quota",       N_("Cut the approved places"), OPEN,          None,          (REGISTRAR,), QuotaCut,       unlike=PREPARED, only_if=(only.registrar_appointed, only.dated_today, there.cut_within_free)),
    Step("close_request",   N_("Close the request"),     OPEN,            S.CLOSED,      (OFFICER,),   Reason,         only_if=(only.no_worker_waits,)),
    Step("revoke_request",  N_("Revoke the request"),    OPEN,            S.REVOKED,     (REGISTRAR,), CodedReason,    unlike=PREPARED, only_if=(only.registrar_appointed, only.dated_today), causes=(Cause("application", "hold", Kin.LIVE_APPLICATIONS, _hold),), papers=("revocation_order",)),
    Step("reopen_request",  N_("Reopen, the appeal was allowed"), (S.REFUSED,), S.RECEIVED, (SYSTEM,), Reason),
    *(Step("reinstate_request", N_("Reinstate, the appeal was allowed"), (S.REVOKED,), Request(back), (SYSTEM,), RequestReinstated, when=(back,)) for back in RequestBack),
    *Everywhere.steps(LIVE, tuple(Request)),
    *Everywhere.orders((*OPEN, S.CLOSED, S.REFUSED, S.REVOKED), ((S.LIST_OPEN, S.REVIEWED, ("decide_request",), ()), (S.REFUSED, S.REVIEWED, ("decide_request",), ()))),
)
# fmt: on

FLOW = Flow("request", N_("Request"), Request, STEPS, Everywhere.Flags)
