"""How each kind of question is typed and read: days in either era, sums, pass numbers, lists to tick.

A field keeps plain values (text, whole numbers, ISO days) in `data`; what cannot be read is told in words and
stays in the field as it was typed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import get_locale, gettext
from wtforms import FileField as WtformsFileField
from wtforms import (
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation

from workflow.domain.application import Paper
from workflow.domain.evidence import Ask, Question
from workflow.domain.names import clean_text, pass_key
from workflow.domain.thai import (
    BANGKOK,
    Fault,
    arabic_digits,
    bangkok,
    date_in_words,
    numeric_date,
    parse_date,
    plain_digits,
    thirteen_digits_hold,
)

Options = Sequence[tuple[str, str]]
LONGEST_LINE, LONGEST_TEXT = 300, 4000
RADIOS_AT_MOST = 6
SHORT_ROW, SHORT_LABEL = 3, 16
"""So few and so short choices stand side by side."""
FILES = "image/jpeg,image/png,application/pdf"
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?:\s*น\.?)?")
_MOMENT = re.compile(r"(.+?)[\s,]+([01]?\d|2[0-3])[:.]([0-5]\d)(?:\s*น\.?)?")


class OurMeta(DefaultMeta):
    """Forms of evidence are part of a page that carries the token itself; all words are our own."""

    csrf = False
    locales = False
    cache_translations = False

    def get_translations(self, form: BaseForm) -> None:
        """Give none: every message is written out here and goes through the office's catalogues."""


# --- what is read -----------------------------------------------------------------------------------


class LineField(StringField):
    """One line of text without invisible marks."""

    def process_formdata(self, typed: list[str]) -> None:
        """Clean what was typed."""
        self.data = clean_text(typed[0]) if typed else None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what no line of a form holds."""
        if self.data and len(self.data) > LONGEST_LINE:
            raise StopValidation(gettext("Write at most %(most)s characters.", most=LONGEST_LINE))


class TextField(TextAreaField):
    """Some lines of text."""

    def process_formdata(self, typed: list[str]) -> None:
        """Clean what was typed, line by line."""
        self.data = "\n".join(clean_text(line) for line in typed[0].splitlines()).strip() if typed else None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what no box of a form holds."""
        if self.data and len(self.data) > LONGEST_TEXT:
            raise StopValidation(gettext("Write at most %(most)s characters.", most=f"{LONGEST_TEXT:,}"))


class TypedField(StringField):
    """A line that is read into something; what cannot be read stays as it was typed."""

    data: Any

    def process_formdata(self, typed: list[str]) -> None:
        """Read what was typed; an empty line is nothing."""
        written = clean_text(typed[0]) if typed else ""
        self.data = self.read(written) if written else None

    def read(self, written: str) -> Any:
        """Give the plain value, or raise ValueError with what is wrong."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Write the value as a person would type it."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return self.raw_data[0]
        return "" if self.data is None else self.write(self.data)


class DateField(TypedField):
    """A day, typed in the Buddhist or the common era, said back in words."""

    def read(self, written: str) -> str:
        """Give the day in ISO form."""
        reading = parse_date(written)
        if isinstance(reading, Fault):
            raise ValueError(gettext(reading.text, **reading.params))
        if reading.on is None:
            raise ValueError(
                gettext("“%(written)s” is only a year. Write day, month and year.", written=written)
            )
        return reading.on.isoformat()

    def write(self, value: str) -> str:
        """Write the day in figures, in the era of the reader's language."""
        on = date.fromisoformat(value)
        return numeric_date(on) if _language() == "th" else f"{on:%d/%m/%Y}"

    def process(self, *typed: Any, **more: Any) -> None:
        """Read what was typed and say back in words how it was read."""
        super().process(*typed, **more)
        if self.data and not self.process_errors:
            words = date_in_words(date.fromisoformat(self.data), _language())
            self.description = gettext("Read as %(day)s", day=words)


class TimeField(TypedField):
    """A time of the day, 14:30 or 14.30."""

    def read(self, written: str) -> str:
        """Give the time in ISO form."""
        match = _TIME.fullmatch(arabic_digits(written))
        if match is None:
            raise ValueError(
                gettext("“%(written)s” is not a time. Write for example 14:30.", written=written)
            )
        return f"{int(match[1]):02d}:{match[2]}"


class MomentField(TypedField):
    """A day with its time in Bangkok, on one line; the day is said back in words."""

    def read(self, written: str) -> str:
        """Give the moment in ISO form."""
        match = _MOMENT.fullmatch(arabic_digits(written))
        if match is None:
            asked = gettext("“%(written)s” has no time. Write day and time, for example %(example)s.")
            raise ValueError(asked % {"written": written, "example": _moment_example()})
        reading = parse_date(match[1])
        if isinstance(reading, Fault):
            raise ValueError(gettext(reading.text, **reading.params))
        if reading.on is None:
            raise ValueError(
                gettext("“%(written)s” is only a year. Write day, month and year.", written=match[1])
            )
        return datetime.combine(reading.on, time(int(match[2]), int(match[3])), BANGKOK).isoformat()

    def write(self, value: str) -> str:
        """Write the day in figures, in the era of the reader's language, and the time."""
        moment = bangkok(datetime.fromisoformat(value))
        on = moment.date()
        return f"{numeric_date(on) if _language() == 'th' else f'{on:%d/%m/%Y}'} {moment:%H:%M}"


class CountField(TypedField):
    """A whole number between limits."""

    lowest: int | None = None
    highest: int | None = None

    def read(self, written: str) -> int:
        """Give the number; Thai and Khmer digits and commas are as good."""
        digits = arabic_digits(written).replace(",", "").replace(" ", "")
        if not re.fullmatch(r"-?\d{1,12}", digits):
            raise ValueError(gettext("“%(written)s” is not a whole number.", written=written))
        return int(digits)

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what lies beyond the limits."""
        if self.data is None or self.process_errors:
            return
        if self.lowest is not None and self.data < self.lowest:
            raise StopValidation(gettext("At least %(lowest)s.", lowest=f"{self.lowest:,}"))
        if self.highest is not None and self.data > self.highest:
            raise StopValidation(gettext("At most %(highest)s.", highest=f"{self.highest:,}"))


class MoneyField(TypedField):
    """A sum of baht, satang after the point."""

    def read(self, written: str) -> str:
        """Give the sum as text with its decimals."""
        digits = (
            arabic_digits(written).replace(",", "").replace(" ", "").removesuffix("บาท").removesuffix("฿")
        )
        try:
            sum_of = Decimal(digits)
        except InvalidOperation:
            raise ValueError(gettext("“%(written)s” is not a sum of money.", written=written)) from None
        if not sum_of.is_finite() or sum_of < 0 or sum_of >= 10**10 or sum_of != round(sum_of, 2):
            raise ValueError(gettext("“%(written)s” is not a sum of money.", written=written))
        return format(sum_of, "f")

    def write(self, value: str) -> str:
        """Write the sum; satang only where there are some."""
        sum_of = Decimal(value)
        return f"{sum_of:,.0f}" if sum_of == int(sum_of) else f"{sum_of:,.2f}"


class ThaiIdField(TypedField):
    """Thirteen digits with their check digit."""

    def read(self, written: str) -> str:
        """Give the bare digits."""
        if not thirteen_digits_hold(written):
            raise ValueError(gettext("The number has 13 digits and a check digit; this one does not fit."))
        return plain_digits(written)


class PassField(TypedField):
    """The number of a border pass, however it is spaced."""

    def read(self, written: str) -> str:
        """Give the number in capitals."""
        if pass_key(written) is None:
            raise ValueError(gettext("“%(written)s” is not the number of a border pass.", written=written))
        return arabic_digits(written).upper()


class FileField(WtformsFileField):
    """A photo or scan; `data` is what was sent, or nothing."""

    def process_formdata(self, sent: list[Any]) -> None:
        """Take a file that has a name and something in it."""
        self.data = next((one for one in sent if getattr(one, "filename", "")), None)

    def process_data(self, value: object) -> None:
        """What was kept before is no upload; the form holds its digest."""
        self.data = None


class OneField(RadioField):
    """One of a few, none until somebody chooses."""

    def pre_validate(self, form: BaseForm) -> None:
        """Leave it to the rule of the field what an empty choice means."""
        if self.data is not None:
            super().pre_validate(form)


class YesNoField(RadioField):
    """Yes or no, and neither until somebody says so."""

    def __init__(self, *args: Any, **more: Any) -> None:
        said = [SelectChoice("yes", gettext("Yes")), SelectChoice("no", gettext("No"))]
        super().__init__(*args, coerce=_yes_no, choices=said, validate_choice=False, **more)

    def iter_choices(self) -> list[Any]:
        """Mark what was said."""
        said = {True: "yes", False: "no"}.get(self.data)
        return [choice._replace(selected=choice.value == said) for choice in super().iter_choices()]


class ManyField(SelectMultipleField):
    """Any of a list."""


class ChecklistField(FormField):
    """For every paper on a list: seen, scanned or missing."""

    @property
    def said(self) -> dict[str, str]:
        """Give what was said of each paper."""
        return {name: field.data for name, field in self.form._fields.items() if field.data}


@dataclass(frozen=True, slots=True)
class Checklist:
    """The form inside a checklist: one row of buttons for each paper."""

    items: Options
    needed: bool

    def __call__(
        self,
        formdata: Any = None,
        obj: object = None,
        prefix: str = "",
        data: Mapping[str, str] | None = None,
        **known: Any,
    ) -> BaseForm:
        """Make the inner form; WTForms calls this as it would call a form class."""
        answers = [SelectChoice(answer.value, gettext(answer.label)) for answer in Paper]
        rules = (
            [needed(gettext("Say whether it was seen, scanned or is missing"))]
            if self.needed
            else [may_be_empty]
        )
        rows = {
            key: OneField(
                label,
                rules,
                choices=answers,
                coerce=_or_none,
                render_kw=_row_of_buttons(label),
                **_refused_choice(),
            )
            for key, label in self.items
        }
        inner = BaseForm(rows, prefix=prefix, meta=OurMeta())
        inner.process(formdata, data={**(obj if isinstance(obj, Mapping) else {}), **(data or {}), **known})
        return inner


def _row_of_buttons(label: str) -> dict[str, Any]:
    small = {"legend": {"text": label}}
    return {"params": {"classes": "govuk-radios--inline govuk-radios--small", "fieldset": small}}


def _yes_no(value: Any) -> bool | None:
    return {"yes": True, "no": False, True: True, False: False, "True": True, "False": False}.get(value)


def _or_none(value: Any) -> str | None:
    return str(value) if value not in (None, "", "None") else None


def _language() -> str:
    return str(get_locale() or "th")


# --- rules ------------------------------------------------------------------------------------------


def needed(message: str) -> Callable[[BaseForm, Any], None]:
    """Refuse an empty field with these words."""

    def rule(form: BaseForm, field: Any) -> None:
        if field.process_errors:
            raise StopValidation
        if field.data in (None, "", [], ()):
            raise StopValidation(message)

    return rule


def may_be_empty(form: BaseForm, field: Any) -> None:
    """Let an empty field pass unread."""
    if field.process_errors:
        raise StopValidation
    if field.data in (None, "", [], ()):
        raise StopValidation


# --- from a question to its field -------------------------------------------------------------------


def field_for(question: Question, options: Options) -> UnboundField:
    """Give the unbound field that puts a question; `options` are its choices as (value, label)."""
    return MAKERS[question.ask](question, options, _common(question))


def _common(question: Question) -> dict[str, Any]:
    label = gettext(question.label)
    chosen = question.ask in CHOSEN
    asks_for = (
        gettext("Choose: %(label)s", label=label) if chosen else gettext("Fill in: %(label)s", label=label)
    )
    rule = needed(asks_for) if question.required and question.ask is not Ask.MANY else may_be_empty
    shown = label if question.required else gettext("%(label)s (if any)", label=label)
    return {"label": shown, "validators": [rule], "description": _hint(question)}


CHOSEN = frozenset({Ask.CHOICE, Ask.REGISTER, Ask.YES_NO, Ask.FILE})


def _hint(question: Question) -> str:
    parts = [gettext(question.hint)] if question.hint else []
    match question.ask:
        case Ask.COUNT if question.highest is not None:
            limits = {"lowest": f"{question.lowest or 0:,}", "highest": f"{question.highest:,}"}
            parts.append(gettext("From %(lowest)s to %(highest)s", **limits))
        case Ask.DATE:
            parts.append(gettext("Day/month/year, for example %(example)s", example=_example()))
        case Ask.MOMENT:
            parts.append(gettext("Day/month/year and time, for example %(example)s", example=_moment_example()))
        case Ask.FILE:
            parts.append(gettext("Photo (JPEG, PNG) or PDF, at most 8 MB"))
    return " · ".join(parts)


def _example() -> str:
    return "23/11/2569" if _language() == "th" else "23/11/2026"


def _moment_example() -> str:
    return f"{_example()} 14:30"


def _wide(characters: int, **more: str) -> dict[str, Any]:
    return {"params": {"classes": f"govuk-input--width-{characters}"}, **more}


def _line(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return LineField(**common)


def _text(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return TextField(**common, render_kw={"rows": 3})


def _date(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return DateField(**common, render_kw=_wide(10, autocomplete="off"))


def _moment(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return MomentField(**common, render_kw=_wide(20, autocomplete="off"))


def _count(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    limits = {"lowest": question.lowest, "highest": question.highest}
    bound = type("CountBetween", (CountField,), limits)
    return bound(**common, render_kw=_wide(10, inputmode="numeric"))


def _money(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return MoneyField(**common, render_kw=_wide(10, inputmode="decimal"))


def _choice(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    if question.required and len(options) <= RADIOS_AT_MOST:
        few = len(options) <= SHORT_ROW and all(len(label) <= SHORT_LABEL for _, label in options)
        row = {"params": {"classes": "govuk-radios--inline"}} if few else None
        return OneField(**common, choices=_choices(options), coerce=_or_none, render_kw=row, **_refused_choice())
    return _select(question, options, common)


def _select(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    nothing = gettext("Choose") if question.required else gettext("None")
    choices = [SelectChoice("", f"– {nothing} –"), *_choices(options)]
    return SelectField(**common, choices=choices, coerce=_or_none, **_refused_choice())


def _many(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return ManyField(**common, choices=_choices(options), invalid_choice_message=_not_offered())


def _checklist(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return ChecklistField(
        Checklist(options, question.required), common["label"], description=common["description"]
    )


def _yes_or_no(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return YesNoField(**common, render_kw={"params": {"classes": "govuk-radios--inline"}})


def _file(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return FileField(**common, render_kw={"accept": FILES})


def _thai_id(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return ThaiIdField(**common, render_kw=_wide(20, inputmode="numeric"))


def _pass(question: Question, options: Options, common: dict[str, Any]) -> UnboundField:
    return PassField(**common, render_kw=_wide(20, autocapitalize="characters", spellcheck="false"))


def _choices(options: Options) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in options]


def _refused_choice() -> dict[str, str]:
    return {"invalid_choice_message": _not_offered(), "invalid_value_message": _not_offered()}


def _not_offered() -> str:
    return gettext("This is not among the choices; choose again.")


MAKERS: dict[Ask, Callable[[Question, Options, dict[str, Any]], UnboundField]] = {
    Ask.TEXT: _line,
    Ask.LONG_TEXT: _text,
    Ask.DATE: _date,
    Ask.MOMENT: _moment,
    Ask.COUNT: _count,
    Ask.MONEY: _money,
    Ask.CHOICE: _choice,
    Ask.MANY: _many,
    Ask.CHECKLIST: _checklist,
    Ask.YES_NO: _yes_or_no,
    Ask.FILE: _file,
    Ask.THAI_ID: _thai_id,
    Ask.PASS_NUMBER: _pass,
    Ask.REGISTER: _select,
}
"""How each kind of question is put; facts that are given are not asked."""
