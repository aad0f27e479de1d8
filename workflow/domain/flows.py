"""All flows of the office by name, and every kind of evidence that they store."""

from collections.abc import Callable
from typing import Any

from workflow.domain import (
    appeal,
    application,
    blanks,
    employer,
    gate,
    measure,
    nightly,
    paper,
    permit,
    privacy,
    registers,
    request,
)
from workflow.domain.everywhere import Correction
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import Flow, Step

PROCESS: tuple[Flow, ...] = (request.FLOW, application.FLOW, permit.FLOW, appeal.FLOW)
FLOWS: dict[str, Flow] = {
    flow.name: flow
    for flow in (
        *PROCESS,
        employer.FLOW,
        *registers.FLOWS,
        paper.FLOW,
        nightly.FLOW,
        gate.FLOW,
        blanks.FLOW,
        privacy.FLOW,
        *measure.FLOWS,
    )
}

KINDS: dict[str, type[Evidence]] = {
    kind.kind(): kind
    for kind in (
        Nothing,
        Correction,
        registers.Erasure,
        *(row.evidence for flow in FLOWS.values() for row in flow.steps),
    )
}


def step_label(flow: str, step: str) -> str:
    """Give the label of a step; one that lost its row shows its bare name."""
    rows: tuple[Step, ...] = FLOWS[flow].rows(step) if flow in FLOWS else ()
    return rows[0].label if rows else step


UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""How a stored kind of evidence of an old version is read as the next one; one golden file a version."""


def read_evidence(kind: str, version: int, stored: dict[str, Any]) -> Evidence:
    """Read stored evidence of any version ever shipped."""
    wanted = KINDS[kind]
    for old in range(version, wanted.VERSION):
        stored = UPCASTERS[kind, old](stored)
    return wanted.read(stored)
