"""What a new store is given before anybody works: the rulesets that come with the system."""

from workflow import casework
from workflow.casework import Act
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain import rulesets
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.evidence import Nothing
from workflow.domain.gate import GateEntry
from workflow.domain.registers import RulesetText
from workflow.domain.rulesets import Ruleset
from workflow.store.rulesets import keep_text

SHIPPED = Actor(person="shipped", account="shipped", role=Role.SYSTEM, name="Saphan, as shipped")


def found(desk: Desk) -> None:
    """Load the shipped rulesets and enter their gates, once; DEMO comes in demonstration mode only."""
    for ruleset in rulesets.shipped():
        if desk.demonstration or not ruleset.demonstration:
            _load(desk, ruleset)
    known = {name: entry for ruleset in rulesets.shipped() for name, entry in ruleset.get("gates", {}).items()}
    for name, entry in sorted(known.items()):
        entering, gate = Act(request_id=f"shipped:gate:{name}"), GateEntry(name=name, province=entry["province"])
        casework.begin(desk, SYSTEM, "gate", "enter_gate", gate, entering, chain=SYSTEM_CHAIN)


def _load(desk: Desk, ruleset: Ruleset) -> None:
    """A shipped text is entered by those who ship it and brought into force by the office's set-up."""
    loading = Act(request_id=f"shipped:{ruleset.digest}")
    with casework.transaction(desk):
        keep_text(desk.session, ruleset.text)
    text = RulesetText(id=ruleset.id, digest=ruleset.digest)
    entered = casework.begin(desk, SHIPPED, "ruleset", "enter_ruleset", text, loading, chain=SYSTEM_CHAIN)
    confirming = Act(request_id=f"shipped:{ruleset.digest}:confirmed")
    casework.perform(desk, SYSTEM, entered.record.subject, "confirm_ruleset", Nothing(), confirming)
