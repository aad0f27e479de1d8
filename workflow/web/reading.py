"""Looks at personal data are put on record, once for each page."""

import re
from datetime import date

from flask_babel import gettext

from workflow.domain.documents import DOCUMENTS
from workflow.domain.flows import FLOWS, step_label
from workflow.domain.record import Record
from workflow.domain.words import N_
from workflow.store import access
from workflow.store.access import Reading
from workflow.web.access import current_actor
from workflow.web.at_desk import desk
from workflow.web.shown import show_date

PURPOSES = frozenset({
    N_("case page"), N_("case file"), N_("case file printed"), N_("file of an entry"), N_("all papers"),
    N_("paper opened"), N_("paper printed"), N_("papers to be printed"), N_("originals for the printer"),
    N_("name list"), N_("sheet of the name list"), N_("sheet made from the name list"), N_("preview of a name list"),
    N_("row of a name list"), N_("opening of a name list"), N_("photos of a request"),
    N_("one step for many"),
    N_("employer's page"), N_("pack for an inspection"), N_("employer's workers"),
    N_("employer's calendar"), N_("employer's deadlines"),
    N_("employer's standing"), N_("warned and barred employers"),
    N_("worker's own page"), N_("search"), N_("board of deadlines"), N_("money of a day"), N_("money of a day, printed"),
    N_("lists for a power cut printed"), N_("day closing"), N_("day closing, printed"),
    N_("entries called off"), N_("entries called off, printed"),
    N_("requests and breaches"), N_("renewals to come"), N_("list of a measure"),
    N_("medical results"), N_("sheet of paper permits"), N_("events of a day"),
    N_("register"), N_("register as file"), N_("register, printed"),
    N_("verified"), N_("verified, a day"), N_("verified, an office"), N_("verified against a sheet"),
    N_("code given"), N_("second factor taken away, code given"),
})  # fmt: skip
"""What looks are for: one of these, perhaps with a paper, a step, days or a reason after a colon."""
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def note_reading(record: Record, purpose: str, count: int = 1) -> None:
    """Put on record that the person signed in looked at a case, and what for."""
    note_look(record.flow, record.subject, purpose, count)


def note_look(flow: str, subject: str, purpose: str, count: int = 1) -> None:
    """Put on record a look at more than one case: a day of an office, a register, what a search found."""
    here, actor = desk(), current_actor()
    reading = Reading(
        person=actor.person,
        account=actor.account,
        role=actor.role.value,
        office=actor.office,
        flow=flow,
        subject=subject[:100],
        purpose=purpose,
        read_at=here.now(),
        count=count,
    )
    access.note(here.session, reading)


def show_purpose(purpose: str) -> str:
    """Write in the reader's language what a look was for; a reason that somebody typed stays as it is."""
    words, colon, more = purpose.partition(": ")
    return gettext(words) + colon + _show_detail(more)


def _show_detail(detail: str) -> str:
    if detail in DOCUMENTS:
        return gettext(DOCUMENTS[detail].title)
    flow = next((name for name, flow in FLOWS.items() if flow.rows(detail)), None)
    if flow is not None:
        return gettext(step_label(flow, detail))
    return ISO_DATE.sub(lambda day: show_date(date.fromisoformat(day[0])), detail)
