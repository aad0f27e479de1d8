"""The guards of an appeal: each reads after "only if", cites its source, and answers with words."""

from workflow.domain import clocks
from workflow.domain.actor import Actor, Role
from workflow.domain.employer_policies import standing_bar
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.policies import about_evidence, newest_order
from workflow.domain.record import Done, Facts, Record
from workflow.domain.spells import employers_cut
from workflow.domain.words import N_

ADVERSE = frozenset({("application", "refused"), ("request", "refused"), ("request", "revoked"), ("permit", "revoked")})
"""Where a case stands by an order that may be appealed."""


def adverse_order(case: Record) -> Done | None:
    """Give the order of a case, or against an employer, that may be appealed; None where none stands."""
    if case.flow == "employer":
        return standing_bar(case)
    return newest_order(case) if (case.flow, case.state) in ADVERSE else None


@about_evidence
def order_may_be_appealed(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if an order that refuses, revokes or bars stands. Source: Foreign Workers Decree (appeal to the Minister)."""
    case = facts.related.get("case")
    order = adverse_order(case) if case else None
    if order is not None and order.number == evidence.order:
        return None
    return Refusal("no-order", N_("There is no order here against which an appeal could be made."))


@about_evidence
def appeals_for_itself(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order concerns who appeals. Source: Administrative Procedure Act B.E. 2539 s.44 (the party appeals)."""
    if actor.role in (Role.EMPLOYER, Role.AGENT) and actor.employer != evidence.employer:
        return Refusal("not-concerned", N_("The order concerns another employer."))
    if actor.role is Role.WORKER and actor.worker != evidence.worker:
        return Refusal("not-concerned", N_("The order concerns another worker."))
    case = facts.related.get("case")
    if case is not None and case.flow == "employer" and evidence.employer != case.subject:
        return Refusal("not-concerned", N_("The order concerns another employer."))
    if case is None or case.flow != "permit" or evidence.employer in ("", *employers_cut(case)):
        return None
    return Refusal("not-touched", N_("The order touches only those for whom the worker worked when it was made."))


@about_evidence
def within_appeal_days(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the time to appeal has not passed; it runs from the service of the order. Source: appeal.days of the ruleset."""
    case = facts.related.get("case")
    dues = clocks.running(case, facts) if case else ()
    until = next((due.until for due in dues if due.clock.name == "appeal" and due.part == str(evidence.order)), None)
    if until is None or until >= facts.on:
        return None
    return Refusal("appeal-late", N_("The time to appeal ended on %(until)s; the order is final."), {"until": until})


def first_appeal(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if no appeal against this order was filed before; each whom the revocation of a permit touches has one.

    Source: Administrative Procedure Act B.E. 2539 s.44 (each party appeals for itself).
    """
    if not facts.taken.get("appeal"):
        return None
    return Refusal("appealed-before", N_("An appeal against this order was filed before."))


def order_still_stands(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the order appealed against was neither recalled nor replaced since. Source: what is gone is not set aside again."""
    case = facts.related.get("case")
    order = adverse_order(case) if case else None
    if case is None or (order is not None and order.number == record.history[0].evidence.order):
        return None
    return Refusal("no-order", N_("There is no order here against which an appeal could be made."))


def another_reviewer(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the reviewer is not the person who made the order. Source: Administrative Procedure Act s.13 (impartiality)."""
    case, filed = facts.related.get("case"), record.history[0].evidence
    made = next((done for done in case.history if done.number == filed.order), None) if case else None
    if made is None or made.person != actor.person:
        return None
    return Refusal("own-order", N_("You made this order; another person decides the appeal."))
