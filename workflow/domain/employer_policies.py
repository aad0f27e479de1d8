"""Who may hire: bars and their guards. A bar ends with its last day by itself; nothing has to sweep it."""

from datetime import date

from workflow.domain.actor import Actor
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.policies import about_evidence, newest_order
from workflow.domain.record import Done, Facts, Record
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import last_day
from workflow.domain.words import N_

LISTED = "listed"
"""The state of an employer who does business."""


def standing_bar(employer: Record) -> Done | None:
    """Give the order that bars an employer, unless it was lifted or set aside; its last day may have passed."""
    order, lifted = newest_order(employer), employer.last("lift_bar", "set_bar_aside")
    return None if order is None or (lifted is not None and lifted.number > order.number) else order


def bar_on(employer: Record, on: date) -> Done | None:
    """Give the order that bars an employer on a day: from the day of the order to its last one."""
    bar = standing_bar(employer)
    return bar if bar is not None and bangkok_date(bar.happened_at) <= on <= bar.evidence.until else None


# who may hire -------------------------------------------------------------------------------


def employer_may_hire(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the employer is neither barred nor out of business. Source: Foreign Workers Decree B.E. 2560 s.102; demand letter."""
    employer = facts.related.get("employer")
    if employer is None:
        return None
    if employer.state != LISTED:
        return Refusal("employer-ceased", N_("This employer's business has ended; nothing more is filed for it."))
    bar = bar_on(employer, facts.on)
    if bar is None:
        return None
    return Refusal(
        "employer-barred",
        N_("This employer is barred from employing foreign workers until %(until)s, by order of %(on)s; it may appeal."),
        {"until": bar.evidence.until, "on": bangkok_date(bar.happened_at)},
    )


# the orders themselves ----------------------------------------------------------------------


@about_evidence
def bar_within_law(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the bar ends later than today and no later than the law allows. Source: bar.longest_months of the ruleset (s.102)."""
    months = facts.ruleset.get("bar.longest_months")
    if months is None:
        return Refusal("no-bar-ruled", N_("The rules in force do not say how long an employer may be barred."))
    if evidence.until <= facts.on:
        return Refusal("bar-ended", N_("A bar ends after the day of the order."), field="until")
    longest = last_day(facts.on, months, "month")
    if evidence.until <= longest:
        return None
    return Refusal("bar-too-long", N_("A bar from today may run until %(longest)s at most."), {"longest": longest}, "until")


def no_bar_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no bar runs already. Source: one order at a time, against which one appeal is made."""
    bar = bar_on(record, facts.on)
    return Refusal("barred-already", N_("A bar runs already until %(until)s."), {"until": bar.evidence.until}) if bar else None


def bar_runs(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a bar runs. Source: what has ended is neither served nor lifted."""
    return None if bar_on(record, facts.on) else Refusal("not-barred", N_("No bar runs against this employer."))


@about_evidence
def ceased_in_the_past(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the business has ended. Source: notice of the end of business; a plan to end one is none."""
    if evidence.ceased_on <= facts.on:
        return None
    return Refusal("lies-ahead", N_("This day lies in the future."), field="ceased_on")
