"""Photos of a whole request from one zip, each file named by the border pass: looked through first, attached by one act."""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import select

from forms import photozip
from workflow import casework, uploads
from workflow.casework import Item, Result
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.everywhere import AttachedFile, AttachedKind
from workflow.domain.flow import Refusal, Refused
from workflow.domain.names import pass_key
from workflow.domain.policies import photo_of
from workflow.domain.words import N_
from workflow.store import previews
from workflow.store.previews import Owner
from workflow.store.projections import Case, Pass
from workflow.visibility import visible_to

LONGEST_SIDE = 800
"""Twice what a photo of 3 x 4 cm needs on paper."""

UNKNOWN = Refusal("unknown-pass", N_("No worker of this request has a pass of this number."))
TWICE = Refusal("two-photos", N_("Two files name this worker; leave one of them."))


@dataclass(frozen=True, slots=True)
class Found:
    """One file of the zip: the worker it goes to, or why to nobody; `there` when the case has a photo already."""

    file: str
    subject: str = ""
    reference: str = ""
    title: str = ""
    digest: str = ""
    there: bool = False
    same: bool = False
    fault: Refusal | None = None

    @property
    def good(self) -> bool:
        """Say whether the photo can be attached."""
        return self.fault is None and not self.same


@dataclass(frozen=True, slots=True)
class Waiting:
    """Photos that were looked through and wait for the word; `sign` names this very zip."""

    sign: str
    found: list[Found]


def look_through(desk: Desk, actor: Actor, request: Case, content: bytes) -> None:
    """Read a zip and keep its photos, sealed and unattached, in place of an earlier one; raises Refused."""
    holders = _holders(desk, actor, request)
    read = [_judged(desk, packed, holders) for packed in photozip.unpacked(content)]
    often = Counter(found.subject for found, _ in read if found.subject)
    told = [replace(found, fault=TWICE) if often[found.subject] > 1 else found for found, _ in read]
    pictures = {found.subject: body for found, (_, body) in zip(told, read, strict=True) if found.good}
    with casework.transaction(desk):
        owner, stated = _owner(desk, actor, request), {"found": [asdict(found) for found in told]}
        previews.begin(desk.session, owner, stated, _bound(pictures), desk.now())


def waiting(desk: Desk, actor: Actor, request: Case) -> Waiting | None:
    """Give the photos of a request that an actor looked through and did not attach yet."""
    kept = previews.find(desk.session, _owner(desk, actor, request), desk.now())
    return Waiting(kept.reference, [_read(one) for one in kept.stated["found"]]) if kept else None


def attach(desk: Desk, actor: Actor, request: Case, chosen: Iterable[str]) -> Iterator[Result]:
    """Attach the chosen photos, each to its worker's application; once only, however often it is asked."""
    kept, owner = waiting(desk, actor, request), _owner(desk, actor, request)
    sheet = previews.sheet_of(desk.session, owner)
    if kept is None or sheet is None:
        return
    with ZipFile(io.BytesIO(sheet)) as pictures:
        wanted = set(chosen)
        subjects = [one.subject for one in kept.found if one.good and one.subject in wanted]
        for some in casework.batched(subjects, casework.COMMIT_EVERY):
            items = _kept(desk, some, pictures)
            yield from casework.perform_many(
                desk, actor, "attach_file", items, f"{actor.account}:{kept.sign}"
            )


def _kept(desk: Desk, subjects: list[str], pictures: ZipFile) -> list[Item]:
    with casework.transaction(desk):
        return [
            Item(subject, AttachedFile(shows=AttachedKind.PHOTO, file=_keep(desk, subject, pictures)))
            for subject in subjects
        ]


def _keep(desk: Desk, subject: str, pictures: ZipFile) -> str:
    return uploads.keep_within(desk.session, desk, subject, pictures.read(subject), "image/jpeg")


def forget(desk: Desk, actor: Actor, request: Case) -> None:
    """Let go of photos that were looked through."""
    with casework.transaction(desk):
        previews.end(desk.session, _owner(desk, actor, request))


def _owner(desk: Desk, actor: Actor, request: Case) -> Owner:
    return Owner(actor.account, f"photos:{request.subject}", casework.key_of(desk, request.subject))


def _holders(desk: Desk, actor: Actor, request: Case) -> dict[str, Case]:
    """Say whose pass each number is, among the workers of a request; of two applications the living one."""
    rows = desk.session.execute(
        select(Pass.pass_key, Case)
        .join(Case, Case.worker == Pass.worker)
        .where(Case.request == request.subject, Case.flow == "application", visible_to(desk, actor))
        .order_by(Case.live, Case.opened_at)
    )
    return {row.pass_key: row.Case for row in rows}


def _judged(desk: Desk, packed: photozip.Packed, holders: dict[str, Case]) -> tuple[Found, bytes]:
    if packed.fault:
        return Found(packed.name, fault=packed.fault), b""
    try:
        body, _ = uploads.checked(packed.body, photo=True, longest=LONGEST_SIDE)
    except Refused as refused:
        return Found(packed.name, fault=refused.refusals[0]), b""
    case = next((holders[key] for key in _keys(packed.name) if key in holders), None)
    if case is None:
        return Found(packed.name, fault=UNKNOWN), b""
    there, digest = photo_of(desk.record(case.subject)), sha256(body).hexdigest()
    return (
        Found(
            packed.name, case.subject, case.reference, case.title, digest, there is not None, there == digest
        ),
        body,
    )


def _keys(name: str) -> Iterator[str]:
    """A file is named by the pass alone, or by the pass and then something else."""
    stem = (name.rpartition(".")[0] or name).strip()
    for text in (stem, re.split(r"[\s_(]+", stem)[0], re.split(r"[\s_(.-]+", stem)[0]):
        key = pass_key(text)
        if key:
            yield key


def _bound(pictures: dict[str, bytes]) -> bytes:
    """Bind the pictures by their cases; made anew as they are, nothing is gained by packing them."""
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_STORED) as bound:
        for subject, body in pictures.items():
            bound.writestr(subject, body)
    return kept.getvalue()


def _read(stated: dict[str, Any]) -> Found:
    fault = stated["fault"]
    return Found(**(stated | {"fault": Refusal(**fault) if fault else None}))
