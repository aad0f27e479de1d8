"""Looks at personal data are put on record, once for each page."""

from workflow.domain.record import Record
from workflow.store import access
from workflow.store.access import Reading
from workflow.web.access import current_actor
from workflow.web.at_desk import desk


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
