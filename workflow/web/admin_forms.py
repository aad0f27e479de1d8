"""What the administrator types beside the entries themselves: whose account it is, and the text of a ruleset."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm

from forms.evidence import EvidenceForm, form_for
from forms.fields import FileField, Options, OurMeta, may_be_empty, needed
from workflow.administration import PLACES
from workflow.desk import Desk
from workflow.domain.actor import Role
from workflow.domain.registers import Account as AccountFacts
from workflow.domain.rulesets import Ruleset
from workflow.store.projections import Account, RegisterEntry
from workflow.web.choices import REGISTERS, ruled_label
from workflow.web.shown import language

FIRST = ("user_name", "name", "position")
LAST = ("valid_from", "valid_until")


class EveryRule:
    """Choices from all rulesets in the register: an office is entered before any rule covers its province."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        stated = desk.session.query(RegisterEntry.stated).filter_by(register="ruleset", state="listed")
        self.rulesets: list[Ruleset] = [desk.ruleset(str(row.stated["digest"])) for row in stated]

    def options(self, name: str) -> Options:
        """Give the choices of a list as (value, label)."""
        if name in REGISTERS:
            wanted = self.desk.session.query(RegisterEntry.subject, RegisterEntry.name)
            rows = wanted.filter_by(register=REGISTERS[name], state="listed").order_by(RegisterEntry.name)
            return [(row.subject, row.name) for row in rows]
        every = {key: entry for rule in self.rulesets for key, entry in rule.get(name, {}).items()}
        return [(str(key), ruled_label(entry, language())) for key, entry in sorted(every.items())]


def account_form(desk: Desk, role: Role, typed: Any, known: dict[str, Any]) -> EvidenceForm[AccountFacts]:
    """Ask of an account what its role needs: the place that it works at, an acting registrar for whom."""
    place = PLACES.get(role)
    asked = {*FIRST, *LAST, *([place] if place else []), *_more(role)}
    form = form_for(AccountFacts, EveryRule(desk), typed, known | {"role": role.value}, names=asked)
    if place:
        field = form[place]
        field.label.text = gettext(form.asks[place].label)
        field.validators = [needed(gettext("Choose: %(label)s", label=field.label.text))]
        field.choices = [SelectChoice("", f"– {gettext('Choose')} –"), *field.choices[1:]]
    return form


def _more(role: Role) -> tuple[str, ...]:
    return {Role.REGISTRAR: ("acting_for",), Role.AUDITOR: ("office",), Role.ADMINISTRATOR: ("office",)}.get(
        role, ()
    )


class SamePersonForm(BaseForm):
    """Whether the person has another account: who prepared in one role does not decide in another."""

    def __init__(self, typed: Any, others: Iterable[Account]) -> None:
        first = gettext("No, this is the first")
        nobody = SelectChoice("", f"– {first} –")
        choices = [SelectChoice(one.person, f"{one.name} ({one.user_name})") for one in others]
        label = gettext("Has this person another account?")
        hint = gettext("Then choose it: the system never lets one person prepare and decide the same case.")
        field = SelectField(
            label,
            [may_be_empty],
            description=hint,
            default="",
            choices=[nobody, *choices],
            invalid_choice_message=gettext("This is not among the choices; choose again."),
        )
        super().__init__({"same_person": field}, meta=OurMeta())
        self.process(typed)


class RulesetForm(BaseForm):
    """The text of a ruleset, pasted or as a file."""

    def __init__(self, typed: Any) -> None:
        fields = {
            "text": TextAreaField(
                gettext("Text of the ruleset (TOML)"),
                [may_be_empty],
                description=gettext("Every value with its source and how sure it is."),
                render_kw={"rows": 16, "spellcheck": "false"},
            ),
            "file": FileField(
                gettext("Or as a file"), [may_be_empty], render_kw={"accept": ".toml,text/plain"}
            ),
        }
        super().__init__(fields, meta=OurMeta())
        self.process(typed)

    def file_name(self) -> str:
        """Name the file that was sent, as its faults will name it."""
        sent = self["file"].data
        return sent.filename or "ruleset.toml" if sent else "ruleset.toml"

    def written(self) -> str:
        """Give the text that was pasted or sent; a file that is no text reads as nothing."""
        sent = self["file"].data
        try:
            return sent.stream.read().decode("utf-8-sig") if sent else self["text"].data or ""
        except UnicodeDecodeError:
            return ""
