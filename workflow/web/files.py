"""The files of a case as they are opened on screen: photos, scans, signed papers, each look on record."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, abort, send_file
from flask_babel import gettext

from workflow import casework
from workflow.domain.actor import Actor
from workflow.domain.everywhere import AttachedFile
from workflow.domain.evidence import Ask, questions
from workflow.domain.flows import step_label
from workflow.domain.record import Done, Record
from workflow.store.files import FileLost, open_file
from workflow.store.payloads import Erased
from workflow.web import narrow
from workflow.web.access import allow, current_actor
from workflow.web.at_desk import desk
from workflow.web.reading import note_reading
from workflow.web.steps import record_seen

files = Blueprint("files", __name__)


@dataclass(frozen=True, slots=True)
class Attached:
    """One file of a case: what it shows, where it came in."""

    label: str
    about: str
    digest: str
    done: Done


@files.get("/cases/<string:reference>/files/<string:digest>")
@allow()
def show(reference: str, digest: str) -> Response:
    """Open a file of a case that the actor may see."""
    actor = current_actor()
    record = record_seen(desk(), actor, reference)
    found = next((one for one in attached_to(actor, record) if one.digest == digest), None)
    if found is None:
        abort(404)
    note_reading(record, f"file of an entry: {found.done.number}")
    return sent(record, digest)


def sent(record: Record, digest: str) -> Response:
    """Send the bytes to be shown in the browser."""
    try:
        body = open_file(desk().session, digest, casework.key_of(desk(), record.subject))
    except (FileLost, Erased):
        abort(404)
    kind, ending = ("application/pdf", "pdf") if body.startswith(b"%PDF-") else ("image/jpeg", "jpg")
    return send_file(io.BytesIO(body), kind, download_name=f"{record.reference}-{digest[:8]}.{ending}")


def attached_to(actor: Actor, record: Record) -> list[Attached]:
    """List the files of a case that the actor may open, the newest first."""
    return [
        one
        for done in reversed(narrow.shown_of(actor, record))
        if not narrow.only_outcome(actor.role, done)
        for one in _files_of(actor, record, done)
    ]


def _files_of(actor: Actor, record: Record, done: Done) -> Iterator[Attached]:
    step = gettext(step_label(record.flow, done.step))
    for name, asked in questions(type(done.evidence)).items():
        digest = getattr(done.evidence, name)
        if asked.ask is Ask.FILE and digest and narrow.may_read(actor.role, asked):
            yield Attached(_label(done, asked.label), step, digest, done)
    if done.scan:
        yield Attached(gettext("Scan of the signed paper"), step, done.scan, done)


def _label(done: Done, label: str) -> str:
    return gettext(done.evidence.shows.label) if isinstance(done.evidence, AttachedFile) else gettext(label)
