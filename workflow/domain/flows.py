"""All flows of the office by name, and every kind of evidence that they store."""

from workflow.domain import application, permit, registers, request
from workflow.domain.everywhere import Correction
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import Flow, Step

PROCESS: tuple[Flow, ...] = (request.FLOW, application.FLOW, permit.FLOW)
FLOWS: dict[str, Flow] = {flow.name: flow for flow in (*PROCESS, *registers.FLOWS)}

KINDS: dict[str, type[Evidence]] = {
    kind.kind(): kind
    for kind in (Nothing, Correction, registers.Erasure, *(row.evidence for flow in FLOWS.values() for row in flow.steps))
}


def step_label(flow: str, step: str) -> str:
    """Give the label of a step; one that lost its row shows its bare name."""
    rows: tuple[Step, ...] = FLOWS[flow].rows(step) if flow in FLOWS else ()
    return rows[0].label if rows else step
