"""What hangs on a person's particulars: the files that took them over, and the standing papers that print them.

What was told of a person becomes another by its field: {"name_latin": (what stood, what stands now)}, both plain.
Only what says the former is touched; a file or paper that says something else was told it by an entry of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from workflow import lookups, paperwork
from workflow.desk import Desk
from workflow.domain.actor import Actor
from workflow.domain.evidence import Evidence
from workflow.domain.policies import photo_of
from workflow.domain.record import Done, Facts, Record
from workflow.domain.validity import current_pass
from workflow.store.history import record_of
from workflow.store.persons import entry_now
from workflow.store.projections import Case, Document

Plain = dict[str, Any]
Told = Mapping[str, tuple[Any, Any]]

TRAVEL = ("pass_number", "pass_province", "pass_issued_on", "pass_expires_on")
PARTICULARS = (
    *("title", "name_latin", "name_khmer", "name_thai", "sex"),
    *("birth_on", "birth_precision", "nationality", *TRAVEL),
)
"""The facts by which the office knows a person, as the check of the identity states them."""
CHECKS = ("check_identity", "replace_travel_document")
"""The entries that state them."""


@dataclass(frozen=True, slots=True)
class Anew:
    """A standing paper that is to be made anew: its case as it stood at the entry that made it, and that entry."""

    paper: Document
    then: Record
    cause: Done
    facts: Facts
    printed: Plain


# what is told otherwise ---------------------------------------------------------------------


def told_by_correction(record: Record) -> Told:
    """Give what the proposed correction of a file tells otherwise of the person; nothing for any other correction."""
    proposed = record.last("propose_correction")
    old = record.history[proposed.evidence.number - 1]
    if record.flow != "application" or old.step not in CHECKS:
        return {}
    was, now = old.evidence.plain(), type(old.evidence).read(proposed.evidence.values).plain()
    return {name: (was[name], now[name]) for name in PARTICULARS if name in was and was[name] != now[name]}


def in_place(part: Mapping[str, Any], told: Told) -> Plain:
    """Give facts with what is told now where they say what was told before."""
    return {
        name: told[name][1] if name in told and value == told[name][0] else value for name, value in part.items()
    }


# the files ----------------------------------------------------------------------------------


def files_of(desk: Desk, worker: str) -> list[str]:
    """List all the files of a worker, the first one first."""
    mine = select(Case.subject).filter_by(worker=worker, flow="application")
    return list(desk.session.scalars(mine.order_by(Case.opened_at, Case.reference)))


def identity_told(file: Record, told: Told) -> Evidence | None:
    """Give the identity of a file as it is told now, with its newest pass and photo; None where nothing becomes another."""
    checked = file.last("check_identity", "keep_identity")
    if checked is None:
        return None
    held = current_pass(file).plain()
    stands = checked.evidence.plain() | {name: held[name] for name in TRAVEL}
    now = in_place(stands, told)
    return None if now == stands else type(checked.evidence).read(now | {"photo": photo_of(file)})


# the papers ---------------------------------------------------------------------------------


def papers_naming(desk: Desk, worker: str, told: Told) -> list[Document]:
    """List the standing papers that tell of a worker what was told before: of files, permits and lists of entry."""
    if not told:
        return []
    mine = desk.session.execute(select(Case.subject, Case.reference, Case.request).filter_by(worker=worker)).all()
    owners = {row.subject for row in mine} | {row.request for row in mine if row.request}
    standing = select(Document).where(Document.owner.in_(owners), Document.state != "void")
    files = {row.reference for row in mine}
    found = desk.session.scalars(standing.order_by(Document.owed_at, Document.number)).all()
    return [paper for paper in found if renamed(printed_by(desk, paper), told, files) != printed_by(desk, paper)]


def references_of(desk: Desk, worker: str) -> set[str]:
    """Give the references of a worker's cases, by which a list of entry names them."""
    return set(desk.session.scalars(select(Case.reference).filter_by(worker=worker)))


def printed_by(desk: Desk, paper: Document) -> Plain:
    """Give the frozen facts of a paper."""
    return desk.record(paper.subject).history[0].evidence.facts


def renamed(facts: Plain, told: Told, files: Iterable[str]) -> Plain:
    """Give what a paper prints with the present particulars in place of the former; `files` are the person's on lists."""
    now, application = dict(facts), facts.get("application") or {}
    if facts.get("worker"):
        now["worker"] = in_place(facts["worker"], told)
    if application.get("identity"):
        now["application"] = application | {"identity": in_place(application["identity"], told)}
    if facts.get("lines"):
        lines = facts["lines"]
        now["lines"] = [in_place(line, told) if line.get("reference") in files else line for line in lines]
    return now


def corrected_papers(desk: Desk, actor: Actor, record: Record, number: int) -> Iterator[Anew]:
    """Find the standing papers of a case that would print otherwise since its entry of this number was corrected."""
    standing = desk.session.scalars(
        select(Document).where(
            Document.owner == record.subject, Document.state != "void", Document.event >= number
        )
    )
    for paper in list(standing):
        cause = record.history[paper.event - 1]
        then = replace(record, history=(*record.history[: paper.event], *_kept_since(record, paper.event)))
        facts = lookups.facts_for(desk, then, None, actor, cause.happened_at, desk.now())
        facts = replace(facts, ruleset=desk.ruleset(cause.ruleset))
        anew = Anew(paper, then, cause, facts, record_of(desk.session, paper.subject).history[0].evidence.facts)
        if _prints_otherwise(desk, anew):
            yield anew


def _kept_since(record: Record, number: int) -> Iterator[Done]:
    """Who the person is does not go back to what was known when a paper was first made."""
    kept = record.last("keep_identity")
    if kept is not None and kept.number > number:
        yield kept


def _prints_otherwise(desk: Desk, anew: Anew) -> bool:
    """Compare what a standing paper prints with what the corrected case says of the same moment."""
    old = anew.printed
    head = {name: old["document"][name] for name in ("number", "version", "replaces", "code", "verify_url")}
    new = paperwork.freeze(desk, anew.paper.key, anew.then, anew.cause, old["actor"], anew.facts, head)
    return {**new, "document": None} != {**old, "document": None}


# beforehand ---------------------------------------------------------------------------------


def papers_to_replace(desk: Desk, actor: Actor, record: Record) -> list[Document]:
    """List the papers that the proposed correction of a case will make anew, before anybody confirms it."""
    proposed = record.last("propose_correction")
    confirmed = replace(record.history[-1], number=record.version + 1, step="confirm_correction")
    after = record.with_event(confirmed, corrects=proposed.evidence.number)
    own = [anew.paper for anew in corrected_papers(desk, actor, after, proposed.evidence.number)]
    told = told_by_correction(record)
    elsewhere = papers_naming(desk, entry_now(desk.session, record.history[0].evidence.worker), told) if told else []
    return list({paper.subject: paper for paper in (*own, *elsewhere)}.values())
