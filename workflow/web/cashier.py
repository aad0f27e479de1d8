"""The cashier's day on screen and on paper; earlier days can be opened, nothing here is changed."""

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext

from workflow import cashday
from workflow.cashday import CashDay, Choice
from workflow.domain.actor import Role
from workflow.domain.documents import WORKING_PRINTS
from workflow.domain.names import clean_text
from workflow.domain.thai import baht_in_words, bangkok_date
from workflow.domain.words import N_
from workflow.ledgers import FEES
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.papers import sent
from workflow.web.reading import note_look

cashier = Blueprint("cashier", __name__, url_prefix="/cashier-day")


@cashier.get("")
@allow(*WORKING_PRINTS[cashday.PRINT].audience)
@in_menu(N_("Money of the day"), order=22)
def show() -> str:
    """Show the money of a day, and the days before it."""
    at, actor, choice = desk(), current_actor(), chosen()
    day = cashday.day_of(at, actor, choice)
    note_look("fee", actor.office or "", f"money of a day: {choice.on.isoformat()}", len(day.receipts))
    return render_template(
        "cashier_day.html",
        day=day,
        fees=FEES,
        words=baht_in_words(day.total),
        today=bangkok_date(at.now()),
        before=choice.on - timedelta(days=1),
        after=choice.on + timedelta(days=1),
        earlier=cashday.days_before(at, actor, choice.on),
        takers=_filters("cashier", choice, day.cashiers, gettext("All cashiers")),
        offices=_filters("office", choice, day.offices, gettext("All offices")),
    )


@cashier.get("/print")
@allow(*WORKING_PRINTS[cashday.PRINT].audience)
def printed() -> Response:
    """Print the day list: a working print, on record as a look, counted nowhere."""
    at, actor, choice = desk(), current_actor(), chosen()
    day: CashDay = cashday.day_of(at, actor, choice)
    note_look("fee", actor.office or "", f"money of a day, printed: {choice.on.isoformat()}", len(day.receipts))
    handed_to = clean_text(request.args.get("handed_to", ""))[:120]
    return sent(cashday.printed(at, actor, day, handed_to), f"cashier-day-{choice.on.isoformat()}.pdf")


def chosen() -> Choice:
    """Read which day and whose; a cashier begins with the own money of today."""
    actor, today = current_actor(), bangkok_date(desk().now())
    try:
        on = min(date.fromisoformat(request.args.get("on", "")), today)
    except ValueError:
        on = today
    own = actor.person if actor.role is Role.CASHIER else ""
    return Choice(on, request.args.get("cashier", own)[:40], request.args.get("office", "")[:40])


def _filters(name: str, choice: Choice, known: dict[str, str], every: str) -> list[dict[str, object]]:
    asked = {"on": choice.on.isoformat(), "cashier": choice.cashier, "office": choice.office}
    chosen_one = asked[name]
    return [
        {"label": label, "href": url_for(".show", **(asked | {name: value})), "current": value == chosen_one}
        for value, label in {"": every, **known}.items()
    ]
