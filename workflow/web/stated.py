"""What was stated, as people read it: evidence turned into lines of label and value, in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.application import Paper
from workflow.domain.evidence import Ask, Evidence, Question, questions
from workflow.domain.record import Done
from workflow.domain.rulesets import Ruleset
from workflow.store.projections import Case, RegisterEntry, Worker
from workflow.web import narrow
from workflow.web.choices import ruled_label
from workflow.web.shown import language, show_date, show_label, show_moment, show_money

HIDDEN = frozenset({"values", "suspected", "row", "payment", "file_name"})
"""Given facts that say nothing to a person, or that are shown elsewhere."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what was asked, what was stated, the digest of a file to open."""

    label: str
    value: str
    file: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads evidence for one actor under the rules that it was stated under."""

    desk: Desk
    actor: Actor
    ruleset: Ruleset

    def facts(self, done: Done) -> list[Fact]:
        """List what an entry of the history states, as far as the actor may read it."""
        if narrow.only_outcome(self.actor.role, done):
            return list(self._outcome(done.evidence))
        return list(self._facts(done))

    def _outcome(self, evidence: Evidence) -> Iterator[Fact]:
        told = narrow.MEDICAL_TO_OUTSIDERS.get(getattr(evidence, "result", None))
        if told:
            yield Fact(gettext("Result"), gettext(told))

    def _facts(self, done: Done) -> Iterator[Fact]:
        for name, asked in questions(type(done.evidence)).items():
            value = getattr(done.evidence, name)
            if name in HIDDEN | self._others or value in (None, "", ()) or not narrow.may_read(self.actor.role, asked):
                continue
            before = self._before(done, name, asked)
            file = value if asked.ask is Ask.FILE else None
            yield Fact(gettext(asked.label), self.written(asked, value), file, before)

    @property
    def _others(self) -> frozenset[str]:
        return narrow.NAMES_ANOTHER if self.actor.role in narrow.EMPLOYERS else frozenset()

    def _before(self, done: Done, name: str, asked: Question) -> str | None:
        """Say what stood here before a correction, where it was something else."""
        if done.original is None or not hasattr(done.original, name):
            return None
        old = getattr(done.original, name)
        return None if old == getattr(done.evidence, name) else self.written(asked, old) or "–"

    def written(self, asked: Question, value: Any) -> str:
        """Write one value as a person reads it."""
        if value is None:
            return ""
        match asked.ask:
            case Ask.MONEY:
                return show_money(Decimal(value))
            case Ask.FILE:
                return gettext("Open the file")
            case Ask.CHECKLIST:
                return ", ".join(self._ticked(asked, value))
            case Ask.REGISTER:
                return self._entry(value)
        return self._plainly(asked, value)

    def _plainly(self, asked: Question, value: Any) -> str:
        match value:
            case bool():
                return gettext("Yes") if value else gettext("No")
            case Enum():
                return show_label(value)
            case datetime():
                return show_moment(value)
            case date():
                return show_date(value)
            case int():
                return f"{value:,}"
            case tuple():
                return self._several(asked, value)
        return self._word(asked, str(value))

    def _several(self, asked: Question, value: tuple) -> str:
        if any(not isinstance(one, str) for one in value) or asked.ask is Ask.GIVEN:
            return f"{len(value):,}"
        return ", ".join(self._word(asked, one) for one in value)

    def _word(self, asked: Question, value: str) -> str:
        """An entry of a ruleset's list is shown by its words, a case by its reference, anything else as it is."""
        if isinstance(asked.options, str) and asked.ask is not Ask.GIVEN:
            entry = self.ruleset.get(asked.options, {}).get(value)
            return ruled_label(entry, language()) if entry else value
        return self._entry(value) if asked.ask is Ask.GIVEN else value

    def _ticked(self, asked: Question, value: dict[str, str]) -> Iterator[str]:
        for key, found in value.items():
            yield f"{self._word(asked, key)}: {show_label(Paper(found))}"

    def _entry(self, subject: str) -> str:
        """Name what a subject stands for: a register entry, a person, a case or a gate."""
        for wanted in (
            select(RegisterEntry.name).where(RegisterEntry.subject == subject),
            select(Worker.name_latin).where(Worker.subject == subject),
            select(Case.reference).where(Case.subject == subject),
        ):
            found = self.desk.session.scalar(wanted)
            if found:
                return found
        gate = self.ruleset.get("gates", {}).get(subject)
        return ruled_label(gate, language()) if gate else subject
