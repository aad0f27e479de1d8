"""The end of a day: its closing sheet on screen and on paper, and the registers of the day or the month as print."""

from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import force_locale, gettext

from workflow import dayclosing, ledgers
from workflow.auditing import offices_in_view
from workflow.domain.actor import Role
from workflow.domain.documents import DOCUMENTS, WORKING_PRINTS
from workflow.domain.thai import baht_in_words, bangkok_date
from workflow.domain.words import N_
from workflow.store.projections import RegisterEntry
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.audit import LONGEST_DAYS, explained
from workflow.web.papers import sent
from workflow.web.reading import note_look

closing = Blueprint("closing", __name__, url_prefix="/day-closing")


@closing.get("")
@allow(*WORKING_PRINTS[dayclosing.PRINT].audience)
@in_menu(N_("Day closing"), order=33)
def show() -> str:
    """Show what an office did on a day, as its sheet says it."""
    at, actor, on, offices = desk(), current_actor(), _day("on"), _offices()
    office = _office(offices)
    day = dayclosing.closing_of(at, actor, office, on)
    note_look("office", office.subject, f"day closing: {on.isoformat()}", day.events)
    month = on.replace(day=1)
    return render_template(
        "day_closing.html",
        day=day,
        offices=[_filter(one, on, one.subject == office.subject) for one in offices],
        titles={key: paper.title for key, paper in DOCUMENTS.items()},
        labels={one.series: dayclosing.series_label(one.series, gettext) for one in day.given},
        signs=dayclosing.sign_of,
        steps=dayclosing.SHEETS,
        words=baht_in_words(day.money.total),
        today=bangkok_date(at.now()),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        registers=[
            (label, _extract(kind, on, on), _extract(kind, month, on)) for kind, label in ledgers.KINDS.items()
        ],
    )


def _filter(office: RegisterEntry, on: date, current: bool) -> dict[str, object]:
    href = url_for(".show", on=on.isoformat(), office=office.subject)
    return {"label": office.name, "href": href, "current": current}


def _extract(kind: str, first: date, last: date) -> str:
    return url_for(".register", kind=kind, first=first.isoformat(), last=last.isoformat())


@closing.get("/print")
@allow(*WORKING_PRINTS[dayclosing.PRINT].audience)
def printed() -> Response:
    """Print the sheet of a day, to be signed: a working print; an auditor's is an audit copy."""
    at, actor, on, office = desk(), current_actor(), _day("on"), _office(_offices())
    day = dayclosing.closing_of(at, actor, office, on)
    with force_locale("th"):
        body = dayclosing.printed(at, actor, day, gettext)
    note_look("office", office.subject, f"day closing, printed: {on.isoformat()}", day.events)
    return sent(body, f"day-closing-{office.subject}-{on.isoformat()}.pdf")


@closing.get("/register")
@allow(*WORKING_PRINTS[dayclosing.REGISTER].audience)
def register() -> Response:
    """Print a register of some days, numbers in order and every gap explained."""
    at, actor, kind = desk(), current_actor(), request.args.get("kind", "permits")
    if kind not in ledgers.KINDS:
        abort(404)
    last = _day("last")
    first = max(min(_day("first"), last), last - timedelta(days=LONGEST_DAYS))
    with force_locale("th"):
        body = dayclosing.register_printed(at, actor, kind, (first, last), gettext, explained)
    note_look("register", kind, f"register, printed: {first.isoformat()} – {last.isoformat()}")
    return sent(body, f"{kind}-{first.isoformat()}-{last.isoformat()}.pdf")


def _day(name: str) -> date:
    """Read a day; today where none, nonsense or one to come is asked for."""
    today = bangkok_date(desk().now())
    try:
        return min(date.fromisoformat(request.args.get(name, "")), today)
    except ValueError:
        return today


def _offices() -> list[RegisterEntry]:
    """List the offices whose day somebody reads: an auditor those of the order, others their own."""
    actor = current_actor()
    every = offices_in_view(desk(), actor)
    return every if actor.role is Role.AUDITOR else [one for one in every if one.subject == actor.office]


def _office(offices: list[RegisterEntry]) -> RegisterEntry:
    asked = request.args.get("office")
    return next((one for one in offices if asked in (None, one.subject)), None) or abort(404)
