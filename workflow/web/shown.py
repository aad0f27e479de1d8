"""How facts are shown on a screen: dates in the reader's era, sums, labels, what the rules refuse."""

from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from flask import Flask
from flask_babel import format_decimal, get_locale, gettext

from workflow.domain import thai
from workflow.domain.actor import Role
from workflow.domain.flow import Refusal
from workflow.domain.rulesets import Words
from workflow.domain.words import N_
from workflow.store.links import Breach


class Labelled(Protocol):
    """A state, role, flag or term: anything with words of its own."""

    label: str


def init_shown(app: Flask) -> None:
    """Give templates the filters."""
    app.jinja_env.filters.update(
        thai_date=show_date,
        thai_datetime=show_moment,
        money=show_money,
        number=format_decimal,
        label=show_label,
        told=show_refusal,
        t=show_words,
        said=show_said,
        role_label=show_role,
        proof_label=show_proof,
        browser=show_browser,
    )


def language() -> str:
    """Name the reader's language; Thai where nobody reads."""
    locale = get_locale()
    return locale.language if locale else "th"


def show_date(on: date | datetime | None) -> str:
    """Write a day: 1 ธ.ค. 2569, 1 Dec 2026, in Khmer both years; a moment gives its day in Bangkok."""
    if on is None:
        return ""
    day = thai.bangkok_date(on) if isinstance(on, datetime) else on
    match language():
        case "en":
            return f"{day.day} {thai.ENGLISH_MONTHS[day.month - 1][:3]} {day.year}"
        case "km":
            return f"{day.day} {thai.KHMER_MONTHS[day.month - 1]} {day.year} ({thai.be_year(day)})"
        case _:
            return thai.short_date(day)


def show_moment(moment: datetime | None) -> str:
    """Write a moment in Bangkok time with the day as `show_date` does."""
    if moment is None:
        return ""
    time = f"{thai.bangkok(moment):%H:%M}"
    return f"{show_date(moment)} {time} น." if language() == "th" else f"{show_date(moment)} {time}"


def show_money(baht: Decimal | int | None) -> str:
    """Write a sum of baht; satang only where there are some."""
    if baht is None:
        return ""
    whole = Decimal(baht) == int(baht)
    return gettext("%(sum)s baht", sum=format_decimal(baht, format="#,##0" if whole else "#,##0.00"))


def show_label(thing: Labelled | None) -> str:
    """Write the label of a state, role, step or term in the reader's language."""
    return gettext(thing.label) if thing is not None else ""


def show_refusal(refusal: Refusal | Breach) -> str:
    """Write why the rules refuse, or what a verification found; dates and words of the rules in it as they are shown."""
    return gettext(refusal.text, **{name: _in_words(value) for name, value in refusal.values.items()})


def _in_words(value: object) -> object:
    match value:
        case date():
            return show_date(value)
        case Words():
            return show_said(value)
    return value


def show_said(words: Words) -> str:
    """Write words that a ruleset holds in the languages of its readers."""
    return words.said(language())


def show_role(role: str) -> str:
    """Write the role that an account names."""
    return gettext(Role(role).label)


PROOFS = {
    "password": N_("Password"),
    "one_time_code": N_("One-time code"),
    "second_factor": N_("Second factor"),
}


def show_proof(proof: str) -> str:
    """Write what was shown as proof at a sign-in."""
    return gettext(PROOFS[proof])


BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
MACHINES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def show_browser(said: str) -> str:
    """Name a browser by what it says of itself, roughly: enough to know one's own telephone."""
    browser = next((name for mark, name in BROWSERS if mark in said), "")
    machine = next((name for mark, name in MACHINES if mark in said), "")
    return " · ".join(part for part in (browser, machine) if part) or gettext("Unknown browser")


def show_words(text: str) -> str:
    """Translate words that the domain marked."""
    return gettext(text) if text else ""
