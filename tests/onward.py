"""What comes after a permit, driven through the verbs: renewals, further employers, substitutes, to any state."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from tests.driving import does, medical, one, record, referral, rows, stamp
from workflow import casework, onpermit, uploads
from workflow.casework import Act, Performed
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.demonstration.people import DISTRICT, SECOND_ORCHARD
from workflow.domain.actor import SYSTEM, Actor, Role
from workflow.domain.application import (
    ChangeFiling,
    HandOver,
    OfficerOpinion,
    PermitOrder,
    PermitOutcome,
    SubstituteFiling,
)
from workflow.domain.evidence import Evidence
from workflow.domain.kinds import AdditionOfEmployer, ChangeOfEmployer, OnPermit, Renewal, Substitution
from workflow.domain.permit import Loss
from workflow.domain.record import Record
from workflow.domain.request import WageUnit
from workflow.store.projections import Case

GOOD = PermitOrder(order=PermitOutcome.PERMIT)


def permitted(season: Season, days: int | None = None) -> str:
    """Bring one worker to a permit, of so many days where the registrar shortens it; give it."""
    application = one(season, "issued" if days is None else "assessed")
    if days is not None:
        until = season.calendar.today() + timedelta(days=days)
        does(season, "registrar", application, "decide", replace(GOOD, valid_until=until))
        to_issue(season, application)
    worker = record(season, application).history[0].evidence.worker
    return season.desk.session.scalars(select(Case.subject).filter_by(flow="permit", worker=worker)).one()


def near_the_end(season: Season, permit: str, days: int = 20) -> None:
    """Let the time pass until so many days before the permit ends, with a re-entry on the way."""
    until = season.desk.session.get(Case, permit).valid_until
    season.calendar.next_day((until - season.calendar.today()).days - days)
    does(season, "officer", permit, "record_reentry", stamp(season))


def another(season: Season, number: int, places: int = 1) -> str:
    """Enter one more orchard with an owner and a running request that has places left; give its part."""
    part, owner = f"orchard{number}", f"owner{number}"
    if part not in season.cast.entries:
        entry = replace(SECOND_ORCHARD, name=f"สวน {number}", number=f"110020030{number:04d}")
        entered = casework.begin(season.desk, SYSTEM, "employer", "enter_employer", entry, chain=DISTRICT).record.subject
        season.cast.entries[part] = entered
        season.cast.actors[owner] = Actor(
            person=owner, account=owner, role=Role.EMPLOYER, name=f"เจ้าของสวน {number}", employer=entered
        )
    season.employer, season.owner = part, owner
    season.request(rows(1, 40 + number * 3), men=1 + places)
    season.employer, season.owner = "orchard", "owner"
    return part


def request_of(season: Season, part: str) -> str:
    """Give the running request of an employer."""
    asked = select(Case.subject).filter_by(flow="request", employer=season.cast.entries[part], state="running")
    return season.desk.session.scalars(asked).first()


def scan_for(season: Season, permit: str) -> str:
    """Keep a signed consent under the worker's key."""
    return uploads.keep_upload(season.desk, permit, drawn_photo(season.invention.chance))


def worker_of(season: Season, permit: str) -> str:
    """Say whose permit it is."""
    return record(season, permit).history[0].evidence.worker


def renewal(season: Season, permit: str, part: str = "orchard") -> Renewal:
    """State the wish to renew."""
    return Renewal(permit=permit, worker=worker_of(season, permit), employer=season.cast.entries[part])


def addition(season: Season, permit: str, part: str) -> AdditionOfEmployer:
    """State the wish of a further employer."""
    return AdditionOfEmployer(
        permit=permit, worker=worker_of(season, permit), employer=season.cast.entries[part],
        request=request_of(season, part), consent_scan=scan_for(season, permit),
    )  # fmt: skip


def change(season: Season, permit: str, part: str, ends: str = "orchard", *, released: bool = True) -> ChangeOfEmployer:
    """State the wish of another employer."""
    return ChangeOfEmployer(
        permit=permit, worker=worker_of(season, permit), employer=season.cast.entries[part],
        request=request_of(season, part), ends=season.cast.entries.get(ends, ""), consent_scan=scan_for(season, permit),
        release_scan=scan_for(season, permit) if released else None,
    )  # fmt: skip


def substitution(season: Season, permit: str) -> Substitution:
    """State the wish for a substitute."""
    return Substitution(permit=permit, worker=worker_of(season, permit), employer=season.cast.entries["orchard"])


def opens(season: Season, user: str, step: str, stated: OnPermit, **act: object) -> Performed:
    """Somebody opens an application on a permit."""
    return onpermit.open_on_permit(season.desk, season.cast[user], step, stated, Act(**act))


def filing_of_change(season: Season) -> ChangeFiling:
    """State BT.44 of a new employer."""
    today, attachments = season.calendar.today(), season.desk.in_force(season.calendar.today(), "22").get("attachments")
    return ChangeFiling(
        work_type="เกษตรกรรม (สวนทุเรียน)", work_nature="กรรมกร เก็บทุเรียน", workplace="สวนทุเรียน 12", from_on=today,
        wage=Decimal("360.00"), wage_unit=WageUnit.DAY, reason_not_thai="ไม่มีคนสมัคร",
        attachments=dict.fromkeys(attachments, "seen"),
    )  # fmt: skip


def filing_of_renewal(season: Season, subject: str) -> Evidence:
    """State BT.29 of a renewal, insured for the period to come."""
    opened = record(season, subject).history[0].evidence
    first = record(season, opened.permit).history[0].evidence
    asked = record(season, first.request).last("draft_request").evidence
    rules = season.desk.in_force(season.calendar.today(), "22")
    return replace(
        season.invention.filing(asked, rules.get("attachments")), insured_until=season.calendar.today() + timedelta(days=200)
    )


def onward(season: Season, subject: str, way: list[tuple[str, str, Evidence]]) -> Record:
    """Do steps one after another; give the case after them."""
    for user, step, evidence in way:
        does(season, user, subject, step, evidence)
    return record(season, subject)


def examined(season: Season, subject: str) -> None:
    """Have the worker examined anew."""
    does(season, "officer", subject, "refer_to_hospital", referral(season))
    does(season, "hospital", subject, "record_medical", medical(season))


def filed_on(season: Season, subject: str, owner: str = "owner") -> None:
    """File an application of any kind as its kind is filed; a renewal after its medical check."""
    kind = record(season, subject).history[0].evidence.kind_of
    if kind == "renewal":
        examined(season, subject)
        does(season, owner, subject, "file_application", filing_of_renewal(season, subject))
    elif kind == "substitute":
        does(season, owner, subject, "file_substitute", SubstituteFiling(statement="หายระหว่างเดินทาง"))
    else:
        does(season, owner, subject, "file_change", filing_of_change(season))


def paid(season: Season, subject: str, fee: int) -> Evidence:
    """State a fee received."""
    return season.invention.payment(fee, "ผู้ชำระ")


def to_order(season: Season, subject: str) -> None:
    """Bring a filed application before the registrar."""
    does(season, "cashier", subject, "pay_application_fee", paid(season, subject, 100))
    opinion = OfficerOpinion(complete=True, recommends=True, reason="ครบถ้วน")
    does(season, "peo", subject, "give_opinion", opinion)


def to_issue(season: Season, subject: str, fee: int = 225) -> Record:
    """Bring a granted application to its end: fee, numbers, hand-over."""
    does(season, "cashier", subject, "pay_permit_fee", paid(season, subject, fee))
    opened = record(season, subject).history[0].evidence
    person = record(season, opened.worker).history[-1].evidence
    given = season.invention.numbers_given()
    numbers = replace(given, foreigner_number=person.foreigner_number or given.foreigner_number)
    does(season, "clerk", subject, "enter_numbers", numbers)
    does(season, "officer", subject, "issue_permit", HandOver(received_by="ผู้รับ"))
    return record(season, subject)


def whole(season: Season, user: str, step: str, stated: OnPermit) -> str:
    """Walk an application on a permit from its opening to its issue."""
    subject = opens(season, user, step, stated).record.subject
    filed_on(season, subject, user)
    to_order(season, subject)
    does(season, "registrar", subject, "decide", GOOD)
    assert to_issue(season, subject).state == "issued"
    return subject


def lost(season: Season, permit: str) -> None:
    """Report a permit lost."""
    does(season, "owner", permit, "report_loss", Loss(known_on=season.calendar.today(), where="ตลาด"))
