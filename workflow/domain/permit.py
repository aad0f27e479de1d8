"""What was issued: its periods and employments, in the smallest life that a permit has."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.everywhere import Everywhere
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Step
from workflow.domain.record import Facts, Record, State
from workflow.domain.words import N_

if TYPE_CHECKING:
    from workflow.domain.application import Filing, Listed, OfficialNumbers, PermitOrder


class Permit(State):
    """Where a permit stands; expired, late and the like are computed from dates, never stored."""

    ACTIVE = "active", N_("Active")
    ENDED = "ended", N_("Ended"), True


@dataclass(frozen=True, kw_only=True)
class PermitOpened(Evidence):
    """The permit with its first period and first employment, taken from the application's order."""

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


@dataclass(frozen=True, kw_only=True)
class PermitEnd(Evidence):
    """When and why work under the permit ended."""

    ended_on: date = asked(N_("Ended on"), Ask.DATE)
    reason_code: str = asked(N_("Reason"), Ask.CHOICE, options="end_reasons")
    reason: str = asked(N_("Reason in words"), Ask.LONG_TEXT)


def opened_by(application: Record, evidence: Evidence, facts: Facts) -> PermitOpened:
    """State the permit that follows from an issued application."""
    listed: Listed = application.last("open_application").evidence
    order: PermitOrder = application.last("decide").evidence
    numbers: OfficialNumbers = application.last("enter_numbers").evidence
    filing: Filing = application.last("file_application", "complete_filing").evidence
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
    )


S = Permit
ASKER = (Role.EMPLOYER, Role.AGENT)

# fmt: off
STEPS = (
    Step("open_permit", N_("Open the permit"), (START,),    S.ACTIVE, (Role.SYSTEM,), PermitOpened, only_if=(only.no_other_live_permit,)),
    Step("end_permit",  N_("Record the end of work"), (S.ACTIVE,), S.ENDED, (*ASKER, Role.SYSTEM), PermitEnd, keyed=ASKER, only_if=(only.end_not_before_start,)),
    *Everywhere.steps((S.ACTIVE,), tuple(Permit)),
)
# fmt: on

FLOW = Flow("permit", N_("Permit"), Permit, STEPS, Everywhere.Flags)
