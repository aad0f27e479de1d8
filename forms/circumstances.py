"""What surrounds an act beside its evidence: when it happened, for whom, the signed paper, a remark."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from forms.fields import (
    FILES,
    DateField,
    FileField,
    LineField,
    OneField,
    OurMeta,
    TextField,
    TimeField,
    may_be_empty,
    needed,
)
from workflow.domain.actor import Role
from workflow.domain.thai import BANGKOK, arabic_digits, bangkok_date

PREFIX = "act"
MIDDAY = time(12)


class CircumstancesForm(BaseForm):
    """When it happened, for whom it is keyed in, the scan of the signed paper, a remark.

    Without `dated` nothing earlier can be stated: who sends something himself sends it now. With `blank` it may
    have been written first on a numbered form, while the power was cut; then the time on it is asked for.
    """

    def __init__(
        self, typed: Any = None, keyed: Sequence[Role] = (), *, dated: bool = True, blank: bool = False
    ) -> None:
        when = {**(_when() if dated else {}), **(_blank() if blank else {})}
        fields = {**when, **(_behalf(keyed) if keyed else {}), **_paper(bool(keyed)), **_remark(dated)}
        super().__init__(fields, prefix=PREFIX, meta=OurMeta())
        self.process(typed, data={"on_behalf_of": keyed[0].value} if keyed else {})

    def happened_at(self, now: datetime) -> datetime | None:
        """Give the moment when it happened, None for now; midday of an earlier day where no time is known."""
        if "happened_on" not in self._fields or not self["happened_on"].data:
            return None
        on = date.fromisoformat(self["happened_on"].data)
        written = self["happened_time"].data
        if on == bangkok_date(now) and not written:
            return None
        return datetime.combine(on, time.fromisoformat(written) if written else MIDDAY, BANGKOK)

    def on_behalf_of(self) -> Role | None:
        """Give the role for whom an officer keys in."""
        field = self._fields.get("on_behalf_of")
        return Role(field.data) if field is not None and field.data else None

    def blank(self) -> str | None:
        """Give the number of the form on which it was first written, if it was."""
        written = self["blank"].data if "blank" in self._fields else ""
        return arabic_digits(written).upper() if written else None

    def scan(self) -> bytes | None:
        """Give the scan of the signed paper, if one was sent."""
        sent = self["scan"].data
        if not sent:
            return None
        sent.stream.seek(0)
        return sent.stream.read()

    def note(self) -> str | None:
        """Give the remark."""
        return self["note"].data or None

    @property
    def told_more(self) -> bool:
        """Say whether the part that few need is filled or wrong, so that it is shown open."""
        return any(field.data or field.errors for field in self if field.short_name != "on_behalf_of")


def _when() -> dict[str, Any]:
    example = gettext("Day/month/year; left empty: now")
    width = {"params": {"classes": "govuk-input--width-10"}, "autocomplete": "off"}
    on = DateField(gettext("It happened on"), [may_be_empty], description=example, render_kw=width)
    at = TimeField(
        gettext("Time"),
        [may_be_empty],
        description=gettext("For example 14:30; left empty: midday"),
        render_kw=width,
    )
    return {"happened_on": on, "happened_time": at}


def _blank() -> dict[str, Any]:
    field = LineField(
        gettext("Number of the form, if it was first written on one"),
        [may_be_empty, _bears_its_time],
        description=gettext("For example PNR-BL 12/2569-7; day and time above are those written on the form"),
        render_kw={"params": {"classes": "govuk-input--width-20"}, "autocomplete": "off"},
    )
    return {"blank": field}


def _bears_its_time(form: BaseForm, field: LineField) -> None:
    if field.data and not (form["happened_on"].data and form["happened_time"].data):
        raise StopValidation(gettext("Enter day and time as they stand on the form."))


def _behalf(keyed: Sequence[Role]) -> dict[str, Any]:
    choices = [SelectChoice(role.value, gettext(role.label)) for role in keyed]
    asks = gettext("Say for whom you key this in")
    refused = gettext("This is not among the choices; choose again.")
    field = OneField(
        gettext("You key this in for"),
        [needed(asks)],
        choices=choices,
        coerce=str,
        invalid_choice_message=refused,
    )
    return {"on_behalf_of": field}


def _paper(keyed: bool) -> dict[str, Any]:
    label = gettext("Scan of the signed paper (if any)") if keyed else gettext("Scan (if any)")
    hint = gettext("Photo (JPEG, PNG) or PDF, at most 8 MB")
    return {"scan": FileField(label, [may_be_empty], description=hint, render_kw={"accept": FILES})}


def _remark(dated: bool) -> dict[str, Any]:
    hint = gettext("An entry for an earlier day needs its reason here.") if dated else ""
    return {
        "note": TextField(gettext("Remark (if any)"), [may_be_empty], description=hint, render_kw={"rows": 2})
    }
