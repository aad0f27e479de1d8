"""The engine: a table of steps over one shared machine; what its library promises, shown through our own door."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from transitions import EventData

from workflow.demonstration import Season
from workflow.domain.actor import SYSTEM, Actor, OfficeKind, Role
from workflow.domain.evidence import Evidence, Nothing, asked
from workflow.domain.flow import (
    KEYED_IN,
    START,
    Cause,
    Flow,
    Kin,
    NotYours,
    OutOfTurn,
    Policy,
    Refusal,
    Refused,
    Step,
    StepFault,
    Turn,
    advance,
    open_steps,
    refusals,
)
from workflow.domain.flows import FLOWS
from workflow.domain.record import Done, Facts, Flag, Record, State
from workflow.domain.rulesets import NONE, read
from workflow.domain.terms import Terms
from workflow.lookups import facts_for
from workflow.store.history import record_of

# a small office of our own: a door that is watched --------------------------------------------


class Door(State):
    SHUT = "shut", "Shut"
    AJAR = "ajar", "Ajar"
    WIDE = "wide", "Wide open"
    BRICKED = "bricked", "Bricked up", True


class Sign(Flag):
    LOCKED = "locked", "Locked", True
    ALARM = "alarm", "Alarm", True
    PAINTED = "painted", "Painted"


class How(Terms):
    SOFTLY = "softly", "Softly"
    LOUDLY = "loudly", "Loudly"
    NOT = "not", "Not at all"


@dataclass(frozen=True, kw_only=True)
class Push(Evidence):
    how: How = asked("How")
    force: int = asked("Force", default=1)

    def outcome(self) -> How:
        return self.how


S, G = Door, Sign
OWNER, KEEPER, JUDGE, GUEST = Role.EMPLOYER, Role.OFFICER, Role.REGISTRAR, Role.WORKER
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FACTS = Facts(now=NOW, on=date(2026, 11, 23), ruleset=NONE)


def someone(role: Role = KEEPER, person: str = "p-1", account: str | None = None, **where: object) -> Actor:
    return Actor(person=person, account=account or f"a-{person}", role=role, name=person.title(), **where)


def says(code: str, *, told: list[str] | None = None) -> Policy:
    """A guard that always refuses."""

    def refuse(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> Refusal:
        if told is not None:
            told.append(code)
        return Refusal(code, f"No: {code}")

    return refuse


def silent(told: list[str], word: str) -> Policy:
    """A guard that lets pass and tells that it was asked."""

    def ask(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> None:
        told.append(word)

    return ask


def row(name: str, source: object, target: Door | None, by: object = (KEEPER,), **rest: object) -> Step:
    sources = source if isinstance(source, tuple) else (source,)
    return Step(name, name.title(), sources, target, by, **rest)


BUILD = row("build", START, S.SHUT)


def door(*steps: Step) -> Flow:
    return Flow("door", "Door", Door, (BUILD, *steps), Sign)


def standing(state: Door | None = S.SHUT, *flags: Sign, history: tuple[Done, ...] = ()) -> Record:
    return Record(
        flow="door", subject="d-1", reference="D-1", office="PNR",
        state=state.value if state else None, flags=frozenset(flag.value for flag in flags), history=history,
    )  # fmt: skip


def after(
    flow: Flow,
    record: Record,
    step: str,
    evidence: Evidence | None = None,
    actor: Actor | None = None,
    behalf: str | None = None,
) -> Record:
    """The record after a step, as the fold of its events would give it."""
    actor = actor or someone()
    outcome = advance(flow, record, step, evidence or Nothing(), actor, FACTS)
    return record.with_event(
        Done(
            number=record.version + 1, step=step, source=outcome.source, target=outcome.target, flags=outcome.flags,
            person=actor.person, name=actor.name, position="", role=actor.role.value, office=None,
            on_behalf_of=behalf, happened_at=NOW, recorded_at=NOW, evidence=outcome.evidence, ruleset=NONE.digest,
        )
    )  # fmt: skip


def fault_of(
    flow: Flow,
    record: Record,
    step: str,
    evidence: Evidence | None = None,
    actor: Actor | None = None,
    facts: Facts = FACTS,
) -> StepFault | None:
    try:
        advance(flow, record, step, evidence or Nothing(), actor or someone(), facts)
    except StepFault as fault:
        return fault
    return None


def codes(fault: object) -> list[str]:
    assert isinstance(fault, Refused)
    return [refusal.code for refusal in fault.refusals]


# moving ---------------------------------------------------------------------------------------


def test_a_step_moves_from_its_source_to_its_target_and_leaves_the_record_as_it_is() -> None:
    flow, record = door(row("open", S.SHUT, S.WIDE)), standing()
    outcome = advance(flow, record, "open", Nothing(), someone(), FACTS)
    assert (outcome.source, outcome.target, outcome.row.name) == ("shut", "wide", "open")
    assert record == standing()


def test_a_subject_begins_at_the_start_which_is_no_state_of_its_own() -> None:
    outcome = advance(door(), standing(None), "build", Nothing(), someone(), FACTS)
    assert (outcome.source, outcome.target) == (None, "shut")


def test_a_row_may_leave_from_several_states_and_no_other() -> None:
    flow = door(row("brick", (S.SHUT, S.AJAR), S.BRICKED))
    for state in (S.SHUT, S.AJAR):
        assert advance(flow, standing(state), "brick", Nothing(), someone(), FACTS).target == "bricked"
    assert isinstance(fault_of(flow, standing(S.WIDE), "brick"), OutOfTurn)


def test_an_internal_step_keeps_the_state_and_may_still_raise_and_lift_flags() -> None:
    flow = door(row("paint", (S.SHUT, S.WIDE), None, raises=(G.PAINTED,), lifts=(G.ALARM,), under=(G.ALARM,)))
    outcome = advance(flow, standing(S.WIDE, G.ALARM), "paint", Nothing(), someone(), FACTS)
    assert (outcome.target, outcome.flags) == ("wide", frozenset({"painted"}))


def test_a_step_back_into_the_same_state_is_a_move_like_any_other() -> None:
    flow = door(row("slam", S.SHUT, S.SHUT))
    record = after(flow, standing(), "slam")
    assert (record.state, record.version, record.history[0].source) == ("shut", 1, "shut")


def test_an_unknown_step_is_out_of_turn() -> None:
    assert isinstance(fault_of(door(), standing(), "fly"), OutOfTurn)


@pytest.mark.parametrize("state", list(Door))
def test_a_step_is_out_of_turn_in_every_state_that_its_rows_do_not_name(state: Door) -> None:
    flow = door(row("open", S.SHUT, S.WIDE))
    assert isinstance(fault_of(flow, standing(state), "open"), OutOfTurn) is (state is not S.SHUT)


def test_a_state_that_lost_its_definition_lets_nothing_pass_and_shows_its_bare_name() -> None:
    flow = door(row("open", S.SHUT, S.WIDE))
    lost = replace(standing(), state="removed")
    assert isinstance(fault_of(flow, lost, "open"), OutOfTurn)
    assert (flow.label_of("removed"), flow.label_of("shut"), flow.label_of(None)) == ("removed", "Shut", "")


def test_no_step_jumps_to_a_state_without_a_row_of_its_own() -> None:
    flow = door(row("open", S.SHUT, S.WIDE))
    assert set(flow.machine.events) == {"build", "open"}
    assert [name for name in flow.machine.events if name.startswith("to_")] == []


# several rows of one step ---------------------------------------------------------------------


def outcomes() -> Flow:
    return door(
        row("push", S.SHUT, S.AJAR, evidence=Push, when=(How.SOFTLY,)),
        row("push", S.SHUT, S.WIDE, evidence=Push, when=(How.LOUDLY,), raises=(G.ALARM,)),
        row("push", S.SHUT, None, evidence=Push, when=(How.NOT,)),
        row("push", S.AJAR, S.WIDE, evidence=Push),
    )


@pytest.mark.parametrize(
    ("state", "how", "target", "flags"),
    [
        (S.SHUT, How.SOFTLY, "ajar", set()),
        (S.SHUT, How.LOUDLY, "wide", {"alarm"}),
        (S.SHUT, How.NOT, "shut", set()),
        (S.AJAR, How.SOFTLY, "wide", set()),
        (S.AJAR, How.LOUDLY, "wide", set()),
    ],
)
def test_the_outcome_that_the_evidence_states_chooses_the_row(
    state: Door, how: How, target: str, flags: set[str]
) -> None:
    outcome = advance(outcomes(), standing(state), "push", Push(how=how), someone(), FACTS)
    assert (outcome.target, outcome.flags) == (target, frozenset(flags))


def test_rows_of_one_step_are_tried_in_the_order_of_the_table() -> None:
    flow = door(row("open", S.SHUT, S.AJAR, needs=(G.PAINTED,)), row("open", S.SHUT, S.WIDE))
    assert advance(flow, standing(), "open", Nothing(), someone(), FACTS).target == "wide"
    assert advance(flow, standing(S.SHUT, G.PAINTED), "open", Nothing(), someone(), FACTS).target == "ajar"


def test_only_the_chosen_row_asks_its_guards() -> None:
    told: list[str] = []
    flow = door(
        row("push", S.SHUT, S.AJAR, evidence=Push, when=(How.SOFTLY,), only_if=(says("soft", told=told),)),
        row("push", S.SHUT, S.WIDE, evidence=Push, when=(How.LOUDLY,), only_if=(silent(told, "loud"),)),
    )
    assert advance(flow, standing(), "push", Push(how=How.LOUDLY), someone(), FACTS).target == "wide"
    assert told == ["loud"]


def test_a_refusal_of_the_chosen_row_ends_the_try_and_no_later_row_takes_it() -> None:
    flow = door(row("open", S.SHUT, S.AJAR, only_if=(says("first"),)), row("open", S.SHUT, S.WIDE))
    assert codes(fault_of(flow, standing(), "open")) == ["first"]


def test_an_outcome_that_no_row_serves_here_is_refused_while_another_outcome_is_open() -> None:
    flow = door(
        row("push", S.SHUT, S.AJAR, evidence=Push, when=(How.SOFTLY,), bars=(G.PAINTED,)),
        row("push", S.SHUT, S.WIDE, evidence=Push, when=(How.LOUDLY,)),
    )
    painted = standing(S.SHUT, G.PAINTED)
    assert codes(fault_of(flow, painted, "push", Push(how=How.SOFTLY))) == ["outcome-closed"]
    assert fault_of(flow, painted, "push", Push(how=How.LOUDLY)) is None


def test_evidence_of_another_kind_is_our_own_mistake_and_never_stored() -> None:
    with pytest.raises(TypeError, match="door push does not take nothing"):
        advance(outcomes(), standing(), "push", Nothing(), someone(), FACTS)


# the order of a try ---------------------------------------------------------------------------


def test_a_try_chooses_then_asks_the_role_then_completes_then_judges() -> None:
    told: list[str] = []

    class Telling(Push):
        def outcome(self) -> How:
            told.append("chooses")
            return self.how

    def completes(record: Record, evidence: Evidence, facts: Facts) -> Evidence:
        told.append("completes")
        return evidence

    flow = door(
        row("push", S.SHUT, S.WIDE, evidence=Telling, when=(How.LOUDLY,), completes=completes,
            only_if=(silent(told, "first"), silent(told, "second"))),
    )  # fmt: skip
    flow.machine.before_state_change = [lambda event: told.append("before")]
    flow.machine.after_state_change = [lambda event: told.append(f"after in {event.model.state}")]
    advance(flow, standing(), "push", Telling(how=How.LOUDLY), someone(), FACTS)
    assert told == ["chooses", "before", "completes", "first", "second", "after in wide"]
    told.clear()
    with pytest.raises(NotYours):
        advance(flow, standing(), "push", Telling(how=How.LOUDLY), someone(GUEST), FACTS)
    assert told == ["chooses", "before"]


def test_guards_judge_the_completed_evidence_and_it_is_what_is_stored() -> None:
    seen: list[int] = []

    def strongly(record: Record, evidence: Push, facts: Facts) -> Push:
        return replace(evidence, force=9)

    def look(record: Record, evidence: Push, actor: Actor, facts: Facts) -> None:
        seen.append(evidence.force)

    flow = door(row("push", S.SHUT, S.WIDE, evidence=Push, completes=strongly, only_if=(look,)))
    stated = Push(how=How.LOUDLY)
    outcome = advance(flow, standing(), "push", stated, someone(), FACTS)
    assert (seen, outcome.evidence.force, stated.force) == ([9], 9, 1)


def test_all_refusals_are_collected_and_raised_at_once_in_the_order_of_the_row() -> None:
    flow = door(
        row("open", S.SHUT, S.WIDE, only_if=(says("one"), silent([], ""), says("two"), says("three")))
    )
    fault = fault_of(flow, standing(), "open")
    assert codes(fault) == ["one", "two", "three"]
    assert str(fault) == "one; two; three"


def test_four_eyes_and_the_rules_are_told_together() -> None:
    flow = door(
        row("close", S.WIDE, S.SHUT),
        row("open", S.SHUT, S.WIDE, unlike=("close",), only_if=(says("stuck"),)),
    )
    record = after(flow, standing(S.WIDE), "close")
    assert codes(fault_of(flow, record, "open")) == ["four-eyes", "stuck"]


def test_the_first_reason_names_its_field_and_values() -> None:
    refusal = Refusal("heavy", "At most %(most)s", {"most": 3}, "force")
    flow = door(row("push", S.SHUT, S.WIDE, evidence=Push, only_if=(lambda *_: refusal,)))
    fault = fault_of(flow, standing(), "push", Push(how=How.NOT))
    assert isinstance(fault, Refused)
    assert fault.refusals == (refusal,)
    assert refusal.text % refusal.values == "At most 3"


# exceptions -----------------------------------------------------------------------------------


def breaks(*_: object) -> None:
    raise ZeroDivisionError("a guard that breaks")


def test_an_exception_in_a_guard_comes_through_and_changes_nothing() -> None:
    flow, record = door(row("open", S.SHUT, S.WIDE, only_if=(breaks,), raises=(G.ALARM,))), standing()
    with pytest.raises(ZeroDivisionError):
        advance(flow, record, "open", Nothing(), someone(), FACTS)
    assert record == standing()
    assert flow.machine.models == []


def test_an_exception_in_the_selector_comes_through_and_changes_nothing() -> None:
    class Broken(Push):
        def outcome(self) -> How:
            raise ZeroDivisionError

    flow = door(row("push", S.SHUT, S.WIDE, evidence=Broken, when=(How.NOT,)))
    with pytest.raises(ZeroDivisionError):
        advance(flow, standing(), "push", Broken(how=How.NOT), someone(), FACTS)


def test_an_exception_after_the_move_leaves_the_record_where_it_was() -> None:
    flow, record = door(row("open", S.SHUT, S.WIDE)), standing()
    flow.machine.after_state_change = [breaks]
    with pytest.raises(ZeroDivisionError):
        advance(flow, record, "open", Nothing(), someone(), FACTS)
    assert record == standing()
    flow.machine.after_state_change = []
    assert advance(flow, record, "open", Nothing(), someone(), FACTS).target == "wide"


def test_after_a_failure_the_shared_machine_serves_the_next_try_as_before() -> None:
    flow = door(row("open", S.SHUT, S.WIDE), row("kick", S.SHUT, S.BRICKED, only_if=(breaks,)))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            advance(flow, standing(), "kick", Nothing(), someone(), FACTS)
        assert isinstance(fault_of(flow, standing(S.BRICKED), "open"), OutOfTurn)
        assert advance(flow, standing(), "open", Nothing(), someone(), FACTS).target == "wide"


# the machine is shared and holds nobody ---------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_is_one_machine_without_models_queue_or_state_of_its_own(flow: Flow) -> None:
    machine = flow.machine
    assert (machine.models, machine.has_queue, machine.auto_transitions) == ([], False, False)
    assert not hasattr(machine, "state")
    assert list(machine.states) == [START, *(state.value for state in flow.states)]
    for callbacks in (machine.prepare_event, machine.before_state_change, machine.after_state_change,
                      machine.finalize_event, machine.on_exception, machine.on_final):  # fmt: skip
        assert callbacks == []
    for state in machine.states.values():
        assert (state.on_enter, state.on_exit) == ([], [])


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_the_machine_has_exactly_the_moves_of_the_table(flow: Flow) -> None:
    moves = {
        (event.name, move.source, move.dest)
        for event in flow.machine.events.values() for source in event.transitions.values() for move in source
    }  # fmt: skip
    table = {
        (step.name, str(source), step.target.value if step.target is not None else None)
        for step in flow.steps for source in step.source
    }  # fmt: skip
    assert moves == table


def test_a_try_leaves_nothing_on_what_walks_through_the_machine() -> None:
    flow, seen = door(row("open", S.SHUT, S.WIDE)), []
    flow.machine.before_state_change = [lambda event: seen.append(event.model)]
    advance(flow, standing(), "open", Nothing(), someone(), FACTS)
    assert isinstance(seen[0], Turn)
    assert not hasattr(seen[0], "__dict__")
    assert not hasattr(seen[0], "trigger")
    assert flow.machine.models == []


def test_one_machine_serves_many_threads_and_mixes_up_none() -> None:
    flow = FLOWS["request"]
    meeting = threading.Barrier(8)

    def work(number: int) -> set[str]:
        meeting.wait()
        found = set()
        for turn in range(200):
            record = Record(
                flow="request", subject=f"r-{number}-{turn}", reference="", office="PNR", state="drafted"
            )
            fault = fault_of(flow, record, "cancel_request", REASON, someone(OWNER if turn % 2 else GUEST))
            found.add(f"{turn % 2}:{type(fault).__name__}")
        return found

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert results == [{"0:NotYours", "1:NoneType"}] * 8


def test_a_guard_may_try_another_step_without_waiting_for_the_first() -> None:
    inner: list[str] = []

    def look_ahead(record: Record, evidence: Evidence | None, actor: Actor, facts: Facts) -> None:
        inner.append(advance(flow, standing(S.WIDE), "close", Nothing(), actor, facts).target)

    flow = door(row("open", S.SHUT, S.WIDE, only_if=(look_ahead,)), row("close", S.WIDE, S.SHUT))
    assert advance(flow, standing(), "open", Nothing(), someone(), FACTS).target == "wide"
    assert inner == ["shut"]


def test_two_flows_may_use_the_same_names_and_know_nothing_of_each_other() -> None:
    one, other = door(row("open", S.SHUT, S.WIDE)), door(row("open", S.SHUT, S.AJAR))
    assert advance(one, standing(), "open", Nothing(), someone(), FACTS).target == "wide"
    assert advance(other, standing(), "open", Nothing(), someone(), FACTS).target == "ajar"


def test_the_library_still_calls_conditions_before_guards_and_stops_at_the_first_true_one() -> None:
    """The engine leans on this order of the library; an upgrade that changes it must fail here."""
    told: list[str] = []

    def tells(word: str, answer: bool = True) -> Callable[[EventData], bool]:
        return lambda event: told.append(word) or answer

    machine = door().machine
    for number, passes in ((1, False), (2, True), (3, True)):
        machine.add_transition(
            "try", "shut", "wide", prepare=[tells(f"prepare {number}")], conditions=[tells(f"asks {number}", passes)],
            before=[tells(f"before {number}")], after=[tells(f"after {number}")],
        )  # fmt: skip
    turn = Turn(door(), standing(), Nothing(), someone(), FACTS)
    assert machine.events["try"].trigger(turn) is True
    assert told == ["prepare 1", "asks 1", "prepare 2", "asks 2", "before 2", "after 2"]
    assert turn.state == "wide"


# who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_a_row_is_closed_to_every_role_that_it_does_not_name(role: Role) -> None:
    flow = door(row("open", S.SHUT, S.WIDE, by=(JUDGE,)))
    assert isinstance(fault_of(flow, standing(), "open", actor=someone(role)), NotYours) is (
        role is not JUDGE
    )


@pytest.mark.parametrize("role", list(Role))
def test_an_officer_and_nobody_else_may_key_in_a_row_that_says_so(role: Role) -> None:
    flow = door(row("open", S.SHUT, S.WIDE, by=(OWNER,), keyed=(OWNER,)))
    assert (fault_of(flow, standing(), "open", actor=someone(role)) is None) is (role in (OWNER, KEEPER))


def test_four_eyes_look_at_the_person_and_not_at_the_account() -> None:
    flow = door(
        row("close", S.WIDE, S.SHUT, by=(KEEPER, JUDGE)),
        row("open", S.SHUT, S.WIDE, by=(KEEPER, JUDGE), unlike=("close",)),
    )
    record = after(flow, standing(S.WIDE), "close", actor=someone(KEEPER, "p-1", "a-1"))
    assert codes(fault_of(flow, record, "open", actor=someone(KEEPER, "p-1", "a-1"))) == ["four-eyes"]
    assert codes(fault_of(flow, record, "open", actor=someone(JUDGE, "p-1", "a-2"))) == ["four-eyes"]
    assert fault_of(flow, record, "open", actor=someone(KEEPER, "p-2", "a-1")) is None


def test_four_eyes_remember_every_earlier_doer_and_not_only_the_last() -> None:
    flow = door(
        row("close", S.WIDE, S.SHUT),
        row("swing", S.SHUT, S.WIDE),
        row("open", S.SHUT, S.AJAR, unlike=("close",)),
    )
    record = after(flow, standing(S.WIDE), "close", actor=someone(person="p-1"))
    record = after(flow, record, "swing", actor=someone(person="p-3"))
    record = after(flow, record, "close", actor=someone(person="p-2"))
    refused = [p for p in ("p-1", "p-2", "p-3") if fault_of(flow, record, "open", actor=someone(person=p))]
    assert refused == ["p-1", "p-2"]


def test_who_keyed_in_for_another_never_decides() -> None:
    flow = door(
        row("close", S.WIDE, S.SHUT, by=(OWNER,), keyed=(OWNER,)),
        row("open", S.SHUT, S.WIDE, by=(KEEPER, JUDGE), unlike=(KEYED_IN,)),
    )
    record = after(flow, standing(S.WIDE), "close", actor=someone(KEEPER, "p-1"), behalf="employer")
    assert codes(fault_of(flow, record, "open", actor=someone(JUDGE, "p-1"))) == ["keyed-in"]
    assert fault_of(flow, record, "open", actor=someone(JUDGE, "p-2")) is None
    own = after(flow, standing(S.WIDE), "close", actor=someone(OWNER, "p-1"))
    assert fault_of(flow, own, "open", actor=someone(JUDGE, "p-1")) is None


RULE = """
[ruleset]
id = "T"
title = { en = "T" }
status = "test"
effective_from = 2026-01-01
legal_basis = { en = "Test" }
basis = "invented"
provinces = ["22"]
[sources.test]
th = "Test"
en = "Test"
km = "Test"
basis = "invented"
[offices.door]
open = { value = ["peo"], source = "test", confidence = "D" }
"""


@pytest.mark.parametrize(
    ("role", "kind", "passes"),
    [
        (KEEPER, OfficeKind.PEO, True),
        (KEEPER, OfficeKind.DISTRICT, False),
        (KEEPER, None, False),
        (JUDGE, None, False),
        (OWNER, None, True),
    ],
)
def test_the_ruleset_names_the_kind_of_office_that_may_do_a_step(
    role: Role, kind: OfficeKind | None, passes: bool
) -> None:
    flow = door(row("open", S.SHUT, S.WIDE, by=(KEEPER, JUDGE, OWNER)))
    facts = replace(FACTS, ruleset=read(RULE))
    fault = fault_of(flow, standing(), "open", actor=someone(role, office_kind=kind), facts=facts)
    assert fault is None if passes else codes(fault) == ["wrong-office"]


# flags ------------------------------------------------------------------------------------------


FLAGGED = {
    "plain": row("plain", S.SHUT, None),
    "needs": row("needs", S.SHUT, None, needs=(G.PAINTED,)),
    "bars": row("bars", S.SHUT, None, bars=(G.PAINTED,)),
    "under": row("under", S.SHUT, None, under=(G.LOCKED,)),
    "under both": row("under both", S.SHUT, None, under=(G.LOCKED, G.ALARM)),
    "needs under": row("needs under", S.SHUT, None, needs=(G.LOCKED,), under=(G.LOCKED,)),
    "needs without under": row("needs without under", S.SHUT, None, needs=(G.LOCKED,)),
    "bars under": row("bars under", S.SHUT, None, bars=(G.LOCKED,), under=(G.LOCKED,)),
}
OPEN_UNDER = {
    (): {"plain", "bars", "under", "under both", "bars under"},
    (G.PAINTED,): {"plain", "needs", "under", "under both", "bars under"},
    (G.LOCKED,): {"under", "under both", "needs under"},
    (G.ALARM,): {"under both"},
    (G.LOCKED, G.ALARM): {"under both"},
    (G.PAINTED, G.LOCKED): {"under", "under both", "needs under"},
}


@pytest.mark.parametrize("flags", OPEN_UNDER, ids=lambda flags: "+".join(flags) or "none")
def test_flags_close_every_row_that_does_not_name_them(flags: tuple[Sign, ...]) -> None:
    flow, record = door(*FLAGGED.values()), standing(S.SHUT, *flags)
    moving = {name for name in FLAGGED if fault_of(flow, record, name) is None}
    shown = {step.name for step in flow.open_rows(record.state, record.flags)}
    assert moving == shown == OPEN_UNDER[flags]


def test_a_mark_that_does_not_stop_closes_nothing() -> None:
    flow = door()
    assert flow.stopping == {"locked", "alarm"}
    assert door(row("open", S.SHUT, S.WIDE)).open_rows("shut", frozenset({"painted"}))


def test_flags_are_raised_and_lifted_and_the_others_stay() -> None:
    flow = door(row("open", S.SHUT, S.WIDE, raises=(G.ALARM,), lifts=(G.LOCKED,), under=(G.LOCKED,)))
    outcome = advance(flow, standing(S.SHUT, G.LOCKED, G.PAINTED), "open", Nothing(), someone(), FACTS)
    assert outcome.flags == {"alarm", "painted"}


def test_a_flow_without_flags_has_none_that_stop() -> None:
    flow = Flow("door", "Door", Door, (BUILD,))
    assert (flow.flags, flow.stopping) == ((), frozenset())


# what is open -----------------------------------------------------------------------------------


def names(flow: Flow, record: Record, actor: Actor, facts: Facts = FACTS) -> list[str]:
    return [step.name for step in open_steps(flow, record, actor, facts)]


def test_open_steps_are_those_of_state_flags_and_role_each_once_in_the_order_of_the_table() -> None:
    flow = door(
        row("push", S.SHUT, S.AJAR, evidence=Push, when=(How.SOFTLY,)),
        row("push", S.SHUT, S.WIDE, evidence=Push, when=(How.LOUDLY,)),
        row("brick", (S.SHUT, S.WIDE), S.BRICKED, by=(JUDGE,)),
        row("close", S.WIDE, S.SHUT),
        row("oil", S.SHUT, None, needs=(G.PAINTED,)),
    )
    assert names(flow, standing(), someone()) == ["push"]
    assert names(flow, standing(), someone(JUDGE)) == ["brick"]
    assert names(flow, standing(S.SHUT, G.PAINTED), someone()) == ["push", "oil"]
    assert names(flow, standing(S.BRICKED), someone()) == []
    assert names(flow, standing(None), someone()) == ["build"]


def test_an_open_step_tells_what_already_stands_against_it_and_is_silent_of_what_evidence_will_say() -> None:
    flow = door(row("open", S.SHUT, S.WIDE, only_if=(says("stuck"), only_with_evidence)))
    (step,) = open_steps(flow, standing(), someone(), FACTS)
    assert [refusal.code for refusal in step.against] == ["stuck"]


def only_with_evidence(
    record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> Refusal | None:
    return None if evidence is None else Refusal("evidence", "Judged with evidence only")


def test_of_several_rows_the_one_with_nothing_against_it_is_shown() -> None:
    free = row("push", S.SHUT, S.WIDE, evidence=Push, when=(How.LOUDLY,))
    blocked = row("push", S.SHUT, S.AJAR, evidence=Push, when=(How.SOFTLY,), only_if=(says("stuck"),))
    for rows in permutations((free, blocked)):
        (step,) = open_steps(door(*rows), standing(), someone(), FACTS)
        assert step.against == ()


def test_an_open_step_says_for_whom_an_officer_would_key_it_in() -> None:
    flow = door(row("open", S.SHUT, S.WIDE, by=(OWNER,), keyed=(OWNER, GUEST)))
    assert open_steps(flow, standing(), someone(KEEPER), FACTS)[0].keyed == (OWNER, GUEST)
    assert open_steps(flow, standing(), someone(OWNER), FACTS)[0].keyed == ()


def test_whatever_is_open_with_nothing_against_it_can_be_done() -> None:
    flow = door(row("open", S.SHUT, S.WIDE), row("lock", S.SHUT, None, raises=(G.LOCKED,), bars=(G.LOCKED,)))
    record = standing()
    for step in open_steps(flow, record, someone(), FACTS):
        assert fault_of(flow, record, step.name) is None
    assert names(flow, after(flow, record, "lock"), someone()) == []


def test_refusals_can_be_asked_without_trying() -> None:
    flow = door(row("open", S.SHUT, S.WIDE, only_if=(says("one"), says("two"))))
    found = refusals(flow, flow.rows("open")[0], standing(), None, someone(), FACTS)
    assert [refusal.code for refusal in found] == ["one", "two"]


# what a row carries -----------------------------------------------------------------------------


def test_the_outcome_carries_the_papers_and_consequences_of_its_row() -> None:
    cause = Cause("house", "air", Kin.NEW, lambda record, evidence, facts: None)
    flow = door(row("open", S.SHUT, S.WIDE, papers=("permit_record",), causes=(cause,)))
    outcome = advance(flow, standing(), "open", Nothing(), someone(), FACTS)
    assert (outcome.row.papers, outcome.row.causes) == (("permit_record",), (cause,))


def test_the_system_does_only_what_a_row_gives_it() -> None:
    own = row("age", S.SHUT, None, by=(Role.SYSTEM,))
    flow = door(own, row("open", S.SHUT, S.WIDE))
    assert fault_of(flow, standing(), "age", actor=SYSTEM) is None
    assert isinstance(fault_of(flow, standing(), "open", actor=SYSTEM), NotYours)


# from the store ---------------------------------------------------------------------------------


REASON = FLOWS["request"].rows("cancel_request")[0].evidence(reason="ไม่ต้องการแล้ว")


@pytest.fixture
def driven(season: Season) -> tuple[Season, Record]:
    return season, season.request((), until="reviewed", men=3)


def test_a_case_read_from_the_store_has_the_same_open_steps_as_the_one_in_hand(
    driven: tuple[Season, Record],
) -> None:
    season, record = driven
    season.desk.session.expire_all()
    again = record_of(season.desk.session, record.subject)
    assert again == record
    for actor in season.cast.actors.values():
        facts = facts_for(season.desk, record, None, actor, season.desk.now())
        flow = FLOWS["request"]
        assert open_steps(flow, again, actor, facts) == open_steps(flow, record, actor, facts)


def test_every_event_of_a_driven_case_folds_to_where_the_engine_moved_it(
    driven: tuple[Season, Record],
) -> None:
    _, record = driven
    place: str | None = None
    for done in record.history:
        assert done.source == place
        place = done.target
    assert record.state == place == "reviewed"
    assert [done.number for done in record.history] == list(range(1, record.version + 1))
