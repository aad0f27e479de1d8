"""What is typed when a row of a name list, or what its page states, is put right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext
from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm

from forms.fields import CountField, DateField, LineField, OurMeta, may_be_empty
from forms.listfacts import ListFacts
from forms.namelist import Reading
from workflow.domain.application import Sex, Title
from workflow.domain.namelist import FIELDS, ListRow
from workflow.domain.provinces import place_name
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import BUDDHIST_OFFSET, numeric_date
from workflow.domain.words import N_
from workflow.web.shown import language

Choice = tuple[str, str]
FACTS: Mapping[str, str] = {
    "employer": N_("Employer"),
    "business": N_("Type of business"),
    "address": N_("Address"),
    "workplace": N_("Workplace"),
    "phone": N_("Telephone"),
    "total": N_("Number of workers"),
    "starts_on": N_("Employment from"),
}
HINTS = {
    "birth": N_("Day/month/year, or only the year"),
    "pass_issued_on": N_("Day/month/year"),
    "pass_expires_on": N_("Day/month/year"),
}


class RowForm(BaseForm):
    """One worker of a list, every fact as text, as a cell of the sheet would hold it."""

    def __init__(self, reading: Reading, row: ListRow, ruleset: Ruleset, typed: Any = None) -> None:
        self.before = {name: _written(reading, row, name) for name in FIELDS}
        super().__init__({name: self._field(name, ruleset) for name in FIELDS}, meta=OurMeta())
        self.process(typed, data=self.before)

    def changes(self) -> dict[str, str]:
        """Give what was typed otherwise than it stood."""
        typed = {name: self[name].data or "" for name in FIELDS}
        return {name: text for name, text in typed.items() if text != self.before[name]}

    def _field(self, name: str, ruleset: Ruleset) -> Field:
        label, hint = gettext(FIELDS[name]), gettext(HINTS[name]) if name in HINTS else ""
        choices = CHOICES[name](ruleset) if name in CHOICES else None
        if choices is None or self.before[name] not in {"", *(value for value, _ in choices)}:
            return LineField(label, description=hint)
        offered = [SelectChoice("", "–"), *(SelectChoice(value, said) for value, said in choices)]
        return SelectField(label, choices=offered, validate_choice=False)


def _titles(_: Ruleset) -> list[Choice]:
    return [(title.value, gettext(title.label)) for title in Title]


def _sexes(_: Ruleset) -> list[Choice]:
    return [(sex.value, gettext(sex.label)) for sex in Sex]


def _provinces(ruleset: Ruleset) -> list[Choice]:
    said = language()
    return [(place_name(key), names[said]) for key, names in ruleset.get("pass_provinces", {}).items()]


CHOICES: Mapping[str, Callable[[Ruleset], list[Choice]]] = {
    "title": _titles,
    "sex": _sexes,
    "pass_province": _provinces,
}


def _written(reading: Reading, row: ListRow, name: str) -> str:
    """Write a fact as it would be typed; what could not be read stands as it was written."""
    shown = shown_fact(row, name)
    if shown:
        return shown
    found = (finding.params for finding in reading.found_in(row.row) if finding.field == name)
    return next((str(params["written"]) for params in found if "written" in params), "")


def shown_fact(row: ListRow, name: str) -> str:
    """Write one fact of a row as text: days in the reader's era, places by name."""
    if name == "birth":
        return _day(row.birth_on) or (_year(row.birth_year) if row.birth_year else "")
    value = getattr(row, name)
    if name == "pass_province":
        return place_name(value)
    if isinstance(value, date):
        return _day(value)
    return "" if value is None else str(value)


def _day(on: date | None) -> str:
    if on is None:
        return ""
    return numeric_date(on) if language() == "th" else f"{on:%d/%m/%Y}"


def _year(year: int) -> str:
    return str(year + BUDDHIST_OFFSET) if language() == "th" else str(year)


class FactsForm(BaseForm):
    """What the page of the sheet says of the demand."""

    def __init__(self, facts: ListFacts, typed: Any = None) -> None:
        kinds = {"total": CountField, "starts_on": DateField}
        fields = {
            name: kinds.get(name, LineField)(gettext(label), [may_be_empty]) for name, label in FACTS.items()
        }
        super().__init__(fields, meta=OurMeta())
        known = {name: getattr(facts, name) for name in FACTS}
        self.process(typed, data=known | {"starts_on": facts.starts_on and facts.starts_on.isoformat()})

    def shown(self) -> list[dict[str, str]]:
        """Give the facts as lines of label and value."""
        return [{"label": str(field.label.text), "value": field._value()} for field in self]

    def facts(self) -> ListFacts:
        """Give what was typed."""
        told = {name: self[name].data or None for name in FACTS}
        starts = told.pop("starts_on")
        return replace(ListFacts(**told), starts_on=date.fromisoformat(starts) if starts else None)
