"""The demonstration: invented people of Pong Nam Ron who drive real cases through the same verbs as the screens.

Everything here is plainly invented; it is used in demonstration mode only.
"""

import io
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw

from workflow import casework, namelists, uploads
from workflow.casework import Act, Item, Result
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import SYSTEM, Actor, OfficeKind, Role
from workflow.domain.application import (
    Entry,
    EntryPlan,
    Filing,
    HandOver,
    Identity,
    MedicalClass,
    MedicalResult,
    OfficerOpinion,
    OfficialNumbers,
    Payment,
    PermitOrder,
    PermitOutcome,
    Precision,
    ReceiptSource,
    Referral,
    Sex,
    Title,
)
from workflow.domain.evidence import Evidence, Nothing
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.domain.registers import Account, Employer, EmployerKind, Hospital, Office
from workflow.domain.request import Demand, NameList, Opinion, RequestOrder, RequestOutcome, RequestReceipt, Undertaking, WageUnit
from workflow.domain.thai import check_digit
from workflow.people import actor_named
from workflow.store.history import record_of

DISTRICT, PROVINCIAL = "PNR", "CTI"
OPENED_ON = date(2026, 1, 1)
BANGKOK_NINE = timedelta(hours=2)
"""Nine in the morning in Bangkok, in UTC."""

OFFICES = {
    DISTRICT: Office(code=DISTRICT, kind_of=OfficeKind.DISTRICT, name_th="ที่ว่าการอำเภอโป่งน้ำร้อน (สาธิต)", name_en="Pong Nam Ron District Office (demonstration)", province="22", address="ถนนสาธิต ตำบลโป่งน้ำร้อน อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 001"),
    PROVINCIAL: Office(code=PROVINCIAL, kind_of=OfficeKind.PEO, name_th="สำนักงานจัดหางานจังหวัดจันทบุรี (สาธิต)", name_en="Chanthaburi Provincial Employment Office (demonstration)", province="22", address="ถนนสาธิต ตำบลวัดใหม่ อำเภอเมืองจันทบุรี จังหวัดจันทบุรี 22000", phone="039 000 002"),
}  # fmt: skip
HOSPITAL = Hospital(name="โรงพยาบาลโป่งน้ำร้อน (สาธิต)", name_latin="Pong Nam Ron Hospital (demonstration)", address="อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 003", government=True)  # fmt: skip
ORCHARD = Employer(kind_of=EmployerKind.JURISTIC, name="สวนลำไยตัวอย่าง จำกัด", number="0225569000018", business="ปลูกลำไย", address="99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 010", mobile="081 000 0010", signatory="นายสมชาย ตัวอย่างดี", signatory_position="กรรมการผู้จัดการ", registered_on=date(2016, 5, 12), capital=5_000_000, income_year=2025, income=18_400_000, tax=220_000, thai_staff=12, foreign_staff=40)  # fmt: skip
SECOND_ORCHARD = Employer(kind_of=EmployerKind.NATURAL, name="นางมาลี สวนทดลอง", number="1100200300403", business="ปลูกลำไยและทุเรียน", address="12 หมู่ 2 ตำบลคลองใหญ่ อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", mobile="081 000 0020", signatory="นางมาลี สวนทดลอง", thai_staff=3, foreign_staff=8)  # fmt: skip

PEOPLE = (
    # user name, name, role, position, where
    ("owner", "นายสมชาย ตัวอย่างดี", Role.EMPLOYER, "กรรมการผู้จัดการ", "orchard"),
    ("owner2", "นางมาลี สวนทดลอง", Role.EMPLOYER, "เจ้าของสวน", "orchard2"),
    ("officer", "นางสาวกมลวรรณ สาธิตกุล", Role.OFFICER, "เจ้าพนักงานแรงงานอำเภอ", DISTRICT),
    ("clerk", "นายธีรพงษ์ จดบันทึก", Role.OFFICER, "เจ้าหน้าที่บันทึกข้อมูล", DISTRICT),
    ("peo", "นางอรุณี จัดหางาน", Role.OFFICER, "นักวิชาการแรงงานชำนาญการ", PROVINCIAL),
    ("registrar", "นายวิชัย นายทะเบียน", Role.REGISTRAR, "จัดหางานจังหวัดจันทบุรี นายทะเบียน", PROVINCIAL),
    ("cashier", "นางสาวปราณี การเงิน", Role.CASHIER, "เจ้าพนักงานการเงินและบัญชี", PROVINCIAL),
    ("hospital", "นายแพทย์ศุภชัย ตรวจดี", Role.HOSPITAL, "แพทย์", "hospital"),
    ("gate", "ร.ต.อ. มานะ ด่านแดน", Role.CHECKPOINT, "เจ้าหน้าที่ตรวจคนเข้าเมือง", "ban_laem"),
    ("gate2", "ร.ต.ท. ชูใจ ด่านแดน", Role.CHECKPOINT, "เจ้าหน้าที่ตรวจคนเข้าเมือง", "ban_pakkad"),
    ("auditor", "นางสุดา ตรวจสอบ", Role.AUDITOR, "นักวิชาการตรวจสอบภายใน", PROVINCIAL),
    ("admin", "นายเอกชัย ดูแลระบบ", Role.ADMINISTRATOR, "ผู้ดูแลระบบ", PROVINCIAL),
)


@dataclass(slots=True)
class Calendar:
    """A clock that only the demonstration turns: a second passes with each look, days when told."""

    moment: datetime

    @classmethod
    def at(cls, on: date) -> "Calendar":
        """Begin at nine in the morning of a day in Bangkok."""
        return cls(datetime.combine(on, time(0), UTC) + BANGKOK_NINE)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def next_day(self, days: int = 1) -> date:
        """Turn to nine in the morning some days later."""
        on = (self.moment + timedelta(hours=7)).date() + timedelta(days=days)
        self.moment = max(self.moment, datetime.combine(on, time(0), UTC) + BANGKOK_NINE)
        return self.today()

    def today(self) -> date:
        """Tell the day in Bangkok."""
        return (self.moment + timedelta(hours=7)).date()


@dataclass(slots=True)
class Chance:
    """Chance that a seed repeats."""

    source: random.Random

    @classmethod
    def of(cls, seed: int) -> "Chance":
        """Begin from a seed."""
        return cls(random.Random(f"saphan demonstration {seed}"))

    def __call__(self, length: int) -> str:
        return "".join(self.source.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(length))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, and where: actors by user name, register entries by part."""

    actors: dict[str, Actor]
    entries: dict[str, str]

    def __getitem__(self, user_name: str) -> Actor:
        return self.actors[user_name]


def cast(desk: Desk) -> Cast:
    """Enter the demonstration's offices, hospital, employers and accounts, once; give who plays."""
    entries = {code: _enter(desk, "office", office, code, code) for code, office in OFFICES.items()}
    entries["hospital"] = _enter(desk, "hospital", HOSPITAL, "hospital")
    entries["orchard"] = _enter(desk, "employer", ORCHARD, "orchard", chain=DISTRICT)
    entries["orchard2"] = _enter(desk, "employer", SECOND_ORCHARD, "orchard2", chain=DISTRICT)
    for user_name, name, role, position, where in PEOPLE:
        _enter(desk, "account", _account(user_name, name, role, position, where, entries), user_name)
    return Cast({user_name: actor_named(desk.session, user_name) for user_name, *_ in PEOPLE}, entries)


def _account(
    user_name: str, name: str, role: Role, position: str, where: str, entries: dict[str, str]
) -> Account:
    places = {
        Role.EMPLOYER: {"employer": entries.get(where)},
        Role.HOSPITAL: {"hospital": entries.get(where)},
        Role.CHECKPOINT: {"gate": where},
    }
    place = places.get(role, {"office": where})
    return Account(user_name=user_name, name=name, role=role, position=position, valid_from=OPENED_ON, **place)


def _enter(
    desk: Desk, register: str, evidence: Evidence, part: str, subject: str | None = None, chain: str = SYSTEM_CHAIN
) -> str:
    act = Act(request_id=f"demonstration:{register}:{part}")
    entered = casework.begin(
        desk, SYSTEM, register, f"enter_{register}", evidence, act, chain=chain, subject=subject
    )
    return entered.record.subject


# what the people state ----------------------------------------------------------------------


PROVINCE_BY_SIGN = {"BB": "battambang", "PL": "pailin", "BM": "banteay_meanchey", "PS": "pursat", "KK": "koh_kong", "OM": "oddar_meanchey", "PV": "preah_vihear"}  # fmt: skip


@dataclass(slots=True)
class Invention:
    """Invents, from a seed, what a list leaves open; the same seed invents the same."""

    chance: Chance
    today: Callable[[], date]
    numbers: dict[str, int] = field(default_factory=dict)

    def next(self, series: str) -> int:
        """Count up a series of numbers made elsewhere: receipts, certificates, permits."""
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return self.numbers[series]

    def identity(self, row: ListRow, photo: str) -> Identity:
        """State who the worker is, taking from the list all that it says."""
        sex = Sex(row.sex)
        title = Title(row.title) if row.title in {"Mr", "Mrs", "Miss"} else (Title.MR if sex is Sex.M else Title.MISS)
        born, precision = self._birth(row)
        expires = row.pass_expires_on or self.today() + timedelta(days=400)
        return Identity(
            title=title,
            name_latin=row.name_latin or "UNNAMED",
            name_khmer=row.name_khmer or "",
            name_thai=row.name_thai or self._thai_name(row),
            sex=sex,
            birth_on=born,
            birth_precision=precision,
            nationality="KHM",
            pass_number=row.pass_number,
            pass_province=row.pass_province or PROVINCE_BY_SIGN.get((row.pass_key or "")[:2], "battambang"),
            pass_issued_on=row.pass_issued_on or min(self.today(), expires) - timedelta(days=200),
            pass_expires_on=expires,
            address="ที่พักคนงาน 99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
            photo=photo,
        )

    def _birth(self, row: ListRow) -> tuple[date, Precision]:
        if row.birth_on:
            return row.birth_on, Precision.DAY
        if row.birth_year:
            return date(row.birth_year, 1, 1), Precision.YEAR
        age = row.age or self.chance.source.randint(20, 45)
        return date(self.today().year - age - 1, self.chance.source.randint(1, 12), 28), Precision.DAY

    def _thai_name(self, row: ListRow) -> str:
        given = ["โสภา", "ดารา", "วิชิต", "บุญเทือน", "สุวรรณ", "จันทา", "รัตนา", "พิสิษฐ์", "กุสล", "มกรา"]
        family = ["เกียว", "จันทร์", "ลี", "สุข", "คิม", "เฮง", "เทพ", "พัน", "นวน", "เมียะ"]
        return f"{self.chance.source.choice(family)} {self.chance.source.choice(given)}"

    def referral(self, hospital: str) -> Referral:
        """State where the worker is to be examined."""
        return Referral(hospital=hospital, appointment_on=self.today() + timedelta(days=1))

    def medical(self, hospital: str) -> MedicalResult:
        """State a passed examination of today; one in fifty needs treatment and follow-up."""
        treated = self.chance.source.random() < 0.02
        return MedicalResult(
            hospital=hospital,
            certificate_number=f"MC-{self.today().year + 543}-{self.next('certificate'):05d}",
            doctor="นายแพทย์ศุภชัย ตรวจดี",
            doctor_licence="ว.00001",
            examined_on=self.today(),
            result=MedicalClass.TREATMENT if treated else MedicalClass.FIT,
            follow_up_on=self.today() + timedelta(days=30) if treated else None,
        )

    def plan(self, gate: str) -> EntryPlan:
        """State a crossing of tomorrow morning."""
        return EntryPlan(gate=gate, entry_on=self.today() + timedelta(days=1), band="morning", contact="นายสมชาย 081 000 0010")

    def entry(self, gate: str, stay_days: int) -> Entry:
        """State a stamp of today."""
        return Entry(gate=gate, stamped_on=self.today(), stay_until=self.today() + timedelta(days=stay_days))

    def filing(self, demand: Demand, attachments: Iterable[str]) -> Filing:
        """State BT.29 with all its attachments."""
        return Filing(
            work_type="เกษตรกรรม (สวนลำไย)",
            work_nature="กรรมกร เก็บลำไย",
            workplace=demand.workplace,
            from_on=self.today(),
            contract_until=self.today() + timedelta(days=89),
            wage=demand.wage,
            wage_unit=demand.wage_unit,
            education="ประถมศึกษา",
            experience_years=self.chance.source.randint(0, 9),
            reason_not_thai="ประกาศรับสมัครแล้วไม่มีคนไทยสมัครงานเก็บลำไยตามฤดูกาล",
            insurer="โรงพยาบาลโป่งน้ำร้อน (สาธิต)",
            insurance_number=f"HI-{self.next('insurance'):06d}",
            insured_from=self.today(),
            insured_until=self.today() + timedelta(days=99),
            attachments=dict.fromkeys(attachments, "seen"),
        )

    def payment(self, amount: int, payer: str) -> Payment:
        """State money received on a receipt of the official book."""
        number = self.next("receipt")
        return Payment(
            amount=Decimal(amount),
            receipt_source=ReceiptSource.BOOK,
            receipt_book=f"{100 + number // 50}",
            receipt_number=f"{number:05d}",
            paid_by=payer,
        )

    def numbers_given(self) -> OfficialNumbers:
        """State the numbers that the Department of Employment would give."""
        number = self.next("permit")
        twelve = f"00{22 * 10**8 + number:010d}"
        return OfficialNumbers(
            permit_book=f"{1 + number // 100}",
            permit_number=f"64-{number:05d}",
            issued_on=self.today(),
            foreigner_number=f"{twelve}{check_digit(twelve)}",
        )


def drawn_photo(chance: Chance) -> bytes:
    """Draw a plain portrait of nobody, 3 x 4, from chance."""
    picture = Image.new("RGB", (180, 240), (205, 220, 235))
    pen, tint = ImageDraw.Draw(picture), chance.source.randint(150, 200)
    pen.ellipse((55, 45, 125, 130), fill=(tint, tint - 40, tint - 70))
    pen.pieslice((20, 140, 160, 330), 180, 360, fill=(60, chance.source.randint(60, 140), 110))
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85)
    return kept.getvalue()


# the way of one list ------------------------------------------------------------------------


@dataclass(slots=True)
class Season:
    """One employer's list on its way, driven step by step through the verbs of casework."""

    desk: Desk
    cast: Cast
    calendar: Calendar
    invention: Invention
    employer: str = "orchard"
    owner: str = "owner"
    gate: str = "ban_laem"
    batches: int = 0
    told: Callable[[str], None] = lambda _: None
    left: list[Result] = field(default_factory=list)

    def request(self, rows: Sequence[ListRow], *, until: str = "running", men: int | None = None) -> Record:
        """Ask for the workers of a list and bring the request as far as `until`."""
        wanted = men if men is not None else sum(row.sex == "M" for row in rows)
        demand = self.demand(wanted, len(rows) - sum(row.sex == "M" for row in rows))
        chain, owner = DISTRICT, self.cast[self.owner]
        record = casework.begin(self.desk, owner, "request", "draft_request", demand, self._act(), chain=chain).record
        if rows:
            record = self._step(owner, record, "attach_list", NameList(rows=tuple(rows), file_name="demo.xlsx"))
        for user_name, step, evidence in self._way_of_a_request(demand):
            if record.state == until:
                break
            record = self._step(self.cast[user_name], record, step, evidence)
        if until == "running":
            list(self._told(namelists.open_listed(self.desk, self.cast["officer"], record.subject, self._batch())))
        return record_of(self.desk.session, record.subject)

    def demand(self, men: int, women: int) -> Demand:
        """State the demand letter of an orchard."""
        return Demand(
            employer=self.cast.entries[self.employer],
            job="labourer",
            men=men,
            women=women,
            start_on=self.calendar.today() + timedelta(days=8),
            workplace="สวนลำไยตัวอย่าง 99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
            workplace_district="2204",
            gate=self.gate,
            receive_on=self.calendar.today() + timedelta(days=4),
            wage=Decimal("352.00"),
            wage_unit=WageUnit.DAY,
        )

    def _way_of_a_request(self, demand: Demand) -> Iterable[tuple[str, str, Evidence]]:
        signed = self.cast[self.owner].name
        yield self.owner, "submit_request", Undertaking(accepted=True, signed_by=signed)
        yield "officer", "receive_request", RequestReceipt()
        yield "peo", "recommend_request", Opinion(recommends=True, reason="ตรวจแล้ว มีความจำเป็นตามฤดูกาล ที่พักเหมาะสม")
        order = RequestOrder(order=RequestOutcome.APPROVED, men=demand.men, women=demand.women)
        yield "registrar", "decide_request", order
        yield "officer", "lock_list", Nothing()

    def _step(self, actor: Actor, record: Record, step: str, evidence: Evidence) -> Record:
        self.told(f"{record.reference} {step}")
        return casework.perform(self.desk, actor, record.subject, step, evidence, self._act()).record

    def many(
        self, user_name: str, step: str, subjects: Sequence[str], state: Callable[[Record], Evidence]
    ) -> list[str]:
        """Do one step on many workers; give those for whom it was done, keep the others with their reasons."""
        self.told(f"{step}: {len(subjects)}")
        items = [Item(subject, state(record_of(self.desk.session, subject))) for subject in subjects]
        batch = self._batch()
        results = list(casework.perform_many(self.desk, self.cast[user_name], step, items, batch))
        if step == "plan_entry":
            casework.gather_entries(self.desk, self.cast[user_name], results, batch)
        self.left += [result for result in results if not result.done]
        return [result.subject for result in results if result.done]

    def drive(self, subjects: Sequence[str], *, until: str = "issued") -> list[str]:
        """Bring applications to a state: identity, medical check, entry, registration, permit."""
        desk, invention = self.desk, self.invention
        rules = desk.in_force(self.calendar.today(), "22")
        hospital = self.cast.entries["hospital"]
        payer = ORCHARD.name

        def identity(record: Record) -> Evidence:
            photo = self._photo(record.subject)
            return invention.identity(record.history[0].evidence.row, photo)

        def filing(record: Record) -> Evidence:
            asked = record_of(desk.session, record.history[0].evidence.request).last("draft_request").evidence
            return invention.filing(asked, rules.get("attachments"))

        way: tuple[tuple[str, int, str, str, Callable[[Record], Evidence]], ...] = (
            # state reached, days later, who, step, what
            ("requested", 0, "officer", "check_identity", identity),
            ("requested", 0, "officer", "refer_to_hospital", lambda _: invention.referral(hospital)),
            ("cleared", 1, "hospital", "record_medical", lambda _: invention.medical(hospital)),
            ("cleared", 0, "officer", "plan_entry", lambda _: invention.plan(self.gate)),
            ("ready", 1, self._gate_keeper(), "record_entry", lambda _: invention.entry(self.gate, rules.need("stay.days"))),
            ("filed", 1, self.owner, "file_application", filing),
            ("examined", 0, "cashier", "pay_application_fee", lambda _: invention.payment(rules.need("fees.application"), payer)),
            ("assessed", 0, "peo", "give_opinion", lambda _: OfficerOpinion(complete=True, recommends=True, reason="เอกสารครบถ้วน เห็นควรอนุญาต")),
            ("granted", 1, "registrar", "decide", lambda _: PermitOrder(order=PermitOutcome.PERMIT)),
            ("paid", 0, "cashier", "pay_permit_fee", lambda _: invention.payment(rules.need("fees.permit"), payer)),
            ("numbered", 0, "clerk", "enter_numbers", lambda _: invention.numbers_given()),
            ("issued", 0, "officer", "issue_permit", lambda _: HandOver(received_by=self.cast[self.owner].name)),
        )  # fmt: skip
        before = "opened"
        for reached, days, who, step, state in way:
            if until == before and reached != before:
                break
            self.calendar.next_day(days) if days else None
            subjects = self.many(who, step, subjects, state)
            before = reached
        return list(subjects)

    def _gate_keeper(self) -> str:
        return "gate" if self.gate == "ban_laem" else "gate2"

    def _photo(self, subject: str) -> str:
        return uploads.keep_upload(self.desk, subject, drawn_photo(self.invention.chance), photo=True)

    def _told(self, results: Iterable[Result]) -> Iterable[Result]:
        for result in results:
            if not result.done:
                self.left.append(result)
            yield result

    def _act(self) -> Act:
        return Act()

    def _batch(self) -> str:
        self.batches += 1
        return f"demonstration:{self.desk.chance(12)}:{self.batches}"
