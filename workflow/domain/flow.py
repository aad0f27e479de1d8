"""The engine: a process is a table of steps, and nothing moves a case but `advance`.

A flow holds one shared `transitions.Machine` that never keeps a model; each try walks a throwaway
`Turn` through it. Rows of one step are told apart by the outcome that the evidence states; the
guards of the chosen row collect every refusal and raise once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from transitions import EventData, Machine, MachineError

from workflow.domain.actor import DESKS, Actor, Role
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.record import Facts, Flag, Record, State
from workflow.domain.words import N_

START = "start"
KEYED_IN = "keyed in for another"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be done: words with their values, a code, and the field at fault if any."""

    code: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None


class StepFault(Exception):
    """A step that was not done; nothing has changed."""


class Refused(StepFault):
    """The rules refuse the step; `refusals` says why, all reasons at once."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(refusal.code for refusal in self.refusals))


class OutOfTurn(StepFault):
    """The step is not open in this state."""


class NotYours(StepFault):
    """The step belongs to another role or office."""


Policy = Callable[[Record, Evidence | None, Actor, Facts], "Refusal | None"]


class Kin(StrEnum):
    """Which other subjects a step moves."""

    NEW = "new"
    REQUEST = "request"
    LIVE_APPLICATIONS = "live applications"
    LISTED = "application of a listed worker"
    GIVES_UP = "entry that is given up"
    SELF = "the same subject"
    PERMIT = "permit of the application"
    APPEALED = "case of the appeal"


@dataclass(frozen=True, slots=True)
class Cause:
    """A step that another step brings about on a related subject, in the same transaction.

    `evidence` None: nothing is brought about. `must` refuses the step where the subject cannot follow it.
    """

    flow: str
    step: str
    kin: Kin
    evidence: Callable[[Record, Evidence, Facts], Evidence | None]
    must: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the process: from which state, to which, by whom, on what evidence, only if.

    `when` names the outcomes of the evidence that this row serves (empty: any).
    `unlike` names earlier steps whose doer may not do this one (KEYED_IN: who keyed in for another).
    `keyed` lists the roles for whom an officer may do the step on signed paper.
    `under` names stopping flags that the step may pass; `needs` flags that must hold.
    `completes` fills what the rules compute (the days of a permit) before the guards judge.
    `papers` are owed when the step is done; `causes` move other flows.
    `gathers` names a step of the request that lists all cases which one act has moved.
    `target` None keeps the state.
    """

    name: str
    label: str
    source: tuple[State | str, ...]
    target: State | None
    by: tuple[Role, ...]
    evidence: type[Evidence] = Nothing
    when: tuple[StrEnum, ...] = ()
    only_if: tuple[Policy, ...] = ()
    unlike: tuple[str, ...] = ()
    keyed: tuple[Role, ...] = ()
    under: tuple[Flag, ...] = ()
    needs: tuple[Flag, ...] = ()
    bars: tuple[Flag, ...] = ()
    raises: tuple[Flag, ...] = ()
    lifts: tuple[Flag, ...] = ()
    papers: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    completes: Callable[[Record, Evidence, Facts], Evidence] | None = None
    gathers: str | None = None
    many: bool = False

    def may(self, role: Role) -> bool:
        """Say whether a role may do this row, for itself or keyed in for another."""
        return role in self.by or (role is Role.OFFICER and bool(self.keyed))

    def passes(self, flags: frozenset[str], stopping: frozenset[str]) -> bool:
        """Say whether the flags that hold let this row run."""
        return (
            flags.issuperset(self.needs)
            and flags.isdisjoint(self.bars)
            and (flags & stopping).issubset(self.under)
        )


class Turn:
    """The throwaway that one try of a step sends through the shared machine."""

    __slots__ = ("actor", "evidence", "facts", "flow", "record", "row", "state")

    def __init__(self, flow: "Flow", record: Record, evidence: Evidence, actor: Actor, facts: Facts) -> None:
        self.flow, self.record, self.evidence, self.actor, self.facts = flow, record, evidence, actor, facts
        self.state = record.state or START
        self.row: Step | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step that may be done will change."""

    row: Step
    source: str | None
    target: str
    flags: frozenset[str]
    evidence: Evidence


class Flow:
    """One table of steps over one kind of subject, with the machine built from it."""

    def __init__(
        self,
        name: str,
        label: str,
        states: type[State],
        steps: tuple[Step, ...],
        flags: type[Flag] | None = None,
    ) -> None:
        self.name, self.label, self.states, self.steps = name, label, states, steps
        self.flags: tuple[Flag, ...] = tuple(flags) if flags else ()
        self.stopping = frozenset(flag.value for flag in self.flags if flag.stops)
        self._leaving: dict[str, list[Step]] = {}
        self.machine = Machine(
            model=None,
            states=[START, *(state.value for state in states)],
            initial=START,
            auto_transitions=False,
            send_event=True,
        )
        for row in steps:
            self._add(row)

    def _add(self, row: Step) -> None:
        for source in row.source:
            self._leaving.setdefault(str(source), []).append(row)
            self.machine.add_transition(
                row.name,
                str(source),
                row.target.value if row.target is not None else None,
                conditions=[_chooses(row)],
                before=[_guards(row)],
            )

    def rows(self, name: str) -> tuple[Step, ...]:
        """Give the rows of one step."""
        return tuple(row for row in self.steps if row.name == name)

    def open_rows(self, state: str | None, flags: frozenset[str]) -> tuple[Step, ...]:
        """Give the rows that state and flags leave open, whoever asks."""
        here = self._leaving.get(state or START, ())
        return tuple(row for row in here if row.passes(flags, self.stopping))

    def label_of(self, state: str | None) -> str:
        """Give the label of a state; a state that lost its definition shows its bare name."""
        known = {member.value: member.label for member in self.states}
        return known.get(state or "", state or "")


def _chooses(row: Step) -> Callable[[EventData], bool]:
    def chooses(event: EventData) -> bool:
        turn: Turn = event.model
        fits = not row.when or turn.evidence.outcome() in row.when
        if fits and row.passes(turn.record.flags, turn.flow.stopping):
            turn.row = row
            return True
        return False

    return chooses


def _guards(row: Step) -> Callable[[EventData], None]:
    def guards(event: EventData) -> None:
        turn: Turn = event.model
        if not row.may(turn.actor.role):
            raise NotYours(row.name)
        if row.completes is not None:
            turn.evidence = row.completes(turn.record, turn.evidence, turn.facts)
        reasons = refusals(turn.flow, row, turn.record, turn.evidence, turn.actor, turn.facts)
        if reasons:
            raise Refused(reasons)

    return guards


def refusals(
    flow: Flow, row: Step, record: Record, evidence: Evidence | None, actor: Actor, facts: Facts
) -> tuple[Refusal, ...]:
    """Collect every reason against a row; without evidence, only what can be said before it is given."""
    found = [policy(record, evidence, actor, facts) for policy in row.only_if]
    first = (*_wrong_office(flow, row, actor, facts), *_same_person(row, record, actor))
    return tuple(reason for reason in (*first, *found) if reason is not None)


def _wrong_office(flow: Flow, row: Step, actor: Actor, facts: Facts) -> tuple[Refusal, ...]:
    """The ruleset names the kind of office that may do a step (the PEO signs what the forms say it signs)."""
    kinds = facts.ruleset.get(f"offices.{flow.name}.{row.name}")
    if not kinds or actor.office_kind in kinds or actor.role not in DESKS:
        return ()
    return (Refusal("wrong-office", N_("Under the rules in force another kind of office does this step.")),)


def _same_person(row: Step, record: Record, actor: Actor) -> tuple[Refusal, ...]:
    """Four eyes, on the person and not the account: who prepared or keyed in does not decide."""
    mine = [done for done in record.standing() if done.person == actor.person]
    if KEYED_IN in row.unlike and any(done.on_behalf_of for done in mine):
        return (
            Refusal(
                "keyed-in", N_("You keyed in a part of this case for another; a second person decides it.")
            ),
        )
    if any(done.step in row.unlike for done in mine):
        return (
            Refusal(
                "four-eyes", N_("You did an earlier step of this case; a second person must do this one.")
            ),
        )
    return ()


def advance(flow: Flow, record: Record, step: str, evidence: Evidence, actor: Actor, facts: Facts) -> Outcome:
    """Say what a step changes, or raise why it may not be done; the record itself stays as it is.

    Raises OutOfTurn (not open in this state), NotYours (another role's), Refused (with reasons); TypeError
    for evidence of another kind than the step asks for, which no person can cause.
    """
    turn = Turn(flow, record, evidence, actor, facts)
    if not _trigger(flow, step, turn) or turn.row is None:
        raise _closed(flow, record, step)
    flags = (record.flags | {str(flag) for flag in turn.row.raises}) - {str(flag) for flag in turn.row.lifts}
    return Outcome(turn.row, record.state, turn.state, frozenset(flags), turn.evidence)


def _trigger(flow: Flow, step: str, turn: Turn) -> bool:
    event = flow.machine.events.get(step)
    if event is None or turn.state not in flow.machine.states:
        raise OutOfTurn(step)
    if type(turn.evidence) is not flow.rows(step)[0].evidence:
        raise TypeError(f"{flow.name} {step} does not take {turn.evidence.kind()}")
    try:
        return event.trigger(turn)
    except MachineError as wrong_state:
        raise OutOfTurn(step) from wrong_state


def _closed(flow: Flow, record: Record, step: str) -> StepFault:
    """Say why no row took the step: its flags close all of it, or only the outcome that was stated."""
    if all(row.name != step for row in flow.open_rows(record.state, record.flags)):
        return OutOfTurn(step)
    return Refused(
        [Refusal("outcome-closed", N_("As the case stands, this outcome is not open; another one is."))]
    )


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that a person may take up now, with what already stands against it."""

    name: str
    label: str
    evidence: type[Evidence]
    against: tuple[Refusal, ...]
    keyed: tuple[Role, ...]


def open_steps(flow: Flow, record: Record, actor: Actor, facts: Facts) -> tuple[OpenStep, ...]:
    """List the steps that the actor may take up, each once, with the reasons that already block it."""
    found: dict[str, OpenStep] = {}
    for row in flow.open_rows(record.state, record.flags):
        if not row.may(actor.role) or row.name in found and not found[row.name].against:
            continue
        against = refusals(flow, row, record, None, actor, facts)
        keyed = () if actor.role in row.by else row.keyed
        found[row.name] = OpenStep(row.name, row.label, row.evidence, against, keyed)
    return tuple(found.values())
