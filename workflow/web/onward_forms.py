"""What is chosen when an application on a permit begins: who asks, whose papers were shown, which employer and how."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from wtforms.fields.choices import SelectChoice, SelectField
from wtforms.form import BaseForm

from forms.fields import DateField, LineField, OneField, OurMeta, PassField, may_be_empty, needed
from workflow.domain.kinds import ApplicationKind
from workflow.store.projections import Case

MOVES = (ApplicationKind.CHANGE, ApplicationKind.ADDITION)


def _or_none(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _select(label: str, chosen: Iterable[tuple[str, str]], *, required: bool, hint: str = "") -> SelectField:
    first = gettext("Choose") if required else gettext("None")
    rules = [needed(gettext("Choose one"))] if required else [may_be_empty]
    offered = [SelectChoice("", f"– {first} –"), *(SelectChoice(value, words) for value, words in chosen)]
    return SelectField(label, rules, choices=offered, coerce=_or_none, description=hint)


def _kind() -> OneField:
    said = [SelectChoice(kind.value, gettext(kind.label)) for kind in MOVES]
    return OneField(gettext("What is asked for"), [needed(gettext("Choose one"))], choices=said, coerce=_or_none)


def _request(requests: Iterable[Case]) -> SelectField:
    offered = [(one.subject, f"{one.title} · {one.reference}") for one in requests]
    hint = gettext("A running request with a place that nobody has taken.")
    return _select(gettext("Request"), offered, required=True, hint=hint)


class WhoAsks(BaseForm):
    """Which of the worker's employers asks; one of them asks for itself and is not asked."""

    def __init__(self, employers: Mapping[str, str], own: str | None, sent: Any = None) -> None:
        self.own = own or (next(iter(employers)) if len(employers) == 1 else None)
        label = gettext("Employer who asks")
        fields = {} if self.own else {"asks": _select(label, employers.items(), required=True)}
        super().__init__(fields, prefix="", meta=OurMeta())
        self.process(sent)

    def chosen(self) -> str:
        """Give the employer who asks."""
        return self.own or self["asks"].data


class JoinForm(BaseForm):
    """The numbers of the two papers that a worker shows, and since when the work is that would end."""

    def __init__(self, sent: Any = None) -> None:
        fields = {
            "pass_number": PassField(gettext("Border pass number"), [needed(gettext("Enter the number"))]),
            "permit_number": LineField(gettext("Permit number"), [needed(gettext("Enter the number"))]),
            "since": DateField(
                gettext("The work that ends began on"),
                [may_be_empty],
                description=gettext("Only for a change of employer, where the worker has several."),
            ),
        }
        super().__init__(fields, prefix="", meta=OurMeta())
        self.process(sent)

    @property
    def pass_number(self) -> str:
        """Give the number of the border pass."""
        return self["pass_number"].data or ""

    @property
    def permit_number(self) -> str:
        """Give the number of the permit."""
        return self["permit_number"].data or ""

    @property
    def since(self) -> str | None:
        """Give the first day of the work that ends, as it is stored."""
        return self["since"].data


class KindForm(BaseForm):
    """A change or an addition, under which request."""

    def __init__(self, requests: Iterable[Case], sent: Any = None) -> None:
        super().__init__({"kind": _kind(), "request": _request(requests)}, prefix="", meta=OurMeta())
        self.process(sent)

    @property
    def is_change(self) -> bool:
        """Say whether an employer is left."""
        return self["kind"].data == ApplicationKind.CHANGE

    @property
    def request(self) -> str:
        """Give the request under which the worker is taken on."""
        return self["request"].data


class OfferForm(KindForm):
    """The same at the counter, where the present employers are named."""

    def __init__(self, requests: Iterable[Case], employers: Mapping[str, str], sent: Any = None) -> None:
        hint = gettext("Only for a change of employer; none where the work has ended.")
        left = _select(gettext("Employer who is left"), employers.items(), required=False, hint=hint)
        fields = {"kind": _kind(), "request": _request(requests), "ends": left}
        BaseForm.__init__(self, fields, prefix="", meta=OurMeta())
        self.process(sent)

    @property
    def leaves(self) -> str:
        """Give the employer who is left; empty where nobody is."""
        return self["ends"].data or ""
