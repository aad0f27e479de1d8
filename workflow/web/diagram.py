"""The process drawn: the short line over a case, and the whole flow as its table says, with the present state marked."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from flask_babel import gettext

from workflow.domain.flow import Flow, Step
from workflow.domain.flows import FLOWS
from workflow.domain.record import Record, State
from workflow.domain.words import N_


@dataclass(frozen=True, slots=True)
class Stage:
    """A stop on the way: the states in which it is the present one, and those in which it lies behind."""

    label: str
    present: frozenset[str]
    behind: frozenset[str]


def _stages(flow: str, *rows: tuple[str, str]) -> tuple[Stage, ...]:
    """Read stages in their order; a stage lies behind in every state of a later stage."""
    states = [frozenset(names.split()) for _, names in rows]
    later = [frozenset().union(*states[place + 1 :]) for place in range(len(states))]
    return tuple(Stage(label, here, behind) for (label, _), here, behind in zip(rows, states, later, strict=True))


def _set(states: str) -> frozenset[str]:
    return frozenset(states.split())


REGISTERED = "filed incomplete examined assessed granted paid numbered issued"
STAGES: Mapping[str, tuple[Stage, ...]] = {
    "request": _stages(
        "request",
        (N_("Written"), "drafted"),
        (N_("Submitted"), "submitted"),
        (N_("Examined"), "received incomplete"),
        (N_("Decided"), "reviewed"),
        (N_("Name list"), "list_open"),
        (N_("Applications"), "list_locked running"),
        (N_("Closed"), "closed"),
    ),
    "application": (
        Stage(N_("Identity"), _set("opened"), _set(f"requested cleared admitted ready leaving {REGISTERED}")),
        Stage(N_("Medical check"), _set("requested admitted"), _set(f"cleared ready {REGISTERED}")),
        Stage(N_("Border entry"), _set("requested cleared"), _set(f"admitted ready leaving {REGISTERED}")),
        *_stages(
            "application",
            (N_("BT.29 filed"), "ready filed incomplete"),
            (N_("Opinion"), "examined"),
            (N_("Order"), "assessed"),
            (N_("Permit fee"), "granted"),
            (N_("Permit"), "paid numbered"),
            ("", "issued"),
        )[:-1],
    ),
    "appeal": _stages(
        "appeal", (N_("Filed"), "filed"), (N_("Received"), "received"), (N_("Decided"), "upheld reversed")
    ),
    "permit": _stages("permit", (N_("Active"), "active"), (N_("Ended"), "ended exited")),
}
"""The stops that the line over a case shows."""

FILED = Stage(N_("Filed"), _set("ready filed incomplete"), _set("examined assessed granted paid numbered issued"))
OF_KIND: Mapping[str, tuple[Stage, ...]] = {
    "renewal": (STAGES["application"][1], *STAGES["application"][3:]),
    **dict.fromkeys(("change", "addition", "substitute"), (FILED, *STAGES["application"][4:])),
}
"""The stops of an application on a permit: the person is known and has entered."""

ENDS_WELL = frozenset({"closed", "issued", "ended", "exited", "upheld", "reversed"})


def line(record: Record) -> list[dict[str, str]]:
    """Give the line over a case: each stop with its stand (done, current, coming, stopped)."""
    states = {state.value: state for state in FLOWS[record.flow].states}
    state = record.state or ""
    ended = state in states and states[state].final and state not in ENDS_WELL
    at = _left(record, states) if ended else state
    return [_stop(stage, at, state, ended) for stage in _stages_of(record)]


def _stages_of(record: Record) -> tuple[Stage, ...]:
    if record.flow != "application":
        return STAGES[record.flow]
    return next((stages for kind, stages in OF_KIND.items() if kind in record.flags), STAGES[record.flow])


def _left(record: Record, states: Mapping[str, State]) -> str:
    """Find the state from which a case came to its end."""
    before = (done.source for done in record.standing() if done.source in states)
    return next((source for source in before if source and not states[source].final), "")


def _stop(stage: Stage, at: str, state: str, ended: bool) -> dict[str, str]:
    if at in stage.behind:
        stand = "done"
    elif at in stage.present:
        stand = "stopped" if ended else "done" if state in ENDS_WELL else "current"
    else:
        stand = "coming"
    return {"label": gettext(stage.label), "stand": stand, "note": ""}


# the whole flow -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step out of a state: its words, where it leads, who does it."""

    label: str
    target: str
    who: str


@dataclass(frozen=True, slots=True)
class Node:
    """A state with the steps that leave it; `stand` says done, current, next, coming or end."""

    label: str
    stand: str
    arrows: tuple[Arrow, ...]


def drawn(flow: Flow, record: Record) -> list[Node]:
    """Give every state of a flow in order, with the steps that lead on from it, and how the case stands to it."""
    passed = {done.source for done in record.standing()}
    following = {row.target for row in _rows(flow, record.state)}
    stands = {one: _stand(one, record.state, passed, following) for one in flow.states}
    return [Node(gettext(one.label), stand, _arrows(flow, one)) for one, stand in stands.items()]


def _stand(one: State, state: str | None, passed: Set[str | None], following: Set[State | None]) -> str:
    if one == state:
        return "current"
    if one in passed:
        return "done"
    return "end" if one.final else "next" if one in following else "coming"


def _rows(flow: Flow, state: str | None) -> list[Step]:
    return [row for row in flow.steps if state in row.source and row.target is not None]


def _arrows(flow: Flow, state: str) -> tuple[Arrow, ...]:
    """List the steps out of a state, rows that read alike as one."""
    return tuple(dict.fromkeys(_arrow(row) for row in _rows(flow, state)))


def _arrow(row: Step) -> Arrow:
    said = f" ({', '.join(gettext(one.label) for one in row.when)})" if row.when else ""
    who = ", ".join(gettext(role.label) for role in row.by)
    return Arrow(gettext(row.label) + said, gettext(row.target.label), who)
