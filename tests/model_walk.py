"""A walk of the model: many small worlds, each with its people and its clock, driven by chance from one seed.

Steps that were taken seldom are tried more often, so that what the tables gain is walked by itself. A fault is
told with the seed, the world and the last thirty tries.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from tests.model import DAY, PROCESSES, Moved, Office, employed_by, finals, issuing_application, moment
from tests.model_coverage import ENGINE, Coverage
from tests.model_invariants import holds
from tests.model_values import Values
from tests.rules import demo_rules
from tests.stated import BACK
from workflow.domain.actor import SYSTEM, Actor, OfficeKind, Role
from workflow.domain.evidence import Evidence
from workflow.domain.flow import (
    START,
    Flow,
    NotYours,
    OutOfTurn,
    Refusal,
    Refused,
    Step,
    StepFault,
    advance,
    open_steps,
)
from workflow.domain.flows import FLOWS
from workflow.domain.namelist import ListRow
from workflow.domain.record import Facts, Record
from workflow.domain.registers import Employer, EmployerKind, Hospital
from workflow.domain.rulesets import Confidence, Ruleset, Value, shipped
from workflow.domain.thai import bangkok_date
from workflow.domain.validity import current_pass

BORN = date(1990, 5, 5)
STARTS = (
    date(2019, 6, 1),
    date(2022, 5, 10),
    date(2024, 11, 1),
    date(2025, 7, 1),
    date(2026, 2, 1),
    date(2026, 11, 2),
)
"""Days on which worlds begin: under normal rules, after the closure, under grace, before and in the demonstration."""
KINDS = ("demo", "law", "wide", "narrow")
CAUSED = frozenset(
    (cause.flow, cause.step) for flow in FLOWS.values() for row in flow.steps for cause in row.causes
)
ENDS_EARLY = 0.12
WEIGHTS = {"application": 6.0, "permit": 6.0, "appeal": 3.0, "request": 1.0, "employer": 0.1}
"""How much rather a case of a flow is moved than an entry of a register."""
AGREE = 0.3
"""Of how many tries it is also asked whether what is shown as open agrees with the table."""
LAST = 30


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a step, as it is told where something is wrong."""

    on: date
    record: Record
    step: str
    actor: Actor
    evidence: Evidence
    came_to: str
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        case = f"{self.record.flow} {self.record.subject} {self.record.state} {sorted(self.record.flags)}"
        told = f"{self.step} by {self.actor.account}: {self.came_to} {list(self.codes)}"
        return f"{self.on} {case}: {told}\n      {self.evidence}"


MENDS = {
    "no-list": "attach_list",
    "over-quota": "attach_list",
    "stay-over": "record_reentry",
    "medical-expired": "refer_to_hospital",
    "medical-first": "record_medical",
    "no-photo": "attach_file",
    "identity-unknown": "check_identity",
    "incomplete": "ask_for_missing",
    "not-lost": "report_loss",
    "takeover-unconfirmed": "confirm_takeover",
    "trafficking-first": "check_trafficking",
    "pass-expired": "replace_travel_document",
    "not-fit": "ask_retest",
}
"""What somebody does about a reason; anything else is left to chance."""
WAITS = {
    "time-runs": (2, 6, 11),
    "may-pay": (31,),
    "too-early": (20, 45),
    "medical-valid": (61,),
    "entry-ahead": (1, 2),
    "order-dated": (1,),
    "employer-barred": (2, 9),
}
"""For how many days one waits where only time helps."""


def wide_rules(kind: str, changed: dict[str, object]) -> Ruleset:
    """Give the invented rules for two provinces, with some values changed; None takes a value out."""
    known = dict(demo_rules().values)
    source, districts = (
        known["permit.length"].source,
        {**known["districts"].value, "2701": {"province": "27", "en": "Sa Kaeo"}},
    )
    for name, value in ({"districts": districts, "pass_routes": None} | changed).items():
        known.pop(name, None)
        if value is not None:
            known[name] = Value(value, source, Confidence.INVENTED)
    return replace(demo_rules(), id=kind, digest=kind, provinces=("22", "27"), values=known)


NARROW: dict[str, object] = {
    "slots.bands": {"ban_laem": {"weekdays": [1, 2, 3, 4, 5], "bands": {"morning": 1, "noon": 1}}},
    "employers.at_once": 1,
    "health.before_entry": True,
    "health.government_only": True,
    "quota.reuse_freed": False,
    "report.every_days": None,
    "departure.days": None,
    "permit.capped_by": ("longest", "pass", "insurance", "season", "measure"),
    "season.from": "01-01",
    "season.until": "12-31",
    "pass_routes": [
        {"home": "pailin", "gate": "ban_pakkad", "districts": ["2204"]},
        {"home": "battambang", "gate": "ban_laem", "districts": ["2204", "2207"]},
    ],
}
"""Rules as narrow as can be: one worker a band, one employer, a season, the medical check first."""


def rules_of(kind: str) -> tuple[Ruleset, ...]:
    """Give the rules of a world: those that are shipped, or with others in place of the invented ones."""
    own = [one for one in shipped() if not one.demonstration]
    invented = {"wide": lambda: wide_rules("WIDE", {}), "narrow": lambda: wide_rules("NARROW", NARROW)}
    return (*own, invented.get(kind, demo_rules)())


@dataclass
class World:
    """One office with its people and its clock."""

    chance: Random
    coverage: Coverage
    kind: str
    tries: deque[Try] = field(default_factory=lambda: deque(maxlen=LAST))

    def __post_init__(self) -> None:
        """Enter gates, hospitals and employers, and invent the people."""
        start = self.chance.choice(STARTS[-2:] if self.kind != "law" else STARTS)
        invented = self.kind != "law"
        self.office = Office(rules_of(self.kind), moment(start, 8), demonstration=invented)
        self.people = tuple(invented_people(self.chance, self.office.today))
        self.values = Values(self.office, self.chance, self.people)
        self._found()
        self.kept = set(self.office.records)
        self.stuck: Counter[tuple[str, str]] = Counter()
        self.sought, self.fixed, self.subject = self.seek(), False, ""
        self.actors = tuple(self._actors())
        self.office.appointed = frozenset(
            one.account for one in self.actors if one.role is Role.REGISTRAR and "former" not in one.account
        )

    def _found(self) -> None:
        for gate in ("ban_laem", "ban_pakkad"):
            self._enter("gate", "enter_gate", name=gate, province="22")
        for number in range(3):
            entry = Employer(
                kind_of=EmployerKind.NATURAL,
                name=f"สวน {number}",
                number=f"110020030{number:04d}",
                business="สวน",
                address="จันทบุรี",
                signatory="ก",
            )
            self._done("employer", "enter_employer", entry)
        for state in (True, False):
            self._done(
                "hospital", "enter_hospital", Hospital(name="โรงพยาบาล", address="จันทบุรี", government=state)
            )
        self._enter("doctor", "enter_doctor")

    def _enter(self, flow: str, step: str, **told: object) -> None:
        record = self.office.new(flow, "PNR")
        evidence = self.values.stated(FLOWS[flow].rows(step)[0], record, SYSTEM)
        self._done(flow, step, replace(evidence, **told))

    def _done(self, flow: str, step: str, evidence: Evidence) -> None:
        self.attempt(SYSTEM, self.office.new(flow, "PNR"), step, evidence)

    def _actors(self) -> Iterator[Actor]:
        employers, hospitals = (
            [one.subject for one in self.office.of(flow)] for flow in ("employer", "hospital")
        )
        peo, district = OfficeKind.PEO, OfficeKind.DISTRICT
        for number, employer in enumerate(employers):
            yield person(f"owner{number}", Role.EMPLOYER, employer=employer)
            yield person(f"agent{number}", Role.AGENT, employer=employer)
        for name in ("ann", "bea", "cho", "dao"):
            yield person(name, Role.OFFICER, office_kind=peo if name in ("ann", "dao") else district)
        yield person("both", Role.OFFICER, office_kind=peo)
        yield person("both", Role.REGISTRAR, account="both-reg", office_kind=peo)
        for name in ("reg1", "reg2", "reg3", "former"):
            yield person(name, Role.REGISTRAR, office_kind=peo)
        yield person("district-reg", Role.REGISTRAR, office_kind=district)
        yield from (
            person("cash", Role.CASHIER),
            person("audit", Role.AUDITOR),
            person("adm1", Role.ADMINISTRATOR),
            person("adm2", Role.ADMINISTRATOR),
        )
        for number, hospital in enumerate(hospitals):
            yield person(f"doctor{number}", Role.HOSPITAL, hospital=hospital)
        for gate in ("ban_laem", "ban_pakkad"):
            yield person(f"post-{gate}", Role.CHECKPOINT, gate=gate)
        yield person("hand", Role.WORKER)
        yield SYSTEM

    # one try ---------------------------------------------------------------------------------

    def attempt(
        self, actor: Actor, record: Record, step: str, evidence: Evidence, at: datetime | None = None
    ) -> Record | None:
        """Try a step; whatever comes of it, look at everything that must hold."""
        flow, office = FLOWS[record.flow], self.office
        before = {subject: one.version for subject, one in office.records.items()}
        came_to, codes = "done", ()
        try:
            return office.does(actor, record, step, evidence, at)
        except (Refused, OutOfTurn, NotYours) as fault:
            came_to = type(fault).__name__
            if isinstance(fault, Refused):
                codes = tuple(one.code for one in fault.refusals)
                facts = office.facts(record, evidence, actor, at)
                self.coverage.refused(self.judged(flow, record, step, evidence, actor, facts, fault))
            assert {subject: one.version for subject, one in office.records.items()} == before
            assert office.records.get(record.subject, record) == record
            return None
        finally:
            self.tries.append(Try(office.today, record, step, actor, evidence, came_to, codes))
            self.coverage.told[came_to] += 1
            if came_to == "done":
                holds(office)
                self._count(tuple(office.moved))

    def _count(self, done: tuple[Moved, ...]) -> None:
        """Count what was done; the first times, ask what else would have come of what followed by itself."""
        for moved in done:
            times = self.coverage.took(FLOWS[moved.before.flow], moved.outcome.row)
            if moved.caused and times < 4:
                stated = moved.after.history[-1].evidence
                self.values.record, self.values.actor, self.values.row = (
                    moved.before,
                    SYSTEM,
                    moved.outcome.row,
                )
                self.values.facts = moved.facts
                for other in filter(self.values.there, self.values.broken(stated, 60)):
                    self.probe(SYSTEM, moved.before, moved.outcome.row.name, other)

    def judged(
        self,
        flow: Flow,
        record: Record,
        step: str,
        evidence: Evidence,
        actor: Actor,
        facts: Facts,
        fault: Refused,
    ) -> list[tuple[str, Refusal]]:
        """Say which guard gave each reason: those of the row, the engine itself, or what stands behind the step."""
        left, found = list(fault.refusals), []
        for row in flow.open_rows(record.state, record.flags):
            if row.name != step or (row.when and evidence.outcome() not in row.when):
                continue
            whole = row.completes(record, evidence, facts) if row.completes else evidence
            for policy in row.only_if:
                reason = policy(record, whole, actor, facts)
                if reason in left:
                    found.append((policy.__module__, reason))
                    left.remove(reason)
        return found + [(ENGINE, reason) for reason in left]

    def probe(
        self, actor: Actor, record: Record, step: str, evidence: Evidence, at: datetime | None = None
    ) -> None:
        """Ask the table about a step without doing it."""
        flow = FLOWS[record.flow]
        if not self.office.covered(self.office.today) or (at and not self.office.covered(bangkok_date(at))):
            return
        facts = self.office.facts(record, evidence, actor, at)
        try:
            advance(flow, record, step, evidence, actor, facts)
            self.coverage.told["asked, would be done"] += 1
        except Refused as fault:
            self.coverage.refused(self.judged(flow, record, step, evidence, actor, facts, fault))
            self.coverage.told["asked, refused"] += 1
        except (OutOfTurn, NotYours):
            self.coverage.told["asked, not open"] += 1

    # by chance -------------------------------------------------------------------------------

    def go(self) -> None:
        """Let the time pass a little, or somebody do something."""
        if self.chance.random() < 0.03:
            self.later()
        if self.chance.random() < 0.35:
            self.toward()
        elif self.chance.random() < 0.25:
            self.push()
        elif self.chance.random() < 0.2:
            self.begin()
        else:
            self.move()

    def settle(self) -> None:
        """Bring two requests to where workers are on their way, and their workers' applications under way."""
        flow = FLOWS["request"]
        employers = set()
        for _ in range(12):
            asked = self._try(
                flow, flow.rows("draft_request")[0], self.office.new("request", "PNR"), calm=True
            )
            if asked is not None and not employers & set(employed_by(asked)):
                employers.update(employed_by(asked))
                self._try(flow, flow.rows("attach_list")[0], asked, calm=True)
            if len(employers) > 1:
                break
        for _ in range(60):
            self.push()

    def push(self) -> None:
        """Take some case, or a row of a list, nearer to its goal, without trying to be wrong."""
        if self.values.openable() and self.chance.random() < 0.5:
            flow = FLOWS["application"]
            self._try(
                flow, flow.rows("open_application")[0], self.office.new("application", "PNR"), calm=True
            )
            return
        ways = [(one, row) for one in self.office.records.values() for row in self._ways_on(one)]
        if ways:
            weights = [self._seldom(FLOWS[one.flow], row) * self._hopeful(one, row) for one, row in ways]
            record, row = self.chance.choices(ways, weights)[0]
            self._try(FLOWS[record.flow], row, record, calm=True)

    def toward(self) -> None:
        """Take a case one step on the way to the row that this world seeks, a row that was taken seldom."""
        if not self.fixed and (self.chance.random() < 0.02 or self.coverage.times(*self.sought) > 5):
            self.sought = self.seek()
        flow, row = self.sought
        cases = [one for one in self.office.of(flow.name) if one.version < 60]
        cases = (
            [self.office.records[self.subject]]
            if self.subject
            else [*cases, self.office.new(flow.name, "PNR")]
        )
        place = flow.steps.index(row)
        ways = [
            (one, found)
            for one in cases
            if (found := first_row(flow.name, one.state or START, one.flags, place))
        ]
        if not ways:
            self.begin()
            return
        weights = [self._hopeful(one, way) for one, way in ways]
        record, way = self.chance.choices(ways, weights)[0]
        self._try(flow, way, record, calm=self.chance.random() < 0.8)

    def bring(
        self,
        flow: str,
        step: str,
        state: str | None = None,
        flags: frozenset[str] = frozenset(),
        most: int = 500,
    ) -> Record:
        """Go on until a case has done a step, and stands in a state with some flags and no stopping one; give it."""
        table = FLOWS[flow]
        (self.sought, *_), self.fixed = ((table, row) for row in table.rows(step)), True
        for _ in range(most):
            for one in self.office.of(flow):
                fits = state in (None, one.state) and flags <= one.flags and not one.flags & table.stopping
                if fits and one.last(step):
                    return one
            self.toward() if self.chance.random() < 0.6 else self.go()
        raise AssertionError(f"no {flow} came to {step}")

    def insist(self, record: Record, step: str, most: int = 60) -> Record:
        """Try a step of a case until it is done; give the case after it."""
        flow = FLOWS[record.flow]
        for _ in range(most):
            done = self._try(flow, flow.rows(step)[0], record, calm=True)
            if done is not None:
                return done
        raise AssertionError(f"{step} was not done")

    def reach(self, flow: Flow, row: Step, subject: str = "", most: int = 400) -> bool:
        """Go towards one row, of one case if it is named, until it was taken; say whether it was."""
        if flow.name == "appeal" and not self.values.adverse():
            self.reach(
                FLOWS["request"],
                next(one for one in FLOWS["request"].rows("decide_request") if one.target.final),
            )
        before, self.sought, self.fixed = self.coverage.times(flow, row), (flow, row), True
        self.subject = subject
        for _ in range(most):
            if self.coverage.times(flow, row) > before:
                return True
            self.toward() if self.chance.random() < 0.6 else self.go()
        return False

    def seek(self) -> tuple[Flow, Step]:
        """Choose the row to seek; one that only follows from another is left to that one."""
        rows = [
            (flow, row)
            for flow in FLOWS.values()
            for row in flow.steps
            if flow.name in PROCESSES and START not in row.source
        ]
        rows = [
            (flow, row)
            for flow, row in rows
            if (flow.name, row.name) not in CAUSED or row.by != (Role.SYSTEM,)
        ]
        return self.chance.choices(rows, [self._seldom(flow, row) ** 2 for flow, row in rows])[0]

    def _hopeful(self, record: Record, row: Step) -> float:
        return 1 / (1 + self.stuck[record.subject, row.name]) ** 1.5

    def _ways_on(self, record: Record) -> list[Step]:
        if record.flow not in GOALS or record.state == GOALS[record.flow]:
            return []
        flow = FLOWS[record.flow]
        return [row for row in flow.open_rows(record.state, record.flags) if leads_on(flow, record, row)]

    def later(self, days: int | None = None) -> None:
        """Turn the clock on, over any time without rules."""
        days = days if days is not None else self.chance.choice((0, 0, 0, 1, 1, 1, 1, 2, 3, 8, 20, 45))
        on = self.office.today + days * DAY
        while not self.office.covered(on):
            on += 10 * DAY
        hour = self.office.now.astimezone(moment(on).tzinfo).hour + 1 if not days else 8
        self.office.now = max(self.office.now, moment(on, min(hour, 22)))

    def begin(self) -> None:
        """Open a new case of a flow."""
        starts = [(flow, row) for flow in FLOWS.values() for row in flow.steps if START in row.source]
        starts = [(flow, row) for flow, row in starts if (flow.name, row.name) not in CAUSED]
        weights = [self._wanted(flow, row) for flow, row in starts]
        flow, row = self.chance.choices(starts, weights)[0]
        self._try(flow, row, self.office.new(flow.name, self.chance.choice(("PNR", "PNR", "CTI", "SKW"))))

    def _wanted(self, flow: Flow, row: Step) -> float:
        """Say how much a new case is wanted: what gives the others work is, what nobody could open is not."""
        if flow.name == "request":
            return (
                12
                if sum(one.state not in finals("request") for one in self.office.of("request")) < 3
                else 0.5
            )
        if flow.name == "application":
            new = row.name == "open_application"
            return (
                (20 if self.values.openable() else 0.05)
                if new
                else 3
                if any(self.office.of("permit"))
                else 0.02
            )
        if flow.name == "appeal":
            return 5 if self.values.adverse() else 0.05
        return 1.5 if flow.name == "permit" else self._seldom(flow, row)

    def move(self) -> None:
        """Take a case a step further, or try what is not open."""
        cases = self._livelier(list(self.office.records.values()))
        record = self.chance.choices(cases, [WEIGHTS.get(one.flow, 0.4) for one in cases])[0]
        flow = FLOWS[record.flow]
        any_row = self.chance.random() < 0.03
        rows = flow.steps if any_row else flow.open_rows(record.state, record.flags)
        rows = [row for row in rows if self._may_be_tried(flow, row, record)]
        nearer = (
            []
            if any_row or self.chance.random() < 0.4
            else [row for row in rows if leads_on(flow, record, row)]
        )
        rows = nearer or rows
        weights = [
            self._seldom(flow, row) * self._onward(record, row) * self._hopeful(record, row) for row in rows
        ]
        if rows:
            self._try(flow, self.chance.choices(rows, weights)[0], record)

    def _livelier(self, cases: list[Record]) -> list[Record]:
        alive = [one for one in cases if one.state not in finals(one.flow)]
        return alive if alive and self.chance.random() < 0.93 else cases

    def _may_be_tried(self, flow: Flow, row: Step, record: Record) -> bool:
        """What the others stand on stays in the registers; what only follows from other steps is left to them."""
        if flow.name not in PROCESSES and row.target in finals(flow.name) and record.subject in self.kept:
            return False
        return row.by != (Role.SYSTEM,) or (flow.name, row.name) not in CAUSED

    def _seldom(self, flow: Flow, row: Step) -> float:
        return 1 / (1 + self.coverage.times(flow, row)) ** 0.6

    def _onward(self, record: Record, row: Step) -> float:
        ends = (
            row.target is not None and row.target.final and row.name not in ("issue_permit", "decide_appeal")
        )
        stops = any(flag.stops for flag in row.raises)
        moves = row.target is not None and row.target.value != record.state
        return ENDS_EARLY if ends or stops else 5.0 if moves or row.lifts else 1.0

    def _try(self, flow: Flow, row: Step, record: Record, *, calm: bool = False) -> Record | None:
        actor = self._who(flow, row, record, calm)
        evidence = self.values.stated(row, record, actor)
        if not calm and self.chance.random() < 0.2:
            evidence = next(self.values.broken(evidence, 1, typed=True), evidence)
        if not self.values.there(evidence):
            return None
        at = None if calm else self._when(actor, record)
        if self.chance.random() < AGREE:
            self._agree(flow, record, actor, row.name, evidence, at)
        times = self.coverage.times(flow, row)
        if row in flow.open_rows(record.state, record.flags) and (
            times < 1
            or self.chance.random() < (0.03 if row.name == "propose_correction" else 0.005)
        ):
            self.look_around(flow, row, record, actor, evidence)
        done = self.attempt(actor, record, row.name, evidence, at)
        self.stuck[record.subject, row.name] += done is None
        if done is None and self.chance.random() < 0.5:
            self._mend(record)
        if done is not None and row.name.startswith("open_") and record.flow == "application":
            self._keep_identity(done)
        if done is not None and row.name == "draft_request":
            self._listed_workers()
        return done

    def _mend(self, record: Record) -> None:
        """Do what stood in the way of the last try, or wait until it is over."""
        flow = FLOWS[record.flow]
        for code in self.tries[-1].codes:
            if code in WAITS:
                self.later(self.chance.choice(WAITS[code]))
            for row in flow.open_rows(record.state, record.flags):
                if row.name == MENDS.get(code) and self.stuck[record.subject, row.name] < 9:
                    self._try(flow, row, record, calm=True)
                    return

    def _when(self, actor: Actor, record: Record) -> datetime | None:
        """Officials may enter what happened on an earlier day of the case."""
        if not actor.role.official or not record.history or self.chance.random() > 0.05:
            return None
        begun, now = record.history[0].happened_at, self.office.now
        at = begun + (now - begun) * self.chance.random()
        return at if self.office.covered(bangkok_date(at)) else None

    def _who(self, flow: Flow, row: Step, record: Record, calm: bool) -> Actor:
        roles = [*row.by, *([Role.OFFICER] if row.keyed else [])]
        if not calm and self.chance.random() < 0.03:
            return self._dressed(self.chance.choice(self.actors), record)
        fit = [one for one in self.actors if one.role in roles]
        if calm or self.chance.random() < 0.9:
            fit = [one for one in fit if self._suits(one, row, record)] or fit
        return self._dressed(self.chance.choice(fit or self.actors), record)

    def _dressed(self, actor: Actor, record: Record) -> Actor:
        worker = self.office.worker_of(record)
        return (
            replace(actor, worker=worker)
            if actor.role is Role.WORKER and self.chance.random() < 0.95
            else actor
        )

    def _suits(self, actor: Actor, row: Step, record: Record) -> bool:
        did = {done.step for done in record.history if done.person == actor.person}
        keyed = any(done.on_behalf_of for done in record.history if done.person == actor.person)
        own = not record.history or actor.employer is None or actor.employer in employed_by(record)
        there = actor.role is not Role.REGISTRAR or actor.account in self.office.appointed
        kinds = self.office.ruleset(record, self.office.today).get(f"offices.{record.flow}.{row.name}") or [
            actor.office_kind
        ]
        plan = record.last("plan_entry") if record.history else None
        gate = actor.gate is None or plan is None or plan.evidence.gate == actor.gate
        return (
            own
            and there
            and gate
            and not did & set(row.unlike)
            and not (keyed and row.unlike)
            and actor.office_kind in (None, *kinds)
        )

    def _keep_identity(self, opened: Record) -> None:
        """An application on a permit takes over who the worker is."""
        first = opened.history[0].evidence
        permit = self.office.records.get(getattr(first, "permit", ""))
        earlier = self.office.records.get(issuing_application(permit) or "") if permit else None
        checked = earlier.last("check_identity", "keep_identity") if earlier else None
        if checked is not None:
            held = current_pass(earlier)
            names = ("pass_number", "pass_province", "pass_issued_on", "pass_expires_on")
            known = replace(checked.evidence, **{name: getattr(held, name) for name in names})
            self.attempt(SYSTEM, opened, "keep_identity", known)

    def _listed_workers(self) -> None:
        """The register learns of those whom a list may name."""
        row = FLOWS["worker"].rows("enter_worker")[0]
        for one in self.people:
            if self.office.holder(one.pass_number) is None and self.chance.random() < 0.8:
                record = self.office.new("worker", "PNR")
                stated = self.values.stated(row, record, SYSTEM)
                said = {"name_latin": one.name_latin, "sex": one.sex, "pass_number": one.pass_number}
                self.attempt(SYSTEM, record, row.name, replace(stated, **said))
                self.kept.add(record.subject)

    # what is open, and what stands around a step ---------------------------------------------

    def _agree(
        self, flow: Flow, record: Record, actor: Actor, step: str, evidence: Evidence, at: datetime | None
    ) -> None:
        """What is shown as open is what the table takes or refuses with reasons; what is not shown it does not take."""
        known = self.office.facts(record, None, actor, at)
        shown = {one.name: one for one in open_steps(flow, record, actor, known)}
        try:
            advance(flow, record, step, evidence, actor, self.office.facts(record, evidence, actor, at))
            taken, why = True, None
        except Refused as fault:
            taken, why = True, fault
        except StepFault:
            taken, why = False, None
        mine = [row for row in flow.rows(step) if row.may(actor.role)]
        assert (step in shown) == (taken and bool(mine)), (
            f"{step} is shown as open: {step in shown}, the table takes it: {taken}"
        )
        if step in shown and shown[step].against and taken:
            assert why is not None, f"against {step} stood {shown[step].against}, and it was done"

    def look_around(self, flow: Flow, row: Step, record: Record, actor: Actor, evidence: Evidence) -> None:
        """Ask about a step with other facts, by other people, at other times, and on an earlier day."""
        for other in filter(self.values.there, self.values.broken(evidence, 30)):
            self.probe(actor, record, row.name, other)
        others = [one for one in self.actors if row.may(one.role) or self.chance.random() < 0.1]
        for other in others:
            self.probe(self._dressed(other, record), record, row.name, evidence)
        now = self.office.now
        starts = [moment(rules.effective_from + 3 * DAY) for rules in self.office.rules]
        for later in (*(now + days * DAY for days in (1, 31, 75, 200)), *starts):
            self.office.now = later
            self.probe(actor, record, row.name, evidence)
        self.office.now = now
        for days in (1, 40, 400):
            self.probe(actor, record, row.name, evidence, now - timedelta(days=days))


GOALS = {"request": "running", "application": "issued", "appeal": "reversed"}
"""Whither most cases of a flow are on their way."""


@cache
def distances(flow: str) -> dict[str, int]:
    """Count, from each state, the rows that are left on the shortest way to the goal of the flow."""
    found, waiting = {GOALS[flow]: 0}, [GOALS[flow]]
    for state in waiting:
        for row in FLOWS[flow].steps:
            if row.target == state and row.name not in BACK:
                nearer = [str(source) for source in row.source if str(source) not in found]
                found |= dict.fromkeys(nearer, found[state] + 1)
                waiting += nearer
    return found


def leads_on(flow: Flow, record: Record, row: Step) -> bool:
    """Say whether a row brings a case nearer to its goal, or raises what such a row needs."""
    if flow.name not in GOALS or record.state in finals(flow.name):
        return False
    far = distances(flow.name)
    here = far.get(record.state or START, 99)
    if row.target is not None:
        return far.get(row.target.value, 99) < here
    needed = {
        f
        for one in flow.steps
        if one.target and record.state in one.source and far.get(one.target.value, 99) < here
        for f in one.needs
    }
    return bool(needed & set(row.raises)) and not any(flag.stops for flag in row.raises)


@cache
def first_row(flow: str, state: str, flags: frozenset[str], place: int) -> Step | None:
    """Give the first row of a shortest way, over state and flags alone, to where a row of the flow is open."""
    table = FLOWS[flow]
    sought = table.steps[place]
    wanted = {str(flag) for flag in (*sought.needs, *sought.under)} | {
        flag for row in table.steps for flag in row.needs if str(flag) in sought.needs
    }
    usable = [
        row
        for row in table.steps
        if (row.by != (Role.SYSTEM,) or (flow, row.name) not in CAUSED)
        and (row is sought or all(str(f) in wanted or not f.stops for f in row.raises))
    ]
    seen, waiting = {(state, flags)}, deque([(state, flags, None)])
    while waiting and len(seen) < 3000:
        here, held, first = waiting.popleft()
        for row in usable:
            if here not in row.source or not row.passes(held, table.stopping):
                continue
            if row is sought:
                return first or row
            reached = here if row.target is None else row.target.value
            after = (reached, frozenset((held | {str(f) for f in row.raises}) - {str(f) for f in row.lifts}))
            if after not in seen:
                seen.add(after)
                waiting.append((*after, first or row))
    return None


def person(name: str, role: Role, account: str = "", **more: object) -> Actor:
    """Give a person in a role; the account is named like the person unless there are two."""
    return Actor(
        person=name, account=account or name, role=role, name=name, office="PNR", province="22", **more
    )


def invented_people(chance: Random, today: date) -> Iterator[ListRow]:
    """Give the workers of a world: men and women, one too young, one from a far province, one whose pass ends soon."""
    homes = ("battambang", "pailin", "koh_kong")
    for number in range(8):
        born = BORN.replace(year=today.year - (16 if number == 7 else 20 + number))
        yield ListRow(
            row=number + 1,
            name_latin=f"WORKER {number}",
            sex="F" if number % 3 == 2 else "M",
            birth_on=born,
            birth_precision="day",
            pass_number=f"BB{chance.randrange(10**5):05d}{number}",
            pass_province=chance.choice(homes),
            pass_expires_on=today + 300 * DAY,
        )


def walk(seed: int, steps: int, coverage: Coverage, most: int | None = None) -> int:
    """Walk worlds of each kind in turn until so many tries were made; go on to `most` while something is missing."""
    made = 0
    number = 0
    while made < steps or (most and made < most and (coverage.rows_missing() or coverage.codes_missing())):
        world = None
        number += 1
        before = tried(coverage)
        try:
            world = World(Random(f"{seed}/{number}"), coverage, KINDS[number % len(KINDS)])
            world.settle()
            for _ in range(world.chance.choice((200, 400, 700))):
                world.go()
        except Exception as fault:
            told = "\n".join(map(str, world.tries)) if world else ""
            raise AssertionError(
                f"seed {seed}, world {number}: {fault!r}\nthe last {LAST} tries:\n{told}"
            ) from fault
        made += tried(coverage) - before
    return made


def tried(coverage: Coverage) -> int:
    """Count the tries that were made in earnest."""
    return sum(count for what, count in coverage.told.items() if not what.startswith("asked"))
