"""The choices that a form offers: from the rules in force and the registers, as far as the actor's own place goes."""

from dataclasses import dataclass

from sqlalchemy import select

from forms.fields import Options
from workflow import lookups
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.record import Record
from workflow.domain.rulesets import NONE, Ruleset, RulesetFault
from workflow.domain.spells import employments
from workflow.domain.thai import bangkok_date
from workflow.measures import rules_offered
from workflow.store.projections import RegisterEntry
from workflow.web.employer_marks import name_marked
from workflow.web.shown import language

REGISTERS = {"employers": "employer", "hospitals": "hospital", "offices": "office"}
OF_PERMIT = "permit_employers"
OF_MEASURE = "measure_rules"
OWN = {"employers": "employer", OF_PERMIT: "employer", "hospitals": "hospital", "gates": "gate"}
"""Of these lists, whoever belongs to one place is offered that place alone."""


@dataclass(frozen=True, slots=True)
class OfficeChoices:
    """Offers lists of a ruleset and entries of the registers to one actor, in one language."""

    desk: Desk
    actor: Actor
    ruleset: Ruleset
    language: str
    record: Record | None = None

    def options(self, name: str) -> Options:
        """Give the choices of a list as (value, label)."""
        every = self._offered(name)
        own = getattr(self.actor, OWN[name]) if name in OWN else None
        return [choice for choice in every if own is None or choice[0] == own]

    def _offered(self, name: str) -> Options:
        if name == OF_PERMIT:
            return self._of_permit()
        if name == OF_MEASURE:
            return [(one.id, f"{one.title.said(self.language)} ({one.id})") for one in rules_offered(self.desk)]
        return self._registered(REGISTERS[name]) if name in REGISTERS else self._ruled(name)

    def _of_permit(self) -> Options:
        """The employers under a permit, those with whom the work runs first."""
        spells = employments(self.record) if self.record is not None else ()
        mine = dict.fromkeys(one.employer for one in sorted(spells, key=lambda one: not one.runs))
        named = select(RegisterEntry.subject, RegisterEntry.name).where(RegisterEntry.subject.in_(mine))
        names = dict(self.desk.session.execute(named).all())
        return [(employer, names.get(employer, employer)) for employer in mine]

    def _registered(self, register: str) -> Options:
        listed = select(RegisterEntry).filter_by(register=register, state="listed").order_by(RegisterEntry.name)
        on = bangkok_date(self.desk.now())
        return [(entry.subject, name_marked(entry, on)) for entry in self.desk.session.scalars(listed)]

    def _ruled(self, name: str) -> Options:
        return [(str(key), ruled_label(entry, self.language)) for key, entry in self.ruleset.get(name, {}).items()]


def ruled_label(entry: dict[str, str], language: str) -> str:
    """Write an entry of a ruleset's list in a language, with the number that the form gives it."""
    words = entry.get(language) or entry.get("en") or ""
    return f"{entry['number']} {words}" if entry.get("number") else words


def choices_for(desk: Desk, actor: Actor, record: Record | None = None) -> OfficeChoices:
    """Give what may be chosen on a case (or, without one, at the actor's own office) today."""
    return OfficeChoices(desk, actor, ruleset_for(desk, actor, record), language(), record)


def ruleset_for(desk: Desk, actor: Actor, record: Record | None = None) -> Ruleset:
    """Choose the rules in force today for a case or the actor's province; NONE where none is in force."""
    try:
        if record is not None and (ruled := lookups.ruleset_for(desk, record, desk.now())) is not NONE:
            return ruled
        return desk.in_force(bangkok_date(desk.now()), province_for(desk, actor))
    except RulesetFault:
        return NONE


def province_for(desk: Desk, actor: Actor) -> str:
    """Give an actor's province; whoever has no office (an employer, a gate) is served by the one that there is."""
    if actor.province:
        return actor.province
    first = select(RegisterEntry.stated).filter_by(register="office", state="listed").order_by(RegisterEntry.subject)
    stated = desk.session.scalars(first.limit(1)).first()
    return str(stated["province"]) if stated else ""
