"""The guards about where a border pass leads: gates and districts that the ruleset opens to the province of issue."""

from workflow.domain.actor import Actor
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refusal
from workflow.domain.policies import about_evidence
from workflow.domain.record import Facts, Record
from workflow.domain.routes import leads
from workflow.domain.rulesets import Words
from workflow.domain.validity import pass_held
from workflow.domain.words import N_


@about_evidence
def pass_leads_to_the_work(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if a pass of that province leads to the district of the work. Source: agreement of 1997; pass_routes."""
    routes, home = facts.ruleset.get("pass_routes"), evidence.pass_province
    if routes is None or home not in facts.ruleset.get("pass_provinces", {}):
        return None
    if leads(routes, home, None, _district(facts), facts.on):
        return None
    return Refusal(
        "pass-leads-elsewhere",
        N_("A border pass of %(home)s does not lead to the district of this work."),
        {"home": _named(facts, "pass_provinces", home)},
        "pass_province",
    )


@about_evidence
def pass_leads_over_the_gate(record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> Refusal | None:
    """Only if the worker's pass leads over that gate to the work. Source: border crossing agreement of 1997; pass_routes."""
    routes, held = facts.ruleset.get("pass_routes"), pass_held(record, facts)
    on = getattr(evidence, "entry_on", None) or getattr(evidence, "stamped_on", facts.on)
    if routes is None or held is None or held.pass_province is None or evidence.gate not in facts.ruleset.get("gates", {}):
        return None
    if leads(routes, held.pass_province, evidence.gate, _district(facts), on):
        return None
    return Refusal(
        "gate-leads-elsewhere",
        N_("A border pass of %(home)s does not lead over %(gate)s to the district of this work."),
        {"home": _named(facts, "pass_provinces", held.pass_province), "gate": _named(facts, "gates", evidence.gate)},
        "gate",
    )


def _district(facts: Facts) -> str | None:
    """Give the district of the work as the request asks for it; None where the request is not at hand."""
    request = facts.related.get("request")
    demand = request.last("draft_request", "revise_draft", "complete_request") if request else None
    return demand.evidence.workplace_district if demand else None


def _named(facts: Facts, list_: str, key: str) -> Words | str:
    entry = facts.ruleset.get(list_, {}).get(key)
    return Words(entry) if entry else key
