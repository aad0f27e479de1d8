"""Short words for tests that drive cases: who does what, where it leads, what stands against it."""

from datetime import timedelta

from sqlalchemy import select

from workflow import casework, namelists
from workflow.casework import Act, Performed
from workflow.demonstration import Season
from workflow.domain.application import (
    CodedReason,
    EarlierEntry,
    Entry,
    MedicalClass,
    MedicalResult,
    PermitOrder,
    PermitOutcome,
    Referral,
)
from workflow.domain.everywhere import Correction, Reason
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.flow import Refused, StepFault
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Case, Document

WHY = Reason(reason="ตามที่แจ้ง")
CODED = CodedReason(reason_code="other", reason="ตามที่แจ้ง")
GIVEN = ("SOKHA", "VANNAK", "PISEY", "RITHY", "CHENDA", "BOPHA", "DARITH", "MALIS", "SAMNANG", "TOLA", "VEASNA",
         "ROTHA", "KOLAP", "NIMOL", "PHALLA", "SREYPOV", "THIDA", "UDOM", "VICHEA", "YORN")  # fmt: skip


def rows(count: int, first: int = 1) -> list[ListRow]:
    """Name so many workers of a list, none like another."""
    numbers = range(first, first + count)
    return [
        ListRow(
            row=number + 6, name_latin=f"{GIVEN[-number % 20]} {GIVEN[number % 20]}", sex="F" if number % 3 == 0 else "M",
            pass_number=f"PL{160000 + number}", birth_year=1970 + number % 35,
        )
        for number in numbers
    ]  # fmt: skip


def opened(season: Season, count: int = 1, first: int = 1) -> list[str]:
    """Open the applications of a new list; give them in its order."""
    request = season.request(rows(count, first))
    asked = (
        select(Case.subject).filter_by(request=request.subject, flow="application").order_by(Case.reference)
    )
    return list(season.desk.session.scalars(asked))


def one(season: Season, until: str = "opened") -> str:
    """Bring one worker's application to a state."""
    (subject,) = opened(season)
    if until != "opened":
        assert season.drive([subject], until=until) == [subject], season.left
    return subject


def does(
    season: Season, user: str, subject: str, step: str, evidence: Evidence | None = None, **act: object
) -> Performed:
    """Somebody does a step."""
    return casework.perform(season.desk, season.cast[user], subject, step, evidence or Nothing(), Act(**act))


def record(season: Season, subject: str) -> Record:
    """Read a case as it stands."""
    season.desk.session.rollback()
    return record_of(season.desk.session, subject)


def state(season: Season, subject: str) -> str | None:
    """Say where a case stands."""
    return record(season, subject).state


def flags(season: Season, subject: str) -> set[str]:
    """Say what holds beside the state."""
    return set(record(season, subject).flags)


def against(
    season: Season, user: str, subject: str, step: str, evidence: Evidence | None = None, **act: object
) -> object:
    """What stands against a step: the codes of its refusals, or the kind of fault; None when it is done."""
    before = record(season, subject) if subject else None
    try:
        does(season, user, subject, step, evidence, **act)
    except Refused as refused:
        assert record(season, subject) == before
        return [refusal.code for refusal in refused.refusals]
    except (StepFault, CaseNotFound) as fault:
        return type(fault).__name__
    return None


def papers(season: Season, subject: str, key: str | None = None) -> list[Document]:
    """List the papers of a case, the oldest first."""
    season.desk.session.rollback()
    asked = select(Document).filter_by(owner=subject).order_by(Document.owed_at, Document.number)
    return [paper for paper in season.desk.session.scalars(asked) if key in (None, paper.key)]


def corrected(season: Season, subject: str, step: str, **changes: object) -> Performed:
    """Have one officer propose and another confirm what an entry really stated."""
    propose(season, subject, step, **changes)
    return does(season, "clerk", subject, "confirm_correction")


def propose(season: Season, subject: str, step: str, user: str = "officer", **changes: object) -> Performed:
    """Have an officer propose what an entry really stated."""
    done = record(season, subject).last(step)
    values = done.evidence.plain() | changes
    proposal = Correction(number=done.number, values=values, reason="พิมพ์ผิด")
    return does(season, user, subject, "propose_correction", proposal)


# evidence -------------------------------------------------------------------------------------


def referral(season: Season, days: int = 1) -> Referral:
    """Send to the hospital in some days."""
    on = season.calendar.today() + timedelta(days=days)
    return Referral(hospital=season.cast.entries["hospital"], appointment_on=on)


def medical(season: Season, result: MedicalClass = MedicalClass.FIT, days_ago: int = 0) -> MedicalResult:
    """State an examination of some days ago."""
    today = season.calendar.today()
    return MedicalResult(
        hospital=season.cast.entries["hospital"], certificate_number=f"MC-{season.invention.next('tested'):05d}",
        doctor="นายแพทย์ศุภชัย ตรวจดี", doctor_licence="ว.00001", examined_on=today - timedelta(days=days_ago), result=result,
        follow_up_on=today + timedelta(days=30) if result is MedicalClass.TREATMENT else None,
    )  # fmt: skip


def stamp(season: Season, gate: str = "ban_laem", days_ago: int = 0) -> Entry:
    """State a stamp of some days ago that lets stay for thirty."""
    on = season.calendar.today() - timedelta(days=days_ago)
    return Entry(gate=gate, stamped_on=on, stay_until=on + timedelta(days=30))


def earlier(season: Season, days_ago: int = 3) -> EarlierEntry:
    """State a stamp of before, without an appointment."""
    plain = stamp(season, days_ago=days_ago)
    return EarlierEntry(
        gate=plain.gate, stamped_on=plain.stamped_on, stay_until=plain.stay_until, reason="เข้ามาก่อนแล้ว"
    )


def order(outcome: PermitOutcome = PermitOutcome.PERMIT, **rest: object) -> PermitOrder:
    """State the registrar's order."""
    return PermitOrder(order=outcome, **rest)


def open_list(season: Season, request: str, batch: str) -> list[str]:
    """Open what a list has not opened yet; give the new applications."""
    results = namelists.open_listed(season.desk, season.cast["officer"], request, batch)
    return [result.performed.record.subject for result in results if result.performed]
