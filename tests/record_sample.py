"""A frozen record with every fact that a paper may ask for, and one with the longest names people bring."""

# ruff: noqa: E501 - a record is read across, fact by fact

import base64
import copy
import hashlib
import zlib
from datetime import date
from struct import pack
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflow import tokens
from workflow.tokens import Token

Record = dict[str, Any]


def picture(width: int = 90, height: int = 120) -> dict[str, str]:
    """Draw a grey portrait as a small PNG."""

    def shade(x: int, y: int) -> int:
        head = (x - width / 2) ** 2 / (width * 0.22) ** 2 + (y - height * 0.38) ** 2 / (
            height * 0.24
        ) ** 2 < 1
        body = (x - width / 2) ** 2 / (width * 0.42) ** 2 + (y - height) ** 2 / (height * 0.33) ** 2 < 1
        return 95 if head else 130 if body else 225

    rows = b"".join(b"\0" + bytes(shade(x, y) for x in range(width)) for y in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", pack(">2I5B", width, height, 8, 0, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return {
        "sha256": hashlib.sha256(png).hexdigest(),
        "type": "image/png",
        "base64": base64.b64encode(png).decode(),
    }


def term(th: str, en: str, km: str, **more: str | dict[str, str]) -> Record:
    return {"th": th, "en": en, "km": km, **more}


def done(on: str, by: str, position: str, role: str, office: str | None = None, **more: Any) -> Record:
    """How, when and by whom evidence was stated."""
    return {
        "_on": on,
        "_at": f"{on}T03:15:00+00:00",
        "_by": by,
        "_position": position,
        "_role": role,
        "_office_th": office,
        "_for": None,
        "_source": "system",
        **more,
    }


SITE, CODE = "http://127.0.0.1:8000", "K7M2Q9XW4TB3ZC6RD5HN8PJVAE"
CODES = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def signed_url(code: str, number: str = "จบ-PR 123/2569") -> str:
    """The address in the large code of a paper that is carried."""
    token = Token(
        number=number, kind="PR", employers=("บริษัท สวนลำไยสมบูรณ์ จำกัด",), place="2204", job="เก็บและคัดแยกลำไย",
        valid_from=date(2026, 12, 1), valid_until=date(2027, 2, 26), name="S D", specimen=True,
    )  # fmt: skip
    return f"{SITE}/v/{code}#{tokens.write(token, CODES)}"


PEO = "สำนักงานจัดหางานจังหวัดจันทบุรี"
DISTRICT = "ที่ว่าการอำเภอโป่งน้ำร้อน"
OFFICER = ("นายสมชาย ใจดี", "นักวิชาการแรงงานชำนาญการ", "officer", PEO)
REGISTRAR = ("นางวิภา ศรีสุข", "จัดหางานจังหวัดจันทบุรี นายทะเบียน", "registrar", PEO)
CASHIER = ("นางสาวพรทิพย์ แก้วมณี", "เจ้าพนักงานการเงินและบัญชีปฏิบัติงาน", "cashier", PEO)
EMPLOYER = ("นายประเสริฐ สวนลำไย", "กรรมการผู้จัดการ", "employer", None)
NURSE = ("นางสุดา รักษ์ดี", "พยาบาลวิชาชีพ", "hospital", None)
GATE = ("ร.ต.อ.มานะ กล้าหาญ", "รองสารวัตรด่านตรวจคนเข้าเมือง", "checkpoint", None)

REGISTRARS = ("permit_revocation", "suspension_letter", "employer_bar")
"""Papers of a permit or on an employer that the registrar signs."""

TERMS: Record = {
    "gates": {
        "ban-laem": term("บ้านแหลม อำเภอโป่งน้ำร้อน", "Ban Laem", "បានឡែម"),
        "ban-pakkad": term("บ้านผักกาด อำเภอโป่งน้ำร้อน", "Ban Pakkad", "បានផាក់កាត់"),
    },
    "jobs": {
        "labourer": term("งานกรรมกร", "Labourer", "កម្មករ"),
        "domestic": term("งานรับใช้ในบ้าน", "Domestic worker", "អ្នកបម្រើការងារផ្ទះ"),
    },
    "thai_provinces": {"22": term("จันทบุรี", "Chanthaburi", "ចន្ទបុរី")},
    "districts": {"2204": term("อำเภอโป่งน้ำร้อน", "Pong Nam Ron", "ស្រុកប៉ុងណាំរន")},
    "pass_provinces": {
        "battambang": term("พระตะบอง", "Battambang", "បាត់ដំបង"),
        "pailin": term("ไพลิน", "Pailin", "ប៉ៃលិន"),
    },
    "nationalities": {"KHM": term("กัมพูชา", "Cambodian", "កម្ពុជា")},
    "sexes": {"M": term("ชาย", "Male", "ប្រុស"), "F": term("หญิง", "Female", "ស្រី")},
    "bands": {"morning": term("ช่วงเช้า", "Morning", "ពេលព្រឹក")},
    "attachments": {
        "border_pass": term("สำเนาบัตรผ่านแดน", "Copy of the border pass", "ច្បាប់ចម្លងប័ណ្ណឆ្លងដែន", number="4.1"),
        "entry_proof": term("หลักฐานการเข้าเมือง", "Proof of entry", "ភស្តុតាងនៃការចូលប្រទេស", number="4.2"),
        "medical_certificate": term("ใบรับรองแพทย์", "Medical certificate", "វិញ្ញាបនបត្រសុខភាព", number="4.3"),
        "photos": term(
            "รูปถ่ายขนาด 3x4 ซม. จำนวน 3 รูป",
            "Three photos 3 x 4 cm",
            "រូបថត ៣x៤ សង់ទីម៉ែត្រ ចំនួន ៣ សន្លឹក",
            number="4.4",
        ),
        "contract": term(
            "สำเนาสัญญาจ้าง", "Copy of the employment contract", "ច្បាប់ចម្លងកិច្ចសន្យាការងារ", number="4.5"
        ),
        "bt46": term(
            "หนังสือรับรองการจ้าง (แบบ บต. 46)",
            "Employment certification (form WP.46)",
            "លិខិតបញ្ជាក់ការជួល (ទម្រង់ WP.46)",
            number="4.6",
        ),
        "employer_papers": term("หลักฐานของนายจ้าง", "Papers of the employer", "ឯកសាររបស់និយោជក", number="4.7"),
    },
    "refusal_reasons": {
        "quota": term(
            "จำนวนที่ขอเกินความจำเป็นหรือเกินจำนวนที่กำหนด",
            "The number exceeds the need or the quota",
            "ចំនួនលើសតម្រូវការ ឬលើសកូតា",
            about=term("จำนวนคนงานที่ขอ", "Number of workers asked for", "ចំនួនកម្មករដែលបានស្នើ"),
            do=term("ลดจำนวนลง หรือแสดงหลักฐานความจำเป็น แล้วยื่นใหม่", "Ask for fewer and apply again", "បន្ថយចំនួន រួចដាក់ម្ដងទៀត"),
        ),
        "medical": term("ไม่ผ่านการตรวจสุขภาพ", "Medical check not passed", "មិនជាប់ការពិនិត្យសុខភាព",
            about=term("ใบรับรองแพทย์", "Medical certificate", "វិញ្ញាបនបត្រសុខភាព"),
            do=term("ขอตรวจซ้ำได้ หรือรักษาให้หายแล้วยื่นคำขอใหม่", "A re-test may be asked for", "អាចសុំពិនិត្យឡើងវិញ"),
        ),
    },
    "employer_grounds": {
        "not_told": term(
            "ไม่แจ้งอำเภอภายในเวลาที่รับรองไว้ เมื่อเลิกจ้างหรือคนงานหายไป", "Did not tell the district in time", "មិនបានជូនដំណឹងស្រុក",
            do=term("แจ้งอำเภอทันที และชี้แจงเหตุที่แจ้งล่าช้า", "Tell the district at once", "ជូនដំណឹងស្រុកភ្លាម"),
        ),
    },
    "revocation_grounds": {
        "conditions": term(
            "ฝ่าฝืนเงื่อนไขในใบอนุญาตหรือกฎหมาย", "Conditions of the permit or the law broken", "រំលោភលក្ខខណ្ឌនៃលិខិតអនុញ្ញាត ឬច្បាប់"
        ),
    },
    "privacy.access_days": 30,
    "privacy.keep_years": 5,
    "undertakings": [
        "รับผิดชอบกำกับ ดูแล ควบคุมการเดินทางเข้า - ออก ของแรงงานต่างด้าว",
        "จัดการเรื่องที่พักให้กับลูกจ้างที่เป็นแรงงานต่างด้าว",
        "ปฏิบัติต่อแรงงานต่างด้าวภายใต้กฎหมายคุ้มครองแรงงาน",
        "เมื่อมีการเลิกจ้าง แรงงานต่างด้าวหลบหนี จะต้องแจ้งให้อำเภอท้องที่ทราบภายใน 24 ชั่วโมง",
    ],
    "appeal": term(
        "หากไม่เห็นด้วยกับคำสั่งนี้ มีสิทธิอุทธรณ์ต่อรัฐมนตรีว่าการกระทรวงแรงงาน โดยยื่นที่สำนักงานจัดหางานจังหวัด ภายใน 30 วันนับแต่วันที่ได้รับแจ้งคำสั่ง",
        "An appeal against this order may be made to the Minister of Labour, at the provincial employment office, within 30 days of receiving it",
        "អាចប្តឹងឧទ្ធរណ៍ចំពោះបញ្ជានេះទៅរដ្ឋមន្ត្រីក្រសួងការងារ តាមរយៈការិយាល័យការងារខេត្ត ក្នុងរយៈពេល ៣០ ថ្ងៃ គិតពីថ្ងៃទទួលបានបញ្ជា",
    ),
    "deficiencies": {
        "housing": term(
            "ไม่มีรายละเอียดที่พักของคนงาน",
            "The workers' housing is not described",
            "គ្មានព័ត៌មានអំពីកន្លែងស្នាក់នៅរបស់កម្មករ",
            about=term("ที่พักของคนงาน", "Housing of the workers", "កន្លែងស្នាក់នៅរបស់កម្មករ"),
            do=term("บอกที่อยู่ของที่พัก จำนวนห้อง และแนบรูปถ่าย", "State the address and rooms of the housing and attach photos", "បញ្ជាក់អាសយដ្ឋាន ចំនួនបន្ទប់ និងភ្ជាប់រូបថត"),
        ),
        "employer_papers": term(
            "หลักฐานของนายจ้างไม่ครบถ้วน", "Papers of the employer are incomplete", "ឯកសាររបស់និយោជកមិនគ្រប់គ្រាន់"
        ),
    },
}

NAMES = (
    ("Mr", "SOK DARA", "សុខ ដារ៉ា", "สุข ดารา", "M", "BP0045821"),
    ("Mrs", "CHAN SREYMOM", "ចាន់ ស្រីមុំ", "จัน สรีมุม", "F", "BP0045822"),
    ("Miss", "KEO BOPHA", "កែវ បុប្ផា", "แก้ว บุปผา", "F", "BP0045823"),
    ("Mr", "PRAK VANNAK", "ប្រាក់ វណ្ណៈ", "ปราก วันนะ", "M", "BP0045824"),
    ("Mr", "HENG PISETH", "ហេង ពិសិដ្ឋ", "เฮง พิเสด", "M", "BP0045825"),
    ("Miss", "NGUON SOPHEAK", "ងួន សុភ័ក្រ", "งวน โสเพียก", "F", "BP0045826"),
    ("Mr", "THY RATANAK", "ធី រតនៈ", "ที รัตนะ", "M", "BP0045827"),
    ("Mr", "OUM SAMBATH", "អ៊ុំ សម្បត្តិ", "อุ้ม สมบัติ", "M", "BP0045828"),
    ("Mrs", "LY KUNTHEA", "លី គន្ធា", "ลี กันเทีย", "F", "BP0045829"),
    ("Mr", "YIM CHANDARA", "យឹម ចាន់ដារ៉ា", "ยึม จันดารา", "M", "BP0045830"),
    ("Miss", "CHEA SOTHEARY", "ជា សុធារី", "เจีย สุเทียรี", "F", "BP0045831"),
    ("Mr", "TEP KHEMARIN", "ទេព ខេមរិន្ទ", "เทพ เขมรินทร์", "M", "BP0045832"),
)


def rows(names: tuple = NAMES) -> list[Record]:
    """Write the rows of a name list."""
    return [
        {
            "row": number,
            "title": title,
            "name_latin": latin,
            "name_khmer": khmer,
            "name_thai": thai,
            "sex": sex,
            "birth_on": "1994-05-12",
            "birth_precision": "day",
            "birth_year": 1994,
            "age": 24 + number,
            "nationality": "KHM",
            "pass_number": number_of_pass,
            "pass_province": "battambang",
            "pass_issued_on": "2026-02-10",
            "pass_expires_on": "2028-02-09",
            "phone": None,
            "remark": "เคยทำงานฤดูกาลก่อน" if number == 3 else None,
        }
        for number, (title, latin, khmer, thai, sex, number_of_pass) in enumerate(names, 1)
    ]


def sample() -> Record:
    """Build a full record of an ordinary case."""
    address = "99/5 หมู่ 3 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140"
    workplace = "สวนลำไยสมบูรณ์ 120 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี"
    identity = {
        "title": "Mr",
        "name_latin": "SOK DARA",
        "name_khmer": "សុខ ដារ៉ា",
        "name_thai": "สุข ดารา",
        "sex": "M",
        "birth_on": "1994-05-12",
        "birth_precision": "day",
        "nationality": "KHM",
        "pass_number": "BP0045821",
        "pass_province": "battambang",
        "pass_issued_on": "2026-02-10",
        "pass_expires_on": "2028-02-09",
        "address": "ที่พักคนงาน " + address,
        "phone": "0812345678",
        "photo": "f" * 64,
        "pass_scan": None,
        "previous_permit": "",
    }
    names = rows()
    record = {
        "document": {
            "key": "demand_letter",
            "number": "จบ-PEO 2569/000123",
            "version": 1,
            "made_on": "2026-11-23",
            "made_at": "2026-11-23T04:20:00+00:00",
            "code": CODE,
            "verify_url": f"{SITE}/v/{CODE}",
            "signed_url": signed_url(CODE),
            "replaces": None,
            "specimen": True,
            "ruleset": {"id": "DEMO", "title": term("กฎเกณฑ์ตัวอย่าง", "Demonstration rules", "វិធានគំរូ")},
        },
        "office": {
            "reference": "PEO-22",
            "kind_of": "peo",
            "name_th": PEO,
            "name_en": "Chanthaburi Provincial Employment Office",
            "province": "22",
            "address": "ศาลากลางจังหวัดจันทบุรี ถนนเลียบเนิน อำเภอเมืองจันทบุรี 22000",
            "phone": "0 3930 0000",
        },
        "actor": {"name": OFFICER[0], "position": OFFICER[1], "role": "officer", "office_th": PEO},
        "employer": {
            "kind_of": "juristic",
            "name": "บริษัท สวนลำไยสมบูรณ์ จำกัด",
            "number": "0225560000011",
            "business": "สวนผลไม้ (ลำไย)",
            "address": address,
            "phone": "0 3938 7001",
            "mobile": "08 1234 5678",
            "fax": "",
            "signatory": EMPLOYER[0],
            "signatory_position": EMPLOYER[1],
            "registered_on": "2017-03-14",
            "capital": 2000000,
            "income_year": 2025,
            "income": 8450000,
            "tax": 312500,
            "thai_staff": 12,
            "foreign_staff": 30,
        },
        "against": {
            "ground": "not_told", "reason": "คนงานหายไปสามคนตั้งแต่วันที่ 2 มกราคม 2570 แต่แจ้งอำเภอเมื่อพ้นเจ็ดวัน",
            "case": "PNR-PE 2/2570", "until": "2027-07-31", **done("2027-01-12", *REGISTRAR),
        },
        "hospital": {
            "name": "โรงพยาบาลโป่งน้ำร้อน",
            "name_latin": "Pong Nam Ron Hospital",
            "address": "อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
            "phone": "0 3938 7100",
            "government": True,
        },
        "request": {
            "reference": "R-2569-000045",
            "demand": {
                "employer": "E-1",
                "job": "labourer",
                "men": 7,
                "women": 5,
                "start_on": "2026-12-01",
                "workplace": workplace,
                "workplace_district": "2204",
                "gate": "ban-laem",
                "receive_on": "2026-11-28",
                "wage": "360.00",
                "wage_unit": "day",
                "daily_floor": None,
                **done("2026-11-10", *EMPLOYER),
            },
            "undertaking": {"accepted": True, "signed_by": EMPLOYER[0], **done("2026-11-10", *EMPLOYER)},
            "request_receipt": {"number": "45/2569", **done("2026-11-11", *OFFICER)},
            "deficiencies": {
                "items": ["housing", "employer_papers"],
                "other": "แผนที่ตั้งสวนและที่พักคนงานโดยสังเขป",
                "answer_until": "2026-11-25",
                "supervisor_reason": "",
                **done("2026-11-12", *OFFICER),
            },
            "opinion": {
                "recommends": True,
                "reason": "นายจ้างมีที่พักและงานจริง เห็นควรอนุมัติ",
                **done("2026-11-13", *OFFICER),
            },
            "history": {"requests": 2, "approved": 30, "used": 24, "working": 21, "warned": True, "barred_until": None},
            "request_order": {
                "order": "partly",
                "men": 7,
                "women": 4,
                "reason_code": "quota",
                "reason": "ที่พักรองรับแรงงานหญิงได้ 4 คน",
                "number": "Q-2569-00031",
                **done("2026-11-14", *REGISTRAR),
            },
            "name_list": {
                "rows": names,
                "file_name": "list.xlsx",
                "file": None,
                **done("2026-11-15", *EMPLOYER),
            },
            "revoke_request": {
                "reason_code": None,
                "reason": "ให้ข้อมูลที่พักแรงงานไม่ตรงความจริง และไม่แจ้งการหลบหนีภายใน 24 ชั่วโมง",
                **done("2026-11-20", *REGISTRAR),
            },
            "entry_list": {
                "gate": "ban-laem",
                "entry_on": "2026-11-28",
                "applications": [],
                **done("2026-11-18", *OFFICER),
            },
        },
        "application": {
            "reference": "A-2569-000712",
            "kind_of": "new",
            "listed": names[0],
            "identity": {**identity, **done("2026-11-16", *OFFICER)},
            "travel_document": None,
            "referral": {
                "hospital": "H-1",
                "appointment_on": "2026-11-19",
                "note": "งดอาหารก่อนตรวจ 6 ชั่วโมง",
                **done("2026-11-16", *OFFICER),
            },
            "medical_result": {
                "hospital": "H-1",
                "certificate_number": "PNR 1182/2569",
                "doctor": "นายแพทย์อนันต์ สุขใจ",
                "doctor_licence": "ว.45678",
                "examined_on": "2026-11-19",
                "result": "1",
                "follow_up_on": None,
                "certificate_scan": None,
                **done("2026-11-19", *NURSE, _source="hospital"),
            },
            "entry_plan": {
                "gate": "ban-laem",
                "entry_on": "2026-11-28",
                "band": "morning",
                "contact": "นายประเสริฐ 08 1234 5678",
                **done("2026-11-18", *OFFICER),
            },
            "entry": {
                "gate": "ban-laem",
                "stamped_on": "2026-11-28",
                "stay_until": "2026-12-27",
                "stamp_scan": None,
                **done("2026-11-28", *GATE),
            },
            "filing": {
                "work_type": "สวนผลไม้",
                "work_nature": "กรรมกรเก็บและคัดลำไย",
                "workplace": workplace,
                "from_on": "2026-12-01",
                "contract_until": "2027-02-27",
                "wage": "360.00",
                "wage_unit": "day",
                "education": "ประถมศึกษา",
                "experience_years": 3,
                "marital": "married",
                "reason_not_thai": "ประกาศรับสมัครคนไทยแล้วไม่มีผู้สมัครเพียงพอในฤดูเก็บเกี่ยวลำไย",
                "insurer": "โรงพยาบาลโป่งน้ำร้อน",
                "insurance_number": "HI-69-00421",
                "insured_from": "2026-11-28",
                "insured_until": "2027-02-27",
                "attachments": {
                    "border_pass": "scanned",
                    "entry_proof": "seen",
                    "medical_certificate": "seen",
                    "photos": "seen",
                    "contract": "scanned",
                    "bt46": "seen",
                    "employer_papers": "missing",
                },
                "number": "712/2569",
                "portal_number": "69220001234567",
                **done("2026-11-30", *EMPLOYER),
            },
            "deficiencies": None,
            "payments": {
                "application_fee": {
                    "amount": "100.00",
                    "receipt_source": "book",
                    "receipt_book": "1204",
                    "receipt_number": "37",
                    "paid_by": "บริษัท สวนลำไยสมบูรณ์ จำกัด",
                    "payment": "",
                    **done("2026-11-30", *CASHIER),
                },
                "permit_fee": {
                    "amount": "225.00",
                    "receipt_source": "book",
                    "receipt_book": "1204",
                    "receipt_number": "41",
                    "paid_by": "บริษัท สวนลำไยสมบูรณ์ จำกัด",
                    "payment": "",
                    **done("2026-12-02", *CASHIER),
                },
            },
            "officer_opinion": {
                "complete": True,
                "recommends": True,
                "reason": "เอกสารครบถ้วน ผ่านการตรวจสุขภาพ เห็นควรอนุญาต",
                **done("2026-12-01", *OFFICER),
            },
            "permit_order": {
                "order": "conditions",
                "valid_from": "2026-12-01",
                "valid_until": "2027-02-27",
                "conditions": "ทำงานได้เฉพาะในเขตอำเภอโป่งน้ำร้อน",
                "reason_code": None,
                "reason": "",
                **done("2026-12-01", *REGISTRAR),
            },
            "official_numbers": {
                "permit_book": "69/22",
                "permit_number": "0004512",
                "issued_on": "2026-12-02",
                "foreigner_number": "0012345678907",
                **done("2026-12-02", *OFFICER),
            },
            "hand_over": {"received_by": EMPLOYER[0], **done("2026-12-03", *OFFICER)},
            "coded_reason": {
                "reason_code": "medical",
                "reason": "ผลการตรวจสุขภาพไม่ผ่านตามเกณฑ์",
                **done("2026-11-20", *OFFICER),
            },
            "lapse_unpaid": None,
        },
        "worker": {
            "reference": "W-000812",
            **{
                key: identity[key]
                for key in (
                    "title",
                    "name_latin",
                    "name_khmer",
                    "name_thai",
                    "sex",
                    "birth_on",
                    "birth_precision",
                    "nationality",
                    "pass_number",
                    "pass_province",
                    "pass_issued_on",
                    "pass_expires_on",
                )
            },
            "foreigner_number": "0012345678907",
        },
        "permit": {
            "reference": "P-2569-000318",
            "permit_book": "69/22",
            "permit_number": "0004512",
            "foreigner_number": "0012345678907",
            "valid_from": "2026-12-01",
            "valid_until": "2027-02-27",
            "conditions": "ทำงานได้เฉพาะในเขตอำเภอโป่งน้ำร้อน",
            "stay_until": "2026-12-27",
            "reports": ["2026-12-27", "2027-01-26"],
            "work": {
                "job": "กรรมกรเก็บและคัดลำไย", "workplace": workplace, "from_on": "2026-12-01", "ended_on": None,
            },
            "overstay": {"days": 2, "fine": 1000, "waived": False},
            "stay_report": {
                "reported_on": "2026-12-27", "where": PEO, "next_due": "2027-01-26", **done("2026-12-27", *OFFICER),
            },
            "employment_end": {
                "employer": "E-1", "reason_code": "absconded", "last_day": "2027-01-10",
                "reason": "ไม่กลับมาทำงานหลังวันหยุด", "known_at": "2027-01-11T01:00:00+00:00",
                "told_at": "2027-01-11T03:00:00+00:00", **done("2027-01-11", *EMPLOYER),
            },
            "district_notice": {
                "employer": "E-1", "about": "absconded", "told_at": "2027-01-11T03:00:00+00:00",
                "told_to": "นางสาวศิริพร ใจเย็น", **done("2027-01-11", *EMPLOYER),
            },
            "notice": {
                "kind_of": "hire", "event_on": "2026-12-01", "given_on": "2026-12-04", "number": "98/2569",
                **done("2026-12-04", *EMPLOYER),
            },
            "loss": {
                "known_on": "2027-01-05", "where": "หายระหว่างย้ายที่พัก", "police_report": "ปจว. 12/2570",
                **done("2027-01-05", *EMPLOYER),
            },
            "laid": {
                "from_on": "2027-01-12", "until": "2027-01-31", "reason": "ด่านปิดตามประกาศจังหวัด", "measure": "",
                **done("2027-01-12", *REGISTRAR),
            },
            "departure_notice": {
                "told_on": "2027-01-15", "leave_until": "2027-01-22", "reason": "การผ่อนผันสิ้นสุดแล้ว", "measure": "",
                **done("2027-01-15", *OFFICER),
            },
            "revocation_proposal": {
                "ground": "conditions", "reason": "ทำงานนอกเขตที่อนุญาต", **done("2027-01-16", *OFFICER),
            },
            "hearing": {
                "heard_on": "2027-01-18", "reached": True, "told": "นายจ้างให้ไปช่วยสวนข้างเคียง",
                **done("2027-01-18", *OFFICER),
            },
            "revocation": {
                "ground": "conditions", "reason": "ทำงานนอกเขตที่อนุญาต", **done("2027-01-20", *REGISTRAR),
            },
            "exit": {"gate": "ban-laem", "exited_on": "2027-01-22", "stamp_scan": None, **done("2027-01-22", *GATE)},
        },
        "lines": [
            {
                "no": row["row"],
                **{key: row[key] for key in ("name_latin", "name_khmer", "name_thai", "sex", "pass_number")},
                "reference": f"A-2569-{711 + row['row']:06d}",
            }
            for row in names
        ],
        "fees": {"application_fee": "100.00", "permit_fee": "225.00"},
        "terms": TERMS,
        "terms_of_validity": [
            {
                "name": "longest",
                "until": "2027-02-28",
                "decides": False,
                "label": term("ระยะเวลาสูงสุดตามกฎหมาย", "Longest term of the law", "រយៈពេលអតិបរមាតាមច្បាប់"),
            },
            {
                "name": "pass",
                "until": "2028-02-09",
                "decides": False,
                "label": term("วันหมดอายุบัตรผ่านแดน", "Border pass", "ថ្ងៃផុតកំណត់ប័ណ្ណឆ្លងដែន"),
            },
            {
                "name": "insurance",
                "until": "2027-02-27",
                "decides": True,
                "label": term("วันสิ้นสุดประกันสุขภาพ", "Health insurance", "ថ្ងៃផុតកំណត់ធានារ៉ាប់រងសុខភាព"),
            },
        ],
        "images": {"photo": picture(), "emblem": None},
        "step": "issue_permit",
        "notes": {},
    }
    record["actor"]["office"] = dict(record["office"])
    return record


def long_names() -> Record:
    """Build the same case with the longest names, addresses and places that people bring."""
    record = copy.deepcopy(sample())
    company = "ห้างหุ้นส่วนจำกัด สวนผลไม้ส่งออกลุ่มน้ำจันทบูรและเทือกเขาสอยดาวพัฒนาการเกษตรยั่งยืน (สำนักงานใหญ่)"
    place = "สวนลำไยแปลงรวมเกษตรกรรุ่นใหม่บ้านเนินเขาแก้ว แปลงที่ 12/1 ถึง 12/47 ซอยสวนลำไยพัฒนา 5 หมู่ที่ 11 ตำบลหนองตาคง อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140"
    record["employer"].update(
        name=company,
        address=place,
        business="สวนผลไม้ คัดบรรจุ และส่งออกลำไยสด",
        signatory="นายประเสริฐศักดิ์ วงศ์สวัสดิ์วัฒนาไพบูลย์กิจเจริญ",
    )
    record["request"]["demand"]["workplace"] = place
    record["request"]["undertaking"]["signed_by"] = record["employer"]["signatory"]
    for part in (
        record["application"]["identity"],
        record["worker"],
        *record["request"]["name_list"]["rows"][:1],
        *record["lines"][:1],
    ):
        part.update(
            name_latin="RATTANAKVANNARITH SOPHEAKVATEY BOPHAREAKSMEY",
            name_khmer="រតនៈវណ្ណារិទ្ធិ សុភ័ក្រវត្តី បុប្ផារស្មី",
            name_thai="รัตนะวรรณฤทธิ์ โสภักดิ์วดี บุปผารัศมี",
        )
    record["permit"]["work"]["workplace"] = place
    record["application"]["filing"].update(
        workplace=place,
        reason_not_thai=record["application"]["filing"]["reason_not_thai"]
        + " "
        + "งานเก็บเกี่ยวต้องปีนที่สูง ทำงานกลางแจ้งตลอดวัน และต้องใช้แรงงานจำนวนมากในระยะเวลาสั้น " * 2,
    )
    record["document"]["specimen"] = False
    return record


def refused(record: Record) -> Record:
    """Turn the orders of a record into refusals."""
    record["request"]["request_order"].update(
        order="refused", men=0, women=0, reason="ที่พักไม่เพียงพอสำหรับแรงงานตามจำนวนที่ขอ"
    )
    record["application"]["permit_order"].update(
        order="refuse",
        valid_from=None,
        valid_until=None,
        conditions="",
        reason_code="medical",
        reason="ผลการตรวจสุขภาพไม่ผ่านตามเกณฑ์",
    )
    return record


def for_paper(key: str, record: Record | None = None) -> Record:
    """Give the record as it stands when that paper is made."""
    record = record or sample()
    record["document"]["key"] = key
    if key in ("refusal_letter", "refusal_order"):
        refused(record)
    if key in ("approval_letter", "refusal_letter", "revocation_order", "permit_order", "refusal_order", *REGISTRARS):
        record["actor"].update(name=REGISTRAR[0], position=REGISTRAR[1], role="registrar")
    if key == "follow_up_card":
        record["application"]["medical_result"].update(result="2", follow_up_on="2026-12-19")
    record["step"] = {"fee_receipt": "pay_permit_fee", "worker_notice": "end_without_permit"}.get(
        key, record["step"]
    )
    return record
