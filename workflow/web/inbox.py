"""The first page of everybody who is signed in: what waits on this desk, and the search over all cases in sight."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from workflow import employers
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.flows import PROCESS
from workflow.domain.thai import bangkok_date
from workflow.domain.words import N_
from workflow.employers import ASKERS
from workflow.store.projections import Account
from workflow.visibility import offices_of
from workflow.web import narrow
from workflow.web.access import allow, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.listing import CAP, Counted, Wanted, counted, listing, tray_of

inbox = Blueprint("inbox", __name__)

SEARCH_ONLY = frozenset({"all", "ended"})
"""Trays that are filters rather than work."""


@inbox.get("/")
@allow()
def front() -> Response | str:
    """Open with the page that a person works from: an employer's own, everybody else's desk."""
    return redirect(url_for("employer.home")) if current_actor().role in ASKERS else show()


@inbox.get("/desk")
@allow()
@in_menu(N_("My desk"), order=10)
def show() -> str:
    """Show what is to be done, then the list of the tray that was chosen."""
    at, actor = desk(), current_actor()
    wanted = Wanted.read(request.args)
    trays = counted(at, actor)
    if not wanted.tray and not wanted.choosing:
        wanted = _first(trays, wanted)
    return render_template(
        "inbox.html",
        wanted=wanted,
        cards=[*bars_to_decide(at, actor), *(card(one) for one in trays if _is_work(one, wanted))],
        filters=[chip(one, wanted) for one in trays if one.tray.key in SEARCH_ONLY],
        tray=tray_of(actor, wanted),
        listing=listing(at, actor, wanted),
        address=address_of(wanted),
        states=states(),
        on=bangkok_date(at.now()),
        narrow=narrow.is_narrow(actor.role),
        nobody_decides=actor.role in (Role.OFFICER, Role.REGISTRAR) and not somebody_decides(at, actor),
        no_cases=not trays,
    )


def _is_work(one: Counted, wanted: Wanted) -> bool:
    return one.tray.key not in SEARCH_ONLY and (one.count > 0 or one.tray.key == wanted.tray)


def _first(trays: list[Counted], wanted: Wanted) -> Wanted:
    """Open with the first tray that holds something."""
    full = next((one.tray.key for one in trays if one.count and one.tray.key not in SEARCH_ONLY), None)
    return Wanted(tray=full or (trays[0].tray.key if trays else ""), page=wanted.page)


def card(one: Counted) -> dict[str, object]:
    """Give a tray as a card that counts."""
    return {
        "number": one.count,
        "label": gettext(one.tray.label),
        "note": gettext("and more") if one.more else "",
        "href": url_for(".show", tray=one.tray.key),
        "kind": one.tray.kind,
    }


def bars_to_decide(at: Desk, actor: Actor) -> list[dict[str, object]]:
    """Give the registrar's card of employers whom an officer proposed to bar: they are no cases and lie in no tray."""
    count = employers.to_decide(at, actor) if actor.role is Role.REGISTRAR else 0
    label, href = gettext("Bars of employers to decide"), url_for("bars.listed")
    return [{"number": count, "label": label, "note": "", "href": href, "kind": "warning"}] if count else []


def chip(one: Counted, wanted: Wanted) -> dict[str, object]:
    """Give a tray as a filter."""
    label = gettext(one.tray.label) + ("+" if one.more else "")
    return {
        "label": label,
        "href": url_for(".show", tray=one.tray.key),
        "current": one.tray.key == wanted.tray,
        "count": min(one.count, CAP),
    }


def address_of(wanted: Wanted) -> Callable[[int], str]:
    """Give what makes the address of a page of the same list."""
    asked = {name: value for name, value in asdict(wanted).items() if value and name not in ("page", "words")}
    if wanted.words:
        asked["q"] = wanted.words
    return lambda page: url_for(".show", page=page, **asked)


def states() -> list[tuple[str, list[tuple[str, str]]]]:
    """List all states by flow for the filter."""
    return [(gettext(flow.label), [(state.value, gettext(state.label)) for state in flow.states]) for flow in PROCESS]


def somebody_decides(at: Desk, actor: Actor) -> bool:
    """Say whether a registrar of the actor's province is appointed today: the account's days are the appointment's."""
    on = bangkok_date(at.now())
    in_force = select(func.count()).where(
        Account.role == Role.REGISTRAR.value,
        Account.office.in_(offices_of(at, actor.province)),
        Account.closed.is_(False),
        Account.valid_from <= on,
        (Account.valid_until.is_(None)) | (Account.valid_until >= on),
    )
    return bool(at.session.scalar(in_force))
