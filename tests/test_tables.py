"""The tables: exactly their rows are possible, nothing in them is dead, nobody gets stuck, everything is there."""

import ast
import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import select

from forms.evidence import NoChoices, form_for
from tests.stated import BACK, bare, cells, outcomes
from tests.test_casework import ROWS
from workflow import casework
from workflow.demonstration import Season
from workflow.domain import (
    appeal_policies,
    application,
    blanks,
    clocks,
    employer_policies,
    everywhere,
    gate,
    measure,
    medical_policies,
    paper,
    permit,
    permit_policies,
    place_policies,
    policies,
    registers,
    renewal_policies,
    request,
    route_policies,
)
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.domain.clocks import CLOCKS
from workflow.domain.documents import DOCUMENTS, PAPER_SIGNS, WORKING_PRINTS
from workflow.domain.evidence import Ask, Evidence, Question, questions
from workflow.domain.flow import KEYED_IN, START, Flow, NotYours, OutOfTurn, Refused, Step, advance
from workflow.domain.flows import FLOWS, KINDS, PROCESS
from workflow.domain.record import Facts, Record
from workflow.domain.references import SERIES
from workflow.domain.rulesets import NONE, Ruleset, shipped
from workflow.lookups import ruleset_for
from workflow.paperwork import FEES
from workflow.store.history import record_of
from workflow.store.projecting import FOLLOWERS
from workflow.store.projections import Case

ROOT = Path(__file__).parent.parent
PAPERS = ROOT / "pdf" / "papers"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
NOBODY = Facts(now=NOW, on=NOW.date(), ruleset=NONE)
Node = tuple[str, frozenset[str]]
each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
each_process = pytest.mark.parametrize("flow", PROCESS, ids=[flow.name for flow in PROCESS])


@cache
def actor(role: Role) -> Actor:
    return Actor(person="p", account="a", role=role, name="P", office_kind=OfficeKind.PEO)


def flag_sets(flow: Flow, largest: int) -> list[frozenset[str]]:
    """All sets of flags up to a size, and the set of all; an application is of one kind."""
    kinds = {flag.value for flag in application.KINDS} if flow is application.FLOW else set()
    flags = [flag.value for flag in flow.flags if flag.value not in kinds]
    sets = {
        frozenset(some) for size in range(min(largest, len(flags)) + 1) for some in combinations(flags, size)
    }
    each = {frozenset({*some, kind}) for some in sets if len(some) < largest for kind in kinds}
    return sorted(sets | each | {frozenset(flags)}, key=sorted)


def states(flow: Flow) -> list[str]:
    return [START, *(state.value for state in flow.states)]


def record(flow: Flow, state: str, flags: frozenset[str]) -> Record:
    return Record(
        flow=flow.name,
        subject="s",
        reference="s",
        office="PNR",
        state=None if state == START else state,
        flags=flags,
    )


# exactly the rows -----------------------------------------------------------------------------


def open_by_table(flow: Flow, state: str, flags: frozenset[str]) -> dict[str, list[Step]]:
    """Which rows state and flags leave open, by step, worked out without the engine."""
    stops, found = {flag.value for flag in flow.flags if flag.stops}, defaultdict(list)
    for row in flow.steps:
        fits = set(row.needs) <= flags and not set(row.bars) & flags and not (flags & stops) - set(row.under)
        if fits and state in {str(source) for source in row.source}:
            found[row.name].append(row)
    return found


def told_by_table(
    here: list[Step], state: str, role: Role, flags: frozenset[str], evidence: Evidence
) -> object:
    """What the table alone says of one cell."""
    fitting = [row for row in here if not row.when or evidence.outcome() in row.when]
    if not fitting:
        return Refused if here else OutOfTurn
    (row,) = fitting
    if not (role in row.by or (role is Role.OFFICER and row.keyed)):
        return NotYours
    target = state if row.target is None else row.target.value
    return target, (flags | set(row.raises)) - set(row.lifts)


def done_by_engine(flow: Flow, before: Record, name: str, role: Role, evidence: Evidence) -> object:
    try:
        outcome = advance(flow, before, name, evidence, actor(role), NOBODY)
    except (NotYours, OutOfTurn, Refused) as fault:
        return type(fault)
    return outcome.target, outcome.flags


@each_flow
def test_exactly_the_rows_of_the_table_are_possible(flow: Flow, request: pytest.FixtureRequest) -> None:
    """Every state, step, outcome and role under each flag alone and all together; every set of flags with --long."""
    engine, steps, tried, possible, wrong = bare(flow), list(cells(flow)), 0, 0, []
    for flags in flag_sets(flow, len(flow.flags) if request.config.getoption("--long") else 1):
        for state in states(flow):
            here, before = open_by_table(flow, state, flags), record(flow, state, flags)
            for name, evidence in steps:
                for role in Role:
                    told = told_by_table(here.get(name, []), state, role, flags, evidence)
                    tried, possible = tried + 1, possible + isinstance(told, tuple)
                    if done_by_engine(engine, before, name, role, evidence) != told:
                        wrong.append((state, name, role, sorted(flags), told))
    print(f"{flow.name}: {tried} cells of state, flags, step, outcome and role; {possible} possible")
    assert wrong == []
    assert possible > 0


@each_flow
def test_at_most_one_row_serves_an_outcome_in_a_state_under_any_flags(flow: Flow) -> None:
    several, looked = [], 0
    for flags in flag_sets(flow, len(flow.flags)):
        for state in states(flow):
            looked += 1
            served = [
                (row.name, outcome)
                for rows in open_by_table(flow, state, flags).values()
                for row in rows
                for outcome in row.when or outcomes(row.evidence)
            ]
            several += [(state, sorted(flags), twice) for twice, n in Counter(served).items() if n > 1]
    print(f"{flow.name}: {looked} places of state and flags")
    assert several == []


@each_flow
def test_where_a_step_is_open_every_outcome_that_its_evidence_may_state_has_a_row(flow: Flow) -> None:
    unserved = [
        (state, name, outcome)
        for name in {row.name for row in flow.steps}
        for state in {str(source) for row in flow.rows(name) for source in row.source}
        for outcome in outcomes(flow.rows(name)[0].evidence)
        if not any(
            state in map(str, row.source) and (not row.when or outcome in row.when) for row in flow.rows(name)
        )
    ]
    assert unserved == []


@each_flow
def test_selectors_name_only_outcomes_of_their_evidence(flow: Flow) -> None:
    assert [row.name for row in flow.steps if not set(row.when) <= set(outcomes(row.evidence))] == []


@each_flow
def test_rows_of_one_step_share_its_label_evidence_doers_and_way_over_many(flow: Flow) -> None:
    for name in {row.name for row in flow.steps}:
        shared = {(row.label, row.evidence, row.by, row.keyed, row.many) for row in flow.rows(name)}
        assert len(shared) == 1, name


@each_flow
def test_rows_name_only_what_there_is(flow: Flow) -> None:
    names, flags = {row.name for row in flow.steps}, {flag.value for flag in flow.flags}
    for row in flow.steps:
        assert row.by or row.keyed, row.name
        assert {*map(str, row.source)} <= {*states(flow)}, row.name
        leaves = any(state.final and state in row.source and row.target is not None for state in flow.states)
        assert not leaves or row.name in BACK, row.name
        assert row.name not in BACK or not row.target.final, row.name
        named = (*row.under, *row.needs, *row.bars, *row.raises, *row.lifts)
        assert {str(flag) for flag in named} <= flags, row.name
        assert set(row.unlike) <= {*names, KEYED_IN}, row.name
        assert row.gathers is None or any(row.gathers in {r.name for r in f.steps} for f in PROCESS)
        assert KINDS[row.evidence.kind()] is row.evidence, row.name


@each_flow
def test_causes_name_steps_of_other_flows_that_the_system_may_do_on_that_evidence(flow: Flow) -> None:
    for row in flow.steps:
        for cause in row.causes:
            caused = FLOWS[cause.flow].rows(cause.step)
            assert caused, (row.name, cause.step)
            assert all(Role.SYSTEM in each.by for each in caused), (row.name, cause.step)
            moved = [each for each in caused if application.RENEWAL not in each.needs]  # a list names no renewal
            assert all(not each.causes for each in moved), "consequences go one level deep"


# nobody gets stuck ----------------------------------------------------------------------------


def moves(flow: Flow, node: Node) -> Iterator[tuple[Step, Node]]:
    """Give the rows open at a node of state and flags, each with the node it leads to."""
    state, flags = node
    for row in flow.open_rows(None if state == START else state, flags):
        reached = state if row.target is None else row.target.value
        yield row, (reached, frozenset((flags | set(row.raises)) - set(row.lifts)))


@cache
def reachable(flow: Flow) -> dict[Node, list[tuple[Step, Node]]]:
    """Walk from the start over every row: each place a case can be in, with its ways on."""
    found: dict[Node, list[tuple[Step, Node]]] = {}
    waiting: list[Node] = [(START, frozenset())]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = list(moves(flow, node))
            waiting += [reached for _, reached in found[node]]
    return found


def final_states(flow: Flow) -> set[str]:
    return {state.value for state in flow.states if state.final}


def ways_out(flow: Flow, by: Callable[[Step], bool]) -> set[Node]:
    """Give the places from which some row that may be taken leads on to an end, step by step."""
    graph, finals = reachable(flow), final_states(flow)
    out = {node for node in graph if node[0] in finals}
    grown = True
    while grown:
        more = {
            node
            for node, ways in graph.items()
            if node not in out and any(by(row) and to in out for row, to in ways)
        }
        out, grown = out | more, bool(more)
    return out


def named(nodes: set[Node]) -> list[tuple[str, list[str]]]:
    return sorted((state, sorted(flags)) for state, flags in nodes)


@each_flow
def test_every_state_is_reached_and_every_row_is_open_somewhere(flow: Flow) -> None:
    graph = reachable(flow)
    used = {row for ways in graph.values() for row, _ in ways}
    print(f"{flow.name}: {len(graph)} places of state and flags, {len(flow.steps)} rows")
    assert {state for state, _ in graph} == set(states(flow))
    assert [row.name for row in flow.steps if row not in used] == []


@each_flow
def test_every_flag_is_raised_somewhere_and_lifted_or_outlived(flow: Flow) -> None:
    raised = {flag for row in flow.steps for flag in row.raises}
    assert {flag.value for flag in flow.flags} == {flag.value for flag in raised}
    never_lifted = [
        flag for flag in flow.flags if flag.stops and all(flag not in row.lifts for row in flow.steps)
    ]
    assert never_lifted == []


@each_process
def test_from_every_place_a_person_of_the_office_can_bring_the_case_to_an_end(flow: Flow) -> None:
    """No dead end, whatever flags it bears; what only another party may do, an officer may key in."""
    office = frozenset({Role.OFFICER, Role.REGISTRAR, Role.CASHIER})
    stuck = set(reachable(flow)) - ways_out(flow, lambda row: any(row.may(role) for role in office))
    stuck.discard((START, frozenset()))
    print(f"{flow.name}: {len(reachable(flow))} places, {len(stuck)} without a way out")
    assert named({node for node in stuck if node[0] != START}) == []


@each_flow
def test_from_every_place_some_person_can_bring_the_case_to_an_end(flow: Flow) -> None:
    persons = [role for role in Role if role is not Role.SYSTEM]
    out = ways_out(flow, lambda row: any(row.may(role) for role in persons) or flow in (paper.FLOW, measure.LAYING))
    assert named(set(reachable(flow)) - out - {(START, frozenset())}) == []


@each_process
def test_every_state_that_is_not_the_end_has_a_clock(flow: Flow) -> None:
    waiting = {state.value for state in flow.states if not state.final}
    timed = {state for clock in CLOCKS if clock.flow == flow.name for state in clock.states}
    assert sorted(waiting - timed) == []


def test_clocks_cite_a_source_and_at_the_end_of_the_way_run_only_as_long_as_somebody_can_stop_them() -> None:
    """After the end a notice can still be owed, and a right to appeal runs out by itself."""
    for clock in CLOCKS:
        flow = FLOWS[clock.flow]
        assert clock.source.strip(), clock.name
        assert clock.states <= {state.value for state in flow.states}, clock.name
        stopped_in = {str(state) for step in clock.stops for row in flow.rows(step) for state in row.source}
        assert all(flow.rows(step) for step in clock.stops), clock.name
        assert clock.lapses or clock.states & final_states(flow) <= stopped_in, clock.name
    named_once = [(clock.flow, clock.name) for clock in CLOCKS]
    assert len(named_once) == len(set(named_once))


def test_on_the_whole_way_of_a_season_some_clock_runs_in_every_state_that_is_not_the_end(
    season: Season,
) -> None:
    season.request(ROWS)
    cases = season.desk.session.execute(select(Case.subject, casework.Case.flow)).all()
    season.drive([subject for subject, flow in cases if flow == "application"])
    seen, idle = set(), set()
    for subject in season.desk.session.scalars(select(Case.subject)):
        case = record_of(season.desk.session, subject)
        for end in range(1, case.version + 1):
            done = case.history[end - 1]
            then = replace(case, history=case.history[:end], state=done.target, flags=done.flags)
            rules = ruleset_for(season.desk, then, done.happened_at)
            facts = Facts(now=done.recorded_at, on=done.recorded_at.date(), ruleset=rules)
            if done.target not in final_states(FLOWS[case.flow]):
                seen.add((case.flow, done.target))
                idle |= set() if clocks.running(then, facts) else {(case.flow, done.target)}
    print(f"{len(seen)} states passed, each with a clock")
    assert idle == set()
    assert len(seen) >= 18


# papers ---------------------------------------------------------------------------------------


def rows() -> Iterator[Step]:
    return (row for flow in FLOWS.values() for row in flow.steps)


def test_every_paper_that_a_row_owes_is_in_the_table_of_papers_and_every_paper_there_is_owed_by_a_row() -> (
    None
):
    owed = {key for row in rows() for key in row.papers}
    print(f"{len(DOCUMENTS)} papers, {sum(len(row.papers) for row in rows())} times owed")
    assert owed == set(DOCUMENTS)


def test_every_paper_has_a_template_and_every_template_is_a_paper() -> None:
    templates = {path.stem for path in PAPERS.glob("*.html") if not path.stem.startswith("_")}
    assert templates == set(DOCUMENTS) | set(WORKING_PRINTS)


def test_every_paper_has_a_series_with_a_sign_and_somebody_to_read_it() -> None:
    signs = list(PAPER_SIGNS.values())
    assert len(signs) == len(set(signs))
    assert {document.series for document in DOCUMENTS.values()} == set(PAPER_SIGNS)
    for key, document in DOCUMENTS.items():
        assert document.key == key
        assert document.title
        assert document.languages
        assert {Role.OFFICER, Role.REGISTRAR, Role.AUDITOR} <= set(document.audience), key
        assert Role.ADMINISTRATOR not in document.audience, key


def test_every_flow_with_a_number_of_its_own_has_a_sign() -> None:
    assert set(SERIES) == set(FLOWS) - {"paper", "night", "laying"}
    assert len(set(SERIES.values())) == len(SERIES)


# policies -------------------------------------------------------------------------------------

TABLES: tuple[ModuleType, ...] = (request, application, permit, paper, registers, everywhere)


GUARDS: tuple[ModuleType, ...] = (
    policies, permit_policies, renewal_policies, appeal_policies, place_policies, route_policies,
    medical_policies, employer_policies, gate, blanks, measure,
)  # fmt: skip


def all_policies() -> dict[str, Callable]:
    """Every public function of the policies that judges (record, evidence, actor, facts)."""
    judged = ["record", "evidence", "actor", "facts"]
    return {
        name: found
        for module in GUARDS
        for name, found in vars(module).items()
        if inspect.isfunction(found)
        and not name.startswith("_")
        and found.__module__ == module.__name__
        and list(inspect.signature(found).parameters) == judged
    }


def test_every_policy_guards_a_row_and_every_guard_is_a_policy() -> None:
    used = {policy.__name__ for row in rows() for policy in row.only_if}
    print(f"{len(all_policies())} policies, {sum(len(row.only_if) for row in rows())} times asked")
    assert used == set(all_policies())


def test_every_policy_reads_after_only_if_and_cites_its_source() -> None:
    silent = [name for name, policy in all_policies().items() if "Source: " not in (policy.__doc__ or "")]
    other = [
        name for name, policy in all_policies().items() if not (policy.__doc__ or "").startswith("Only ")
    ]
    assert (silent, other) == ([], [])


def test_every_refusal_says_why_in_whole_words_and_its_values_fit_them() -> None:
    """Read from the source: each Refusal of a policy has a code, a marked text and its values by name."""
    trees, codes = [ast.parse(inspect.getsource(module)) for module in GUARDS], []
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not (isinstance(call.func, ast.Name) and call.func.id == "Refusal"):
            continue
        code, text = call.args[0].value, call.args[1].args[0].value
        given = {key.value for arg in call.args[2:3] if isinstance(arg, ast.Dict) for key in arg.keys}
        assert set(re.findall(r"%\((\w+)\)s", text)) == given, code
        assert text.endswith((".", ")s")), code
        codes.append(code)
    print(f"{len(codes)} refusals, {len(set(codes))} codes")
    assert len(codes) > 50


# evidence and forms ---------------------------------------------------------------------------


def kinds() -> dict[str, type[Evidence]]:
    return {row.evidence.kind(): row.evidence for row in rows()}


def test_every_kind_of_evidence_has_a_form_that_asks_its_questions_in_their_order(app: Flask) -> None:
    with app.test_request_context():
        for name, kind in kinds().items():
            form = form_for(kind, NoChoices())
            asked = [name for name, question in questions(kind).items() if question.ask is not Ask.GIVEN]
            assert [field.short_name for field in form] == asked, name
            assert all(str(field.label.text).strip() for field in form), name
    print(f"{len(kinds())} kinds of evidence, each with its form")


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_every_field_of_evidence_is_a_question_with_words_and_choices(kind: type[Evidence]) -> None:
    assert [f.name for f in fields(kind)] == list(questions(kind))
    for name, question in questions(kind).items():
        assert question.label.strip(), name
        assert choices_are_known(question), (kind.kind(), name, question.options)


REGISTERS = {"measure_rules", "employers", "hospitals", "offices", "permit_employers"}
GIVEN_SERIES = {"request_receipt", "quota", "filing_receipt", "appeal_receipt"}


def choices_are_known(question: Question) -> bool:
    chosen = question.ask in (Ask.CHOICE, Ask.MANY, Ask.CHECKLIST, Ask.REGISTER)
    if not isinstance(question.options, str):
        return (question.options is not None) == chosen
    if question.ask is Ask.GIVEN:
        return question.options in GIVEN_SERIES
    ruled = set(shipped()[0].values)
    known = {Ask.REGISTER: REGISTERS, Ask.MANY: ruled | REGISTERS}.get(question.ask, ruled)
    return chosen and question.options in known


def test_every_step_and_state_and_flag_has_words_of_its_own() -> None:
    for flow in FLOWS.values():
        assert flow.label
        for row in flow.steps:
            assert row.label[:1].isupper(), row.name
        for named_thing in (*flow.states, *flow.flags):
            assert named_thing.label[:1].isupper(), named_thing
        labels = [state.label for state in flow.states]
        assert len(labels) == len(set(labels)), flow.name


# rulesets -------------------------------------------------------------------------------------

each_ruleset = pytest.mark.parametrize("ruleset", shipped(), ids=lambda ruleset: ruleset.id)


@each_ruleset
def test_a_ruleset_gives_steps_only_to_offices_and_steps_that_there_are(ruleset: Ruleset) -> None:
    kinds_of_office = {kind.value for kind in OfficeKind}
    for name, value in ruleset.values.items():
        if name.startswith("offices."):
            _, flow, step = name.split(".")
            assert FLOWS[flow].rows(step), name
            assert set(value.value) <= kinds_of_office, name


@each_ruleset
def test_a_ruleset_says_what_it_is_and_rests_on_in_every_language(ruleset: Ruleset) -> None:
    for words in (ruleset.title, ruleset.legal_basis):
        assert set(words) == {"th", "km", "en"}
        assert len({words.said(language) for language in words}) == 3


@each_ruleset
def test_a_ruleset_has_all_that_the_clocks_and_forms_ask_of_it(ruleset: Ruleset) -> None:
    asked = {
        q.options for kind in kinds().values() for q in questions(kind).values() if isinstance(q.options, str)
    }
    lists = asked - REGISTERS - GIVEN_SERIES
    assert {name for name in lists if not ruleset.get(name)} == set()
    assert ruleset.need("desk.days") > 0
    for value in ruleset.values.values():
        assert all(value.source.words[said].strip() for said in ("th", "en", "km"))


@each_ruleset
def test_no_value_that_is_not_verified_is_shipped_as_law(ruleset: Ruleset) -> None:
    marks = {value.confidence.value for value in ruleset.values.values() if value.value is not None}
    assert marks <= ({"V", "L", "D"} if ruleset.demonstration else {"V", "L"})


# what follows ---------------------------------------------------------------------------------


def test_every_copy_follows_a_step_that_there_is() -> None:
    for flow, step in FOLLOWERS:
        assert flow in FLOWS
        assert step == "*" or FLOWS[flow].rows(step), (flow, step)


def test_every_fee_that_is_printed_is_taken_by_a_step() -> None:
    assert all(FLOWS["application"].rows(step) for step in FEES)
