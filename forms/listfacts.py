"""Reads what the official list states above its table, and knows the lines of a page that are no worker."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from forms.grid import Refused
from workflow.domain.names import clean_text, similarity
from workflow.domain.thai import DateReading, arabic_digits, parse_date
from workflow.domain.words import N_

_TWO_EMPLOYERS = N_(
    "The file holds the lists of two employers: “%(first)s” and “%(second)s”. Send one file each."
)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the page of an official list says about the demand; everything may be missing."""

    employer: str | None = None
    business: str | None = None
    address: str | None = None
    phone: str | None = None
    workplace: str | None = None
    total: int | None = None
    starts_on: date | None = None


NO_FACTS = ListFacts()

_LABELS = re.compile(
    r"(?P<employer>^\s*(?:ชื่อ\s*(?:นายจ้าง|สถานประกอบการ|บริษัท)(?:\s*/\s*(?:สถานประกอบการ|บริษัท))?|นายจ้าง(?=\s*[:/(])"
    r"(?:\s*/\s*สถานประกอบการ)?|(?:name\s+of\s+)?employer(?:\s*/\s*company)?(?:\s+name)?(?=\s*[:(])|ឈ្មោះនិយោជក)"
    r"(?:\s*\(?\s*employer\s*(?:/\s*company)?\s*\)?)?)"
    r"|(?P<business>ประเภทกิจการ|type\s+of\s+business(?=\s*[:(])|ប្រភេទអាជីវកម្ម)"
    r"|(?P<workplace>สถานที่ทำงาน|work\s?place(?=\s*[:(])|កន្លែងធ្វើការ)"
    r"|(?P<address>ที่อยู่|address(?=\s*[:(])|អាសយដ្ឋាន)"
    r"|(?P<phone>โทรศัพท์(?:มือถือ)?|มือถือ|โทร\.?(?!ส)|(?:tele)?phone|mobile|tel\.?(?=\s*[:0-9])|ទូរស័ព្ទ)"
    r"|(?P<other>โทรสาร|fax)"
    r"|(?P<total>จำนวน(?:แรงงาน|คนงาน|ลูกจ้าง)[^0-9.…_]{0,40}?(?=\s*[0-9.…_(]))"
    r"|(?P<starts_on>(?:ระยะเวลาการจ้าง\s*)?ตั้งแต่\s*วันที่|(?:employment\s+)?start(?:ing|s)?\s*(?:date|on|from)(?=\s*[:(]))",
    re.IGNORECASE,
)
_GLOSS = re.compile(r"^\s*\([A-Za-z /.]+\)")
_LEADERS = re.compile(r"[.…_]{2,}")


def facts_of(lines: Iterable[str]) -> ListFacts:
    """Read the facts from the lines above the table; a label may stand anywhere in its line."""
    found: dict[str, str] = {}
    for line in lines:
        for label, text in _labelled(arabic_digits(line)):
            if text:
                found.setdefault(label, text)
    plain = {name: found.get(name) for name in ("employer", "business", "address", "phone", "workplace")}
    return replace(
        NO_FACTS, **plain, total=_total(found.get("total", "")), starts_on=_day(found.get("starts_on", ""))
    )


def _labelled(line: str) -> Iterator[tuple[str, str]]:
    marks = list(_LABELS.finditer(line))
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    for mark, end in zip(marks, ends, strict=False):
        text = _GLOSS.sub("", line[mark.end() : end])
        yield mark.lastgroup or "", clean_text(_LEADERS.sub(" ", text)).strip(" :：-")[:300]


def _total(text: str) -> int | None:
    number = re.search(r"[0-9]{1,6}", text)
    return int(number[0]) if number else None


def _day(text: str) -> date | None:
    reading = parse_date(re.split(r"ถึง|จนถึง|to\b|-\s*วันที่", text)[0])
    return reading.on if isinstance(reading, DateReading) else None


_PAGE_LINE = re.compile(
    r"\s*(?:\(?\s*ลงชื่อ|ลงนาม|signature|signed|sign\b|ចុះហត្ថលេខា|ហត្ថលេខា|[.…_]{4,}|\(.*\)\s*$|ตำแหน่ง|ผู้(?:รับรอง|จัดทำ|ตรวจ|รับมอบ)"
    r"|บัญชี|รายชื่อ|ตามมาตรา|ชื่อ\s*(?:นายจ้าง|สถานประกอบการ|บริษัท)|นายจ้าง|สถานประกอบการ|ที่อยู่|address\b|สถานที่ทำงาน|work\s?place"
    r"|จำนวน|ระยะเวลา|ประเภทกิจการ|โทร(?:ศัพท์|สาร|\.|\s*[:0-9])|มือถือ|สำนักงาน|หน้า(?:ที่)?\s*[0-9]|page\b|ទំព័រ|รวม|ยอดรวม|(?:grand\s+|sub\s*)?total\b|សរុប"
    r"|วันที่\s*[.…_]|หมายเหตุ\s*[:：]|employer\b|company\b|name\s+list|list\s+of|\*|พิมพ์|ข้าพเจ้า|ขอรับรอง|คน\s*$|[0-9]+\s*คน)",
    re.IGNORECASE,
)


def is_page_line(texts: Sequence[str]) -> bool:
    """Tell whether a line belongs to the page (title, employer, sum, signature) and names no worker."""
    telling = [text for text in texts if not re.fullmatch(r"[\s0-9]*", text)]
    return bool(telling) and all(_PAGE_LINE.match(arabic_digits(text)) for text in telling)


_SAME_EMPLOYER = 0.75


def one_employer(facts: ListFacts, pages: Iterable[str]) -> None:
    """Make sure that every page names the same employer; raises :class:`forms.grid.Refused`."""
    for line in pages:
        other = facts_of([line]).employer
        if facts.employer and other and similarity(facts.employer, other) < _SAME_EMPLOYER:
            raise Refused("two_employers", _TWO_EMPLOYERS, first=facts.employer[:80], second=other[:80])


def laid_over(before: ListFacts, facts: ListFacts) -> ListFacts:
    """Lay newer facts over older ones; what is not stated again stays."""
    told = {item.name: getattr(facts, item.name) for item in fields(facts)}
    return replace(before, **{name: value for name, value in told.items() if value is not None})
