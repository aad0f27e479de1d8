"""The invented offices, hospital, doctor, employers and people of the demonstration."""

from dataclasses import dataclass, replace
from datetime import date

from workflow import casework
from workflow.casework import Act
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import SYSTEM, Actor, OfficeKind, Role
from workflow.domain.evidence import Evidence
from workflow.domain.registers import Account, Doctor, Employer, EmployerKind, Hospital, Office
from workflow.people import actor_named

DISTRICT, PROVINCIAL = "PNR", "CTI"
PASSWORD = "saphan-demonstration"
"""Printed for every newcomer; it opens invented people only."""
OPENED_ON = date(2022, 10, 1)

OFFICES = {
    DISTRICT: Office(code=DISTRICT, kind_of=OfficeKind.DISTRICT, name_th="ที่ว่าการอำเภอโป่งน้ำร้อน (สาธิต)", name_en="Pong Nam Ron District Office (demonstration)", province="22", address="ถนนสาธิต ตำบลโป่งน้ำร้อน อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 001"),
    PROVINCIAL: Office(code=PROVINCIAL, kind_of=OfficeKind.PEO, name_th="สำนักงานจัดหางานจังหวัดจันทบุรี (สาธิต)", name_en="Chanthaburi Provincial Employment Office (demonstration)", province="22", address="ถนนสาธิต ตำบลวัดใหม่ อำเภอเมืองจันทบุรี จังหวัดจันทบุรี 22000", phone="039 000 002"),
}  # fmt: skip
HOSPITAL = Hospital(name="โรงพยาบาลโป่งน้ำร้อน (สาธิต)", name_latin="Pong Nam Ron Hospital (demonstration)", address="อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 003", government=True)  # fmt: skip
DOCTOR = Doctor(name="นายแพทย์ศุภชัย ตรวจดี", licence="ว.00001", valid_from=date(2015, 4, 1), hospitals=())  # fmt: skip
ORCHARD = Employer(kind_of=EmployerKind.JURISTIC, name="สวนลำไยตัวอย่าง จำกัด", number="0225569000010", business="ปลูกลำไย", address="99 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", phone="039 000 010", mobile="081 000 0010", signatory="นายสมชาย ตัวอย่างดี", signatory_position="กรรมการผู้จัดการ", registered_on=date(2016, 5, 12), capital=5_000_000, income_year=2025, income=18_400_000, tax=220_000, thai_staff=12, foreign_staff=40)  # fmt: skip
SECOND_ORCHARD = Employer(kind_of=EmployerKind.NATURAL, name="นางมาลี สวนทดลอง", number="1100200300404", business="ปลูกลำไยและทุเรียน", address="12 หมู่ 2 ตำบลคลองใหญ่ อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140", mobile="081 000 0020", signatory="นางมาลี สวนทดลอง", thai_staff=3, foreign_staff=8)  # fmt: skip

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


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, and where: actors by user name, register entries by part."""

    actors: dict[str, Actor]
    entries: dict[str, str]

    def __getitem__(self, user_name: str) -> Actor:
        return self.actors[user_name]


def cast(desk: Desk) -> Cast:
    """Enter the demonstration's offices, hospital, doctor, employers and accounts, once; give who plays."""
    entries = {code: _enter(desk, "office", office, code, code) for code, office in OFFICES.items()}
    entries["hospital"] = _enter(desk, "hospital", HOSPITAL, "hospital")
    examiner = replace(DOCTOR, hospitals=(entries["hospital"],))
    entries["doctor"] = _enter(desk, "doctor", examiner, "doctor", "doctor")
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
    return Account(
        user_name=user_name, name=name, role=role, position=position, valid_from=OPENED_ON, **place
    )


def _enter(
    desk: Desk,
    register: str,
    evidence: Evidence,
    part: str,
    subject: str | None = None,
    chain: str = SYSTEM_CHAIN,
) -> str:
    act = Act(request_id=f"demonstration:{register}:{part}")
    entered = casework.begin(
        desk, SYSTEM, register, f"enter_{register}", evidence, act, chain=chain, subject=subject
    )
    return entered.record.subject
