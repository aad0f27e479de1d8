"""What is typed to open an employer's account: a user name, the person, agent or not, until when."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from forms.fields import DateField, LineField, Options, OurMeta, YesNoField, may_be_empty, needed
from workflow.domain.actor import Role
from workflow.domain.evidence import questions
from workflow.domain.registers import Account
from workflow.web.choices import OfficeChoices

USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


class OneEmployer:
    """The choices of a demand letter that is written for one employer."""

    def __init__(self, choices: OfficeChoices, employer: str, name: str) -> None:
        self.choices, self.own = choices, (employer, name)

    def options(self, name: str) -> Options:
        """Give the choices of a list; of employers there is this one."""
        return [self.own] if name == "employers" else self.choices.options(name)


class AccountForm(BaseForm):
    """Who is to sign in for the employer."""

    def __init__(self, typed: Any = None, known: Mapping[str, Any] | None = None) -> None:
        label = {name: gettext(asked.label) for name, asked in questions(Account).items()}
        name_hint = gettext("Small letters and digits, at least three; the telephone number is a good one.")
        plain = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        fields = {
            "user_name": LineField(
                label["user_name"], [well_formed], description=name_hint, render_kw=plain
            ),
            "name": LineField(label["name"], [needed(gettext("Enter the name"))]),
            "position": LineField(label["position"], [may_be_empty]),
            "agent": YesNoField(
                gettext("Is this an agent with a power of attorney?"),
                [needed(gettext("Say whether it is an agent"))],
                render_kw={"params": {"classes": "govuk-radios--inline"}},
            ),
            "valid_until": DateField(
                gettext("Account until"),
                [may_be_empty],
                description=gettext("For an agent: the last day of the power of attorney."),
                render_kw={"params": {"classes": "govuk-input--width-10"}},
            ),
        }
        super().__init__(fields, meta=OurMeta())
        self.process(typed, data={"agent": False} | dict(known or {}))

    def account(self, employer: str, today: date) -> Account:
        """Give the entry for the register of accounts."""
        until = self["valid_until"].data
        return Account(
            user_name=self["user_name"].data,
            name=self["name"].data,
            role=Role.AGENT if self["agent"].data else Role.EMPLOYER,
            position=self["position"].data or "",
            employer=employer,
            valid_from=today,
            valid_until=date.fromisoformat(until) if until else None,
        )


def well_formed(form: BaseForm, field: LineField) -> None:
    """Refuse a user name that people would mistype."""
    field.data = (field.data or "").lower()
    if not USER_NAME.fullmatch(field.data):
        raise StopValidation(
            gettext("Write the user name with small letters a to z and digits, at least three.")
        )
