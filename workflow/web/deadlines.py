"""The board of deadlines of an office and of an employer, and the calendar that an employer's telephone fetches."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from workflow.deadlines import Board, Bucket, Line, Wanted, board
from workflow.domain.actor import Role
from workflow.domain.clocks import CLOCKS
from workflow.domain.flows import step_label
from workflow.domain.words import N_
from workflow.employers import ASKERS
from workflow.feed import calendar_of
from workflow.store import feeds
from workflow.store.database import begin_write
from workflow.store.history import record_of
from workflow.store.projections import RegisterEntry
from workflow.web.access import allow, allow_anyone, current_actor, in_menu
from workflow.web.at_desk import desk
from workflow.web.employer import frame
from workflow.web.holdings import Holdings, holdings_of
from workflow.web.reading import note_look, note_reading
from workflow.web.shell import LANGUAGES
from workflow.web.shown import language

deadlines = Blueprint("deadlines", __name__)

NAMES = {clock.name: clock.label for clock in reversed(CLOCKS)}
"""The label of each clock; clocks of one name say the same in every flow."""


@deadlines.get("/deadlines")
@allow(Role.OFFICER, Role.REGISTRAR, Role.AUDITOR)
@in_menu(N_("Deadlines"), order=15)
def of_office() -> str:
    """Show what runs in the office, the late first."""
    wanted = Wanted.read(request.args)
    shown = board(desk(), current_actor(), wanted)
    note_look("duty", current_actor().office or "system", "board of deadlines", len(shown.lines))
    return page(shown, wanted, lambda **asked: url_for(".of_office", **asked), employers=employers_of(shown))


@deadlines.get("/employers/<reference>/deadlines")
@allow(*ASKERS, Role.OFFICER)
def of_employer(reference: str) -> str:
    """Show what runs for one employer."""
    mine, wanted = holdings_of(desk(), current_actor(), reference), Wanted.read(request.args)
    shown = board(mine.desk, mine.actor, wanted, mine.employer.subject)
    note_reading(
        record_of(mine.desk.session, mine.employer.subject), "employer's deadlines", len(shown.lines)
    )
    return page(
        shown, wanted, lambda **asked: url_for(".of_employer", reference=reference, **asked), **frame(mine)
    )


def page(shown: Board, wanted: Wanted, address: Callable[..., str], **more: object) -> str:
    """Draw a board."""
    asked = {"when": wanted.bucket, "clock": wanted.clock, "q": wanted.words}
    kept = {name: str(value) for name, value in asked.items() if value}
    return render_template(
        "deadlines.html",
        board=shown,
        wanted=wanted,
        cards=[card(bucket, count, wanted, address) for bucket, count in shown.buckets.items()],
        kinds=[kind("", sum(shown.clocks.values()))]
        + [kind(name, shown.clocks[name]) for name in NAMES if shown.clocks.get(name)],
        said=said,
        answers=answered(shown) if current_actor().role is Role.OFFICER else {},
        here=address(),
        address=lambda number: address(**{**kept, "page": number}),
        **more,
    )


def card(bucket: Bucket, count: int, wanted: Wanted, address: Callable[..., str]) -> dict[str, object]:
    """Give a bucket as a card that counts and leads to its deadlines."""
    chosen = {"when": bucket.value} | ({"clock": wanted.clock} if wanted.clock else {})
    colour = bucket.kind if count else "neutral"
    return {"number": count, "label": gettext(bucket.label), "href": address(**chosen), "kind": colour}


def kind(name: str, count: int) -> dict[str, object]:
    """Give a clock as a choice of the filter; without a name, all of them."""
    return {"value": name, "label": gettext(NAMES[name]) if name else gettext("All"), "count": count}


def said(line: Line) -> str:
    """Say in words how near a deadline is."""
    if line.rests:
        return gettext("paused: the gate is closed")
    if line.bucket is Bucket.LATE:
        return gettext("%(days)s days late", days=-line.days) if line.days else gettext("late since today")
    return gettext("today") if line.days == 0 else gettext("in %(days)s days", days=line.days)


def answered(shown: Board) -> dict[Line, dict[str, str]]:
    """Say by which step on the employer the office may answer a duty that was not met."""
    late = [line for line in shown.lines if line.bucket is Bucket.LATE and line.clock.answered_by and line.employer]
    named = {line.employer for line in late}
    rows = select(RegisterEntry.subject, RegisterEntry.reference).where(RegisterEntry.subject.in_(named))
    known = dict(desk().session.execute(rows).all())
    return {line: answer_to(line, known[line.employer]) for line in late if line.employer in known}


def answer_to(line: Line, employer: str) -> dict[str, str]:
    """Give the step on the employer with its address; the case that shows the breach is named in it."""
    step = line.clock.answered_by
    href = url_for("bars.act_on", reference=employer, step=step, case=line.reference)
    return {"href": href, "label": gettext(step_label("employer", step))}


def employers_of(shown: Board) -> dict[str, str]:
    """Name the employers on a board."""
    named = {line.employer for line in shown.lines if line.employer}
    rows = select(RegisterEntry.subject, RegisterEntry.name).where(RegisterEntry.subject.in_(named))
    return {row.subject: row.name for row in desk().session.execute(rows)}


# the calendar on a telephone ----------------------------------------------------------------


@deadlines.get("/employers/<reference>/feed")
@allow(*ASKERS)
def addresses(reference: str) -> str:
    """List the open addresses of an employer's calendar."""
    return addresses_page(holdings_of(desk(), current_actor(), reference))


@deadlines.post("/employers/<reference>/feed")
@allow(*ASKERS)
def open_address(reference: str) -> str | Answer:
    """Make an address and show it, once."""
    mine = holdings_of(desk(), current_actor(), reference)
    session = mine.desk.session
    begin_write(session)
    try:
        made = feeds.open_address(
            session, mine.employer.subject, mine.actor.account, language(), mine.desk.now()
        )
    except feeds.TooManyAddresses:
        session.rollback()
        return make_response(addresses_page(mine, full=True), 409)
    session.commit()
    return addresses_page(mine, f"{mine.desk.site}{url_for('.fetch', secret=made)}")


@deadlines.post("/employers/<reference>/feed/<digest>/revoke")
@allow(*ASKERS)
def revoke(reference: str, digest: str) -> Answer:
    """Close an address for good."""
    mine = holdings_of(desk(), current_actor(), reference)
    session = mine.desk.session
    begin_write(session)
    feeds.revoke(session, mine.employer.subject, digest, mine.desk.now())
    session.commit()
    return redirect(url_for(".addresses", reference=reference), 303)


def addresses_page(mine: Holdings, made: str = "", *, full: bool = False) -> str:
    """Draw the page of the addresses; one that was just made stands there in full."""
    found = feeds.addresses_of(mine.desk.session, mine.employer.subject)
    return render_template(
        "feed_addresses.html", **frame(mine), found=found, made=made, full=full, languages=LANGUAGES
    )


@deadlines.get("/calendar/<secret>.ics")
@allow_anyone
def fetch(secret: str) -> Response:
    """Give the calendar under a secret address; a wrong or closed one is not found."""
    at = desk()
    try:
        found = feeds.fetch(at.session, secret[:100], at.now())
    except feeds.TooManyFetches as often:
        return Response(status=429, headers={"Retry-After": str(seconds(often.wait))})
    if found is None:
        abort(404)
    name = at.session.scalar(select(RegisterEntry.name).filter_by(subject=found.employer))
    with force_locale(found.language):
        written = calendar_of(at, found.employer, name or "", at.site, gettext)
    answer = Response(written, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=900"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.set_etag(feeds.digest_of(written.decode()))
    return answer.make_conditional(request)


def seconds(wait: timedelta) -> int:
    """Give a time to wait in whole seconds."""
    return max(1, int(wait.total_seconds()))
