"""Sample evidence of every kind, made from its declaration: for tests that look at tables, not at facts."""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from workflow.domain.evidence import Evidence
from workflow.domain.flow import Flow, Step

PLAIN: dict[type, object] = {
    str: "x",
    int: 1,
    bool: True,
    date: date(2026, 11, 23),
    datetime: datetime(2026, 11, 23, 9),
    Decimal: Decimal("1.00"),
}
BACK = frozenset({
    "reopen", "reinstate", "recall_order", "reopen_application", "reopen_request", "reinstate_request", "reopen_employer",
})  # fmt: skip
"""An end is left only where it was a mistake, was appealed against, or its order was taken back."""


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def sample(kind: type[Evidence], **given: object) -> Evidence:
    """Make one evidence of a kind; what it may leave out is left out."""
    hints = _hints(kind)
    needed = {f.name: value_of(hints[f.name]) for f in fields(kind) if f.default is MISSING}
    return kind(**(needed | given))


def full_sample(kind: type[Evidence]) -> Evidence:
    """Make one evidence of a kind with every field filled."""
    hints = _hints(kind)
    return kind(**{f.name: value_of(hints[f.name]) for f in fields(kind)})


def value_of(wanted: Any) -> Any:
    """Make a value of a declared type."""
    if get_origin(wanted) in (Union, UnionType):
        return value_of(next(arg for arg in get_args(wanted) if arg is not NoneType))
    if get_origin(wanted) is tuple:
        return (value_of(get_args(wanted)[0]),)
    if get_origin(wanted) is dict:
        return {"x": "x"}
    if issubclass(wanted, Enum):
        return next(iter(wanted))
    if is_dataclass(wanted):
        hints = _hints(wanted)
        return wanted(**{f.name: value_of(hints[f.name]) for f in fields(wanted) if f.default is MISSING})
    return PLAIN[wanted]


@cache
def outcomes(kind: type[Evidence]) -> tuple[StrEnum | None, ...]:
    """List the outcomes that a kind of evidence may state; None alone where it states none."""
    stated = sample(kind).outcome()
    return (None,) if stated is None else tuple(type(stated))


def stating(kind: type[Evidence], outcome: StrEnum | None) -> Evidence:
    """Make evidence of a kind that states an outcome."""
    evidence = sample(kind)
    if outcome is None:
        return evidence
    name = next(f.name for f in fields(kind) if getattr(evidence, f.name) is evidence.outcome())
    return replace(evidence, **{name: outcome})


def bare(flow: Flow) -> Flow:
    """Give a flow with its rows but without its guards: what state, flags, role and outcome alone allow."""
    rows = tuple(replace(row, only_if=(), unlike=(), completes=None) for row in flow.steps)
    copy = Flow(flow.name, flow.label, flow.states, rows)
    copy.flags, copy.stopping = flow.flags, flow.stopping
    return copy


def cells(flow: Flow) -> Iterator[tuple[str, Evidence]]:
    """Give every step of a flow with evidence of each outcome that it may state."""
    kinds: dict[str, Step] = {row.name: row for row in flow.steps}
    for name, row in kinds.items():
        for outcome in outcomes(row.evidence):
            yield name, stating(row.evidence, outcome)
