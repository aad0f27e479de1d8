"""How an employer is marked wherever one is shown or chosen: warned, to be barred, barred until when, out of business."""

from datetime import date

from flask_babel import gettext

from workflow.domain.employer import FLOW
from workflow.domain.employer_policies import LISTED
from workflow.store.projections import RegisterEntry
from workflow.web.shown import show_date


def marks(entry: RegisterEntry, on: date) -> list[tuple[str, str]]:
    """List the marks of an employer in words, each with its kind; nothing for one against whom nothing stands."""
    found = []
    if entry.state != LISTED:
        found.append((gettext(FLOW.label_of(entry.state)), "final"))
    if entry.barred_until is not None and entry.barred_until >= on:
        found.append((gettext("Barred until %(date)s", date=show_date(entry.barred_until)), "stopped"))
    held = frozenset(filter(None, entry.flags.split(",")))
    return found + [(gettext(flag.label), "warning") for flag in FLOW.flags if flag in held]


def name_marked(entry: RegisterEntry, on: date) -> str:
    """Write the name of an employer with its marks, where one is chosen from a list."""
    return " · ".join([entry.name, *(text for text, _ in marks(entry, on))])
