"""An employer in the register: entered, warned, barred until a day and the bar lifted, out of business."""

from dataclasses import dataclass
from datetime import date

from workflow.domain import employer_policies as hires
from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.everywhere import Reason, Serving, of_the_newest_order
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import KEYED_IN, START, Flow, Step
from workflow.domain.record import Flag, State
from workflow.domain.registers import CLERKS
from workflow.domain.registers import Employer as Entry
from workflow.domain.words import N_


class Employer(State):
    """Where an employer stands; whether a bar runs is told by its days, not by a state."""

    LISTED = hires.LISTED, N_("Doing business")
    CEASED = "ceased", N_("Out of business"), True


class EmployerFlag(Flag):
    """What an employer bears."""

    WARNED = "warned", N_("Warned")
    BAR_PROPOSED = "bar_proposed", N_("Bar proposed, the registrar decides")


@dataclass(frozen=True, kw_only=True)
class EmployerWarning(Evidence):
    """What an employer is warned of; `case` is the reference of the case that showed it."""

    ground: str = asked(N_("Ground"), Ask.CHOICE, options="employer_grounds")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)
    case: str = asked(N_("Case that shows it"), default="", hint=N_("Its reference, if there is one."))


@dataclass(frozen=True, kw_only=True)
class BarProposal(EmployerWarning):
    """Until when an employer is to be barred from employing foreign workers, on which ground of law."""

    until: date = asked(N_("Barred until"), Ask.DATE)


@dataclass(frozen=True, kw_only=True)
class BarOrder(Evidence):
    """The registrar's order that bars an employer until a day; shorter than was proposed, if so decided."""

    ground: str = asked(N_("Ground"), Ask.CHOICE, options="employer_grounds")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)
    until: date = asked(N_("Barred until"), Ask.DATE)


@dataclass(frozen=True, kw_only=True)
class BusinessEnd(Evidence):
    """Since when an employer is out of business, and how that is known."""

    ceased_on: date = asked(N_("Out of business since"), Ask.DATE)
    reason: str = asked(N_("How it is known"), Ask.LONG_TEXT)


S, F = Employer, EmployerFlag
OFFICER, REGISTRAR, SYSTEM = Role.OFFICER, Role.REGISTRAR, Role.SYSTEM
ORDERS = (only.registrar_appointed, only.dated_today)

# fmt: off
STEPS = (
    Step("enter_employer",  N_("Enter in the register"),   (START,),    S.LISTED, CLERKS,       Entry),
    Step("amend_employer",  N_("Change the entry"),        (S.LISTED,), None,     CLERKS,       Entry),
    Step("warn_employer",   N_("Warn the employer"),       (S.LISTED,), None,     (OFFICER, REGISTRAR), EmployerWarning, raises=(F.WARNED,), papers=("employer_warning",)),
    Step("lift_warning",    N_("Take the warning back"),   (S.LISTED,), None,     (REGISTRAR,), Reason,      needs=(F.WARNED,), lifts=(F.WARNED,), only_if=(only.registrar_appointed,)),
    Step("propose_bar",     N_("Propose to bar the employer"), (S.LISTED,), None, (OFFICER,),   BarProposal, bars=(F.BAR_PROPOSED,), raises=(F.BAR_PROPOSED,), only_if=(hires.no_bar_runs, hires.bar_within_law)),
    Step("drop_bar",        N_("Drop the proposal to bar"), (S.LISTED,), None,    (OFFICER, REGISTRAR), Reason, needs=(F.BAR_PROPOSED,), lifts=(F.BAR_PROPOSED,)),
    Step("bar_employer",    N_("Bar the employer"),        (S.LISTED,), None,     (REGISTRAR,), BarOrder,    needs=(F.BAR_PROPOSED,), lifts=(F.BAR_PROPOSED,), unlike=("propose_bar", KEYED_IN), only_if=(*ORDERS, hires.no_bar_runs, hires.bar_within_law), papers=("employer_bar",)),
    Step("serve_order",     N_("Serve the order"),         (S.LISTED,), None,     (OFFICER,),   Serving,     completes=of_the_newest_order, only_if=(hires.bar_runs, only.order_waits_to_be_served, only.served_after_order)),
    Step("lift_bar",        N_("Lift the bar"),            (S.LISTED, S.CEASED), None, (REGISTRAR,), Reason, only_if=(*ORDERS, hires.bar_runs)),
    Step("set_bar_aside",   N_("Set the bar aside, the appeal was allowed"), (S.LISTED, S.CEASED), None, (SYSTEM,), Reason),
    Step("cease_employer",  N_("Record the end of business"), (S.LISTED,), S.CEASED, (OFFICER, REGISTRAR, SYSTEM), BusinessEnd, lifts=(F.BAR_PROPOSED,), only_if=(hires.ceased_in_the_past,)),
    Step("reopen_employer", N_("Reopen, ended by mistake"), (S.CEASED,), S.LISTED, (OFFICER, REGISTRAR), Reason, unlike=("cease_employer",)),
)
# fmt: on

FLOW = Flow("employer", N_("Employer"), Employer, STEPS, EmployerFlag)
