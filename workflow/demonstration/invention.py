"""What the people of the demonstration state where a list leaves it open: invented, and the same for a seed."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw

from workflow.demonstration.chance import Chance
from workflow.domain.application import (
    Entry,
    EntryPlan,
    Filing,
    Identity,
    MedicalClass,
    MedicalResult,
    OfficialNumbers,
    Payment,
    Precision,
    ReceiptSource,
    Referral,
    Sex,
    Title,
)
from workflow.domain.namelist import ListRow
from workflow.domain.request import Demand
from workflow.domain.thai import check_digit

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
        title = (
            Title(row.title)
            if row.title in {"Mr", "Mrs", "Miss"}
            else (Title.MR if sex is Sex.M else Title.MISS)
        )
        born, precision = self._birth(row)
        expires = row.pass_expires_on or self.today() + timedelta(days=400)
        return Identity(
            title=title,
            name_latin=row.name_latin or self._latin_name(),
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

    def _latin_name(self) -> str:
        given = ["SOPHEA", "DARA", "VICHET", "BUNTHOEUN", "SOVANN", "CHANTHA", "RATANA", "PISETH", "KOSAL", "MAKARA"]
        return f"{self.chance.source.choice(['KEO', 'CHAN', 'LY', 'SOK', 'KIM', 'HENG'])} {self.chance.source.choice(given)}"

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
        return EntryPlan(
            gate=gate,
            entry_on=self.today() + timedelta(days=1),
            band="morning",
            contact="นายสมชาย 081 000 0010",
        )

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
