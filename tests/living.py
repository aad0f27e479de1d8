"""A permit that lives in memory: walked through its table of steps without a store, under rules made up for the test."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from tests.rules import demo_rules
from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.domain.evidence import Evidence
from workflow.domain.flow import Refused, advance
from workflow.domain.permit import FLOW, EmploymentStarted, PermitOpened
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import Confidence, Ruleset, Value
from workflow.domain.thai import BANGKOK

FIRST = date(2026, 12, 1)
LAST = date(2027, 2, 28)
STAY = date(2026, 12, 30)
OPENED = PermitOpened(
    application="ap1", worker="wk1", employer="em1", valid_from=FIRST, valid_until=LAST, job="กรรมกร", workplace="สวนหนึ่ง",
    permit_book="1", permit_number="64-1", foreigner_number="0022000000015", gate="ban_laem",
    entered_on=date(2026, 12, 1), stay_until=STAY,
)  # fmt: skip
SECOND = EmploymentStarted(
    application="ap2", employer="em2", workplace="สวนสอง", job="กรรมกร", from_on=date(2026, 12, 10)
)


def ruled(**values: object) -> Ruleset:
    """Give the invented rules with some values changed; a name's dots are written as two underscores, None takes it out."""
    known = dict(demo_rules().values)
    for name, value in values.items():
        dotted = name.replace("__", ".")
        if value is None:
            known.pop(dotted, None)
        else:
            known[dotted] = Value(value, "made up for a test", Confidence.INVENTED)
    return replace(demo_rules(), values=known)


def person(role: Role, name: str = "", employer: str | None = None) -> Actor:
    """Give a person of a role; employers belong to one."""
    own = employer or ("em1" if role in (Role.EMPLOYER, Role.AGENT) else None)
    who = name or role.value
    return Actor(
        person=who, account=who, role=role, name=who, employer=own, office="PNR", office_kind=OfficeKind.PEO,
        gate="ban_laem" if role is Role.CHECKPOINT else None,
    )  # fmt: skip


@dataclass
class Life:
    """One permit on its way, with the day on which it stands."""

    rules: Ruleset = field(default_factory=ruled)
    on: date = FIRST
    record: Record = field(
        default_factory=lambda: Record(flow="permit", subject="pe1", reference="PM-1", office="PNR")
    )
    taken: dict[str, str] = field(default_factory=dict)
    related: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the permit."""
        self.does(Role.SYSTEM, "open_permit", OPENED)

    @property
    def facts(self) -> Facts:
        """Give what the rules know on the day."""
        now = datetime.combine(self.on, time(9), BANGKOK)
        return Facts(now=now, on=self.on, ruleset=self.rules, appointed=True, taken=self.taken, related=self.related)

    def at(self, hour: int, days_ago: int = 0) -> datetime:
        """Give a moment of the day, or of an earlier one."""
        return datetime.combine(self.on - timedelta(days=days_ago), time(hour), BANGKOK)

    def does(self, who: Role | Actor, step: str, evidence: Evidence) -> "Life":
        """Do a step as it would be done; raises what the engine raises."""
        actor = who if isinstance(who, Actor) else person(who)
        out = advance(FLOW, self.record, step, evidence, actor, self.facts)
        done = Done(
            number=self.record.version + 1, step=step, source=out.source, target=out.target, flags=out.flags,
            person=actor.person, name=actor.name, position="", role=actor.role.value, office=actor.office,
            on_behalf_of=None, happened_at=self.facts.now, recorded_at=self.facts.now, evidence=out.evidence,
            ruleset=self.rules.digest,
        )  # fmt: skip
        self.record = self.record.with_event(done)
        return self

    def against(self, who: Role | Actor, step: str, evidence: Evidence) -> list[str]:
        """List the codes of what stands against a step; empty if it could be done."""
        actor = who if isinstance(who, Actor) else person(who)
        try:
            advance(FLOW, self.record, step, evidence, actor, self.facts)
        except Refused as refused:
            return [refusal.code for refusal in refused.refusals]
        return []
