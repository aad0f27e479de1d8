"""What the code on a paper tells anybody who asks: whether it is genuine and still counts, and as little else as can be."""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, select

from workflow import tokens
from workflow.desk import Desk
from workflow.domain.conditions import interim
from workflow.domain.documents import DOCUMENTS
from workflow.domain.kinds import on_permit
from workflow.domain.masking import masked, name_on
from workflow.domain.paper import Frozen
from workflow.domain.spells import employments
from workflow.domain.standing import standing
from workflow.domain.thai import arabic_digits, bangkok_date
from workflow.domain.words import N_
from workflow.lookups import situation
from workflow.store.history import record_of
from workflow.store.projections import Case, Document, Employment, Period, RegisterEntry
from workflow.tokens import Altered
from workflow.vouching import public_keys

CODE = re.compile(r"[a-z0-9]{20,32}")


class Verdict(StrEnum):
    """What is said of a paper; the label is the sentence."""

    label: str
    kind: str

    def __new__(cls, value: str, label: str, kind: str) -> "Verdict":
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.label = label
        verdict.kind = kind
        return verdict

    GENUINE = "genuine", N_("This paper is genuine and counts."), "good"
    IN_FORCE = "in_force", N_("Genuine. The work permit is in force."), "good"
    RENEWAL = "renewal", N_("Genuine. The work permit is in force while its renewal is pending."), "good"
    NOT_YET = "not_yet", N_("Genuine, but the work permit begins later."), "waiting"
    ON_HOLD = "on_hold", N_("Genuine, but the work permit is on hold: no work now."), "stopped"
    NO_WORK = "no_work", N_("Genuine, but no work is allowed under the permit now."), "stopped"
    ENDED = "ended", N_("Genuine, but the work permit has ended."), "stopped"
    REVOKED = "revoked", N_("Genuine, but the work permit was revoked."), "stopped"
    REPLACED = "replaced", N_("Replaced by a newer paper. This sheet no longer counts."), "stopped"
    VOID = "void", N_("Void. This sheet no longer counts."), "stopped"
    UNKNOWN = "unknown", N_("There is no paper with this code."), "stopped"
    ALTERED = "altered", N_("Not genuine: altered, or not made by this office."), "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """What may be told: of a paper that is carried also employer, place and days; of others no more than a masked name."""

    verdict: Verdict
    key: str = ""
    title: str = ""
    number: str = ""
    office: dict[str, str] | None = None
    made_on: date | None = None
    name: str = ""
    replaced_by: str = ""
    employer: str = ""
    workplace: str = ""
    job: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    renewal_on: date | None = None
    renewal_receipt: str = ""
    specimen: bool = False


    @property
    def known(self) -> bool:
        """Say whether there is such a paper at all."""
        return self.verdict not in (Verdict.UNKNOWN, Verdict.ALTERED)


NOBODY = Genuine(verdict=Verdict.UNKNOWN)
FORGED = Genuine(verdict=Verdict.ALTERED)


def plain_code(written: str) -> str:
    """Take a code as scanned or typed: capitals, spaces and hyphens do not matter."""
    return re.sub(r"[\s-]", "", arabic_digits(written)).lower()


def look_up(desk: Desk, written: str) -> Genuine:
    """Say what a code stands for.

    A code that never was, one that is none, and one of an erased person are told alike, after the same search.
    """
    code = plain_code(written)
    return _told(desk, select(Document).filter_by(code=code if CODE.fullmatch(code) else ""))


def look_up_scanned(desk: Desk, read: str) -> Genuine:
    """Say what all that a scanner read stands for: a code, an address that ends with one, or a signed token.

    Of a token how its paper stands now is told: the register knows more than was printed.
    """
    if tokens.written_in(read) is None:
        return look_up(desk, read.partition("#")[0].strip().rpartition("/")[2])
    try:
        number = tokens.read(read, public_keys(desk)).number
    except Altered:
        return FORGED
    return _told(desk, select(Document).filter_by(number=number))


def _told(desk: Desk, wanted: Select[tuple[Document]]) -> Genuine:
    paper = desk.session.scalar(wanted)
    frozen = record_of(desk.session, paper.subject).history[0].evidence if paper else None
    if paper is None or not isinstance(frozen, Frozen):
        return NOBODY
    facts, permit = frozen.facts, _permit(desk, paper)
    verdict, newer = _verdict(desk, paper, permit)
    told = Genuine(
        verdict=verdict,
        key=paper.key,
        title=DOCUMENTS[paper.key].title,
        number=paper.number,
        replaced_by=newer,
        office={language: facts["office"].get(f"name_{language}") or "" for language in ("th", "en")},
        made_on=date.fromisoformat(facts["document"]["made_on"]),
        name=masked(name_on(facts)),
        specimen=bool(facts["document"].get("specimen")),
    )
    counts = verdict not in (Verdict.VOID, Verdict.REPLACED)
    return _with_permit(desk, told, permit) if permit and counts else told


def _permit(desk: Desk, paper: Document) -> Case | None:
    """Find the permit that an application was issued as, or that it renewed or changed."""
    if not DOCUMENTS[paper.key].checkable:
        return None
    opened = on_permit(record_of(desk.session, paper.owner).history[0].evidence)
    if opened is not None:
        return desk.session.get(Case, opened.permit)
    held = select(Case).join(Period, Period.permit == Case.subject).where(Period.application == paper.owner)
    return desk.session.scalars(held.limit(1)).first()


def _verdict(desk: Desk, paper: Document, permit: Case | None) -> tuple[Verdict, str]:
    """Give the verdict, with the number of the paper that came in place of this one."""
    if paper.state == "void":
        newer = desk.session.scalar(select(Document.number).filter_by(replaces=paper.number).limit(1))
        return (Verdict.REPLACED, newer) if newer else (Verdict.VOID, "")
    return (Verdict.GENUINE if permit is None else _verdict_of(permit, bangkok_date(desk.now()))), ""


def _verdict_of(permit: Case, today: date) -> Verdict:
    """Say how a permit stands, as its own first line does."""
    line = standing(situation(permit), today)
    if permit.state == "revoked":
        return Verdict.REVOKED
    if permit.state != "active" or line.ran_out:
        return Verdict.ENDED
    if line.pending:
        return Verdict.RENEWAL
    if permit.valid_from is not None and permit.valid_from > today:
        return Verdict.NOT_YET
    if line.may_work:
        return Verdict.IN_FORCE
    return Verdict.ON_HOLD if "on_hold" in permit.flags.split(",") else Verdict.NO_WORK


def _with_permit(desk: Desk, told: Genuine, permit: Case) -> Genuine:
    """Tell for whom the work is today, where and until when; of a renewal its day and receipt (P30)."""
    works = select(RegisterEntry.name, Employment.workplace).join(
        RegisterEntry, RegisterEntry.subject == Employment.employer
    )
    running = works.where(Employment.permit == permit.subject, Employment.ended_on.is_(None))
    rows = desk.session.execute(running.order_by(Employment.from_on)).all()
    record = record_of(desk.session, permit.subject)
    renewal = interim(record, bangkok_date(desk.now()))
    jobs = dict.fromkeys(spell.job for spell in employments(record) if spell.runs)
    return replace(
        told,
        employer=", ".join(row.name for row in rows),
        workplace=" · ".join(dict.fromkeys(row.workplace for row in rows)),
        job=" · ".join(filter(None, jobs)),
        valid_from=permit.valid_from,
        valid_until=permit.valid_until,
        renewal_on=renewal.on if renewal else None,
        renewal_receipt=renewal.number if renewal else "",
    )
