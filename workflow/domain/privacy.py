"""What the office owes to persons whose data it holds: an answer to who asks, a report of every breach (PDPA B.E. 2562)."""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain import permit_policies as life
from workflow.domain.actor import Role
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Step
from workflow.domain.record import State
from workflow.domain.words import N_


class Privacy(State):
    """Where a request for one's data or a breach stands."""

    ASKED = "asked", N_("Data asked for")
    BREACHED = "breached", N_("Breach known, to be reported")
    ANSWERED = "answered", N_("Answered"), True
    REPORTED = "reported", N_("Reported"), True


@dataclass(frozen=True, kw_only=True)
class AccessRequest(Evidence):
    """Somebody asks what the office holds of him, or wants it put right."""

    name: str = asked(N_("Who asks"))
    given_on: date = asked(N_("Asked on"), Ask.DATE)
    about: str = asked(N_("What is asked for"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class AccessAnswer(Evidence):
    """What was answered, and when."""

    given_on: date = asked(N_("Answered on"), Ask.DATE)
    about: str = asked(N_("What was answered"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class Breach(Evidence):
    """Data that were lost, changed or seen by others: known since when, what happened, whom it concerns."""

    name: str = asked(N_("What happened, in a few words"))
    known_at: datetime = asked(N_("Known since"), Ask.MOMENT)
    about: str = asked(N_("What happened and whose data"), Ask.LONG_TEXT)


@dataclass(frozen=True, kw_only=True)
class BreachReport(Evidence):
    """The report to the Personal Data Protection Committee, with what was done."""

    told_at: datetime = asked(N_("Reported at"), Ask.MOMENT)
    number: str = asked(N_("Number of the report"), default="")
    about: str = asked(N_("What was done about it"), Ask.LONG_TEXT)


S, OFFICER = Privacy, (Role.OFFICER,)
FLOW = Flow(
    "privacy",
    N_("Personal data"),
    Privacy,
    (
        Step("enter_access_request", N_("Enter a request for one's data"), (START,), S.ASKED, OFFICER, AccessRequest, only_if=(life.not_ahead,)),
        Step("answer_access_request", N_("Enter the answer"), (S.ASKED,), S.ANSWERED, OFFICER, AccessAnswer, only_if=(life.not_ahead,)),
        Step("enter_breach", N_("Enter a breach"), (START,), S.BREACHED, OFFICER, Breach, only_if=(life.not_ahead,)),
        Step("report_breach", N_("Enter the report to the committee"), (S.BREACHED,), S.REPORTED, OFFICER, BreachReport, only_if=(life.not_ahead,)),
    ),
)  # fmt: skip
