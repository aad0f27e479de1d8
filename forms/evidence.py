"""One form for every kind of evidence, drawn from its declaration: the fields, their order, words and limits."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from flask_babel import gettext
from wtforms.form import BaseForm

from forms.fields import ChecklistField, FileField, Options, OurMeta, field_for
from workflow.domain.evidence import Ask, Evidence, Question, questions
from workflow.domain.words import N_

E = TypeVar("E", bound=Evidence)
Plain = dict[str, Any]


class Choices(Protocol):
    """Where the choices come from that no enum holds: the rules in force and the registers."""

    def options(self, name: str) -> Options:
        """Give the choices of a list ("gates", "hospitals", ...) as (value, label in the reader's language)."""


class NoChoices:
    """The choices of evidence that asks for none of the ruleset or registers."""

    def options(self, name: str) -> Options:
        """Give nothing."""
        return ()


class EvidenceForm(BaseForm, Generic[E]):
    """The form of one kind of evidence.

    `known` fills the fields before anybody types; facts that are not asked and files kept before are taken
    from it as they are. `names` leaves only some of the questions.
    """

    def __init__(
        self,
        kind: type[E],
        choices: Choices,
        typed: Any = None,
        known: Mapping[str, Any] | None = None,
        prefix: str = "",
        names: Container[str] | None = None,
    ) -> None:
        self.kind, self.known = kind, dict(known or {})
        self.asks = {
            name: self._unless_kept(name, asked)
            for name, asked in questions(kind).items()
            if asked.ask is not Ask.GIVEN and (names is None or name in names)
        }
        fields = {name: field_for(asked, options_of(asked, choices)) for name, asked in self.asks.items()}
        super().__init__(fields, prefix=prefix, meta=OurMeta())
        self.process(typed, data=self.known)

    def values(self, given: Mapping[str, Any] | None = None) -> Plain:
        """Give what was stated as JSON values; an empty optional field is left to its default.

        `given` holds what is not asked but follows from elsewhere: digests of kept files, a payment's sign.
        """
        return dict(self._stated()) | dict(given or {})

    def evidence(self, given: Mapping[str, Any] | None = None) -> E:
        """Give the evidence of a form that is sound."""
        return self.kind.read(self.values(given))

    def uploads(self) -> dict[str, bytes]:
        """Give the files that were sent, by field; reading them again gives them again."""
        return {
            field.short_name: _content(field.data)
            for field in self
            if isinstance(field, FileField) and field.data
        }

    def _unless_kept(self, name: str, asked: Question) -> Question:
        """A file that is kept already need not be sent again."""
        if asked.ask is not Ask.FILE or not self.known.get(name):
            return asked
        return replace(asked, required=False, hint=N_("A file is kept; choose another only to replace it."))

    def _stated(self) -> Iterator[tuple[str, Any]]:
        for name, value in self.known.items():
            if name not in self.asks or isinstance(self[name], FileField):
                yield name, value
        for name in self.asks:
            field = self[name]
            value = field.said if isinstance(field, ChecklistField) else field.data
            if value not in (None, "") and not isinstance(field, FileField):
                yield name, value


def form_for(
    kind: type[E],
    choices: Choices,
    typed: Any = None,
    known: Evidence | Mapping[str, Any] | None = None,
    prefix: str = "",
    names: Container[str] | None = None,
) -> EvidenceForm[E]:
    """Draw the form of a kind of evidence.

    `typed` is what was sent (None to show it first); `known` is evidence or JSON values that fill it before.
    """
    stated = known.plain() if isinstance(known, Evidence) else known
    return EvidenceForm(kind, choices, typed, stated, prefix, names)


def options_of(question: Question, choices: Choices) -> Options:
    """Give the choices of a question: the terms of an enum, or a list of the rules or a register."""
    if question.options is None or question.ask in (Ask.GIVEN, Ask.YES_NO):
        return ()
    if isinstance(question.options, str):
        return choices.options(question.options)
    return [(term.value, gettext(_label(term))) for term in question.options]


def _label(term: Enum) -> str:
    return getattr(term, "label", str(term.value))


def _content(sent: Any) -> bytes:
    sent.stream.seek(0)
    return sent.stream.read()
