"""Dates, numbers and numbered identities as a Thai office writes and reads them.

Everything is stored as ISO dates of the common era and Arabic digits; the Buddhist era exists only on the
way in and on the way out, and both ways are here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

from workflow.domain.words import N_

BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")
"""Seven hours ahead the whole year since 1920; a fixed zone needs no zone files on the machine."""
BUDDHIST_OFFSET = 543
FIRST_BUDDHIST_YEAR = 2400
"""A year from here on is read as Buddhist era; nobody on a list was born before 1857."""
PLAUSIBLE_YEARS = range(1900, 2200)

MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
SHORT_MONTHS = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
KHMER_MONTHS = (
    "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ",
)  # fmt: skip

_THAI = "๐๑๒๓๔๕๖๗๘๙"
_KHMER = "០១២៣៤៥៦៧៨៩"
_ARABIC = "0123456789"
_TO_ARABIC = str.maketrans(_THAI + _KHMER, _ARABIC + _ARABIC)
_TO_THAI = str.maketrans(_ARABIC, _THAI)
_TO_KHMER = str.maketrans(_ARABIC, _KHMER)


# --- digits ---------------------------------------------------------------------------------------


def arabic_digits(text: str) -> str:
    """Write Thai and Khmer digits as Arabic ones: the only form that is stored or compared."""
    return text.translate(_TO_ARABIC)


def thai_digits(value: str | int) -> str:
    """Write Arabic digits as Thai ones, for the papers that want them."""
    return str(value).translate(_TO_THAI)


def khmer_digits(value: str | int) -> str:
    """Write Arabic digits as Khmer ones, for the workers' papers."""
    return str(value).translate(_TO_KHMER)


# --- showing dates --------------------------------------------------------------------------------


def bangkok(moment: datetime) -> datetime:
    """Show a stored moment (aware) on the clocks of the office; there is no summer time."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(BANGKOK)


def bangkok_date(moment: datetime) -> date:
    """Give the office's calendar day of a stored moment: what the papers and the series count by."""
    return bangkok(moment).date()


def be_year(on: date) -> int:
    """Give the Buddhist year of a day, 2569 for 2026."""
    return on.year + BUDDHIST_OFFSET


def short_date(on: date) -> str:
    """Write a day in short, ``1 ธ.ค. 2569``."""
    return f"{on.day} {SHORT_MONTHS[on.month - 1]} {be_year(on)}"


def long_date(on: date) -> str:
    """Write a day in full as letters do, ``1 ธันวาคม พ.ศ. 2569``."""
    return f"{on.day} {MONTHS[on.month - 1]} พ.ศ. {be_year(on)}"


def numeric_date(on: date) -> str:
    """Write a day in figures, ``01/12/2569``: the form the lists use."""
    return f"{on.day:02d}/{on.month:02d}/{be_year(on)}"


def english_date(on: date) -> str:
    """Write a day for an English reader, ``1 December 2026``."""
    return f"{on.day} {ENGLISH_MONTHS[on.month - 1]} {on.year}"


def khmer_date(on: date) -> str:
    """Write a day for a Khmer reader, ``ថ្ងៃទី១ ខែធ្នូ ឆ្នាំ២០២៦``; Khmer papers use the common era."""
    return f"ថ្ងៃទី{khmer_digits(on.day)} ខែ{KHMER_MONTHS[on.month - 1]} ឆ្នាំ{khmer_digits(on.year)}"


def date_in_words(on: date, language: str = "th") -> str:
    """Write a day in the words of one language (``th``, ``km`` or ``en``), the month never as a number."""
    if language == "km":
        return khmer_date(on)
    if language == "en":
        return f"{english_date(on)} (B.E. {be_year(on)})"
    return long_date(on)


def clock_time(moment: datetime) -> str:
    """Write the time of a stored moment, ``08:05 น.``."""
    return f"{bangkok(moment):%H:%M} น."


def short_moment(moment: datetime) -> str:
    """Write a stored moment in short, ``1 ธ.ค. 2569 08:05 น.``."""
    return f"{short_date(bangkok_date(moment))} {clock_time(moment)}"


# --- money ----------------------------------------------------------------------------------------

_DIGIT_WORDS = ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACE_WORDS = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")


def number_in_words(number: int) -> str:
    """Read a whole number aloud in Thai, ``21`` as ยี่สิบเอ็ด."""
    if number < 0:
        return "ลบ" + number_in_words(-number)
    if number == 0:
        return _DIGIT_WORDS[0]
    millions, rest = divmod(number, 1_000_000)
    spoken = number_in_words(millions) + "ล้าน" if millions else ""
    return spoken + _below_a_million(rest, after_millions=millions > 0)


def _below_a_million(number: int, *, after_millions: bool) -> str:
    digits = [int(d) for d in str(number)]
    spoken = ""
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit:
            spoken += (
                _digit_word(digit, place, alone=number < 10 and not after_millions) + _PLACE_WORDS[place]
            )
    return spoken


def _digit_word(digit: int, place: int, *, alone: bool) -> str:
    if place == 1 and digit == 1:
        return ""
    if place == 1 and digit == 2:
        return "ยี่"
    if place == 0 and digit == 1 and not alone:
        return "เอ็ด"
    return _DIGIT_WORDS[digit]


def baht_in_words(amount: Decimal | int) -> str:
    """Write a sum of money as receipts do, ``225`` as สองร้อยยี่สิบห้าบาทถ้วน."""
    satang = Decimal(amount) * 100
    if satang != satang.to_integral_value():
        raise ValueError("an amount of money has at most two decimals")
    baht, rest = divmod(abs(int(satang)), 100)
    sign = "ลบ" if amount < 0 else ""
    whole = number_in_words(baht) + "บาท" if baht or not rest else ""
    return sign + whole + (number_in_words(rest) + "สตางค์" if rest else "ถ้วน")


# --- identity numbers -----------------------------------------------------------------------------

PERSON_GROUPS = (1, 4, 5, 2, 1)
JURISTIC_GROUPS = (1, 2, 1, 3, 5, 1)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something written could not be read: a sentence for the one who wrote it, never an exception."""

    code: str
    text: str
    params: Mapping[str, str | int] = field(default_factory=dict)


def plain_digits(text: str) -> str:
    """Take the spaces and hyphens out of a typed number and fold its digits; any letters stay."""
    return re.sub(r"[\s\-.\u2010-\u2015]", "", arabic_digits(text))


def check_digit(first_twelve: str) -> int:
    """Compute the thirteenth digit of an identity or juristic number from the first twelve."""
    total = sum(int(digit) * weight for digit, weight in zip(first_twelve, range(13, 1, -1), strict=True))
    return (11 - total % 11) % 10


def thirteen_digits_hold(text: str) -> bool:
    """Tell whether thirteen digits agree with their own check digit."""
    number = plain_digits(text)
    return bool(re.fullmatch(r"[0-9]{13}", number)) and check_digit(number[:12]) == int(number[12])


def group_digits(number: str, groups: tuple[int, ...]) -> str:
    """Write a number in its usual groups; a number of another length is shown as it is."""
    plain = plain_digits(number)
    if len(plain) != sum(groups):
        return number
    pieces, start = [], 0
    for length in groups:
        pieces.append(plain[start : start + length])
        start += length
    return "-".join(pieces)


def group_person_number(number: str) -> str:
    """Write an identity or foreigner number as 1-4-5-2-1."""
    return group_digits(number, PERSON_GROUPS)


def group_juristic_number(number: str) -> str:
    """Write a juristic or tax number as 1-2-1-3-5-1."""
    return group_digits(number, JURISTIC_GROUPS)


# --- reading dates --------------------------------------------------------------------------------


class Precision(StrEnum):
    """How much of a date is known; many passes carry only a year of birth."""

    DAY = "day"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date as understood: the day, or only the year (common era), and what was written."""

    year: int
    on: date | None
    precision: Precision
    written: str

    def in_words(self, language: str = "th") -> str:
        """Say the date back in words, so that the one who typed it sees how it was read."""
        if self.on is not None:
            return date_in_words(self.on, language)
        if language == "km":
            return f"ឆ្នាំ{khmer_digits(self.year)}"
        if language == "en":
            return f"{self.year} (B.E. {self.year + BUDDHIST_OFFSET})"
        return f"พ.ศ. {self.year + BUDDHIST_OFFSET}"


class _Unreadable(Exception):
    """Carries the fault out of the steps below to :func:`parse_date`, and no further."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


_MISSING = N_("There is no date.")
_NO_DATE = N_("“%(written)s” is not a date. Write day/month/year, for example 26/03/2530.")
_TWO_DIGITS = N_("“%(written)s” has a year of two digits. Write four digits, for example 2530 or 1987.")
_NOT_IN_CALENDAR = N_("“%(written)s” is not a day of the calendar.")
_MONTH_FIRST = N_("“%(written)s” has no month %(month)s. Write the day first, then the month.")
_NO_DAY = N_("“%(written)s” has no day. Write day/month/year, or only the year.")
_FAR_YEAR = N_("“%(written)s” has a year that cannot be right.")


def parse_date(value: object) -> DateReading | Fault:
    """Read a date as people in the two countries write it, the day always first.

    Takes text in Thai, Khmer or English, ISO dates, ``date`` and ``datetime`` values and Excel serial
    numbers. Years from 2400 on are Buddhist era, also in a real date cell; 29 February is checked on the
    common-era year. A year alone keeps that precision. Two-digit years, dates that do not exist and
    month-first dates come back as a fault.
    """
    written = _written(value)
    try:
        if isinstance(value, date):
            return _from_calendar(value.year, value.month, value.day, written)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value, written)
        if isinstance(value, str) or value is None:
            return _from_text(written)
        raise _unreadable("date_unreadable", _NO_DATE, written)
    except _Unreadable as refusal:
        return refusal.fault


def _written(value: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()[:60]


def _unreadable(code: str, text: str, written: str, **more: str | int) -> _Unreadable:
    return _Unreadable(Fault(code, text, {"written": written, **more}))


def _year_of_era(year: int, era: str | None, written: str) -> int:
    buddhist = era == "BE" or (era is None and year >= FIRST_BUDDHIST_YEAR)
    common = year - BUDDHIST_OFFSET if buddhist else year
    if common not in PLAUSIBLE_YEARS:
        raise _unreadable("date_year", _FAR_YEAR, written)
    return common


def _from_calendar(year: int, month: int, day: int, written: str, era: str | None = None) -> DateReading:
    common = _year_of_era(year, era, written)
    try:
        return DateReading(common, date(common, month, day), Precision.DAY, written)
    except ValueError:
        raise _unreadable("date_impossible", _NOT_IN_CALENDAR, written) from None


def _from_year(year: int, written: str, era: str | None = None) -> DateReading:
    return DateReading(_year_of_era(year, era, written), None, Precision.YEAR, written)


_EXCEL_EPOCH = date(1899, 12, 30)
_YEARS_TYPED = (range(1900, 2200), range(2400, 2743))
_SERIALS = (range(3654, 109_575), range(182_623, 307_900))
"""Serial numbers of 1910 to 2199, and of a Buddhist year typed as if it were common: 2400 to 2742."""


def _from_number(value: float, written: str) -> DateReading:
    if value != value or value in (float("inf"), float("-inf")):
        raise _unreadable("date_unreadable", _NO_DATE, written)
    whole = int(value)
    if whole == value and any(whole in years for years in _YEARS_TYPED):
        return _from_year(whole, written)
    if not any(whole in serials for serials in _SERIALS):
        raise _unreadable("date_unreadable", _NO_DATE, written)
    on = _EXCEL_EPOCH + timedelta(days=whole)
    return _from_calendar(on.year, on.month, on.day, _written(on))


_PLAIN_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_TIME_TAIL = re.compile(
    r"(?<=\d)[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:น\.?|[ap]\.?m\.?)?\s*(?:Z|[+-]\d\d:?\d\d)?$",
    re.I,
)
_BUDDHIST_ERA = re.compile(r"พ\.?\s?ศ\.?|(?<![a-z])b\.?\s?e\.?(?![a-z])|ព\.?\s?ស\.?", re.I)
_COMMON_ERA = re.compile(r"ค\.?\s?ศ\.?|(?<![a-z])(?:a\.?\s?d|c\.?\s?e)\.?(?![a-z])|គ\.?\s?ស\.?", re.I)
_NOISE = re.compile(
    r"วันที่|วัน|เดือน|ปี|(?:จันทร์|อังคาร|พุธ|พฤหัสบดี|พฤหัสฯ?|ศุกร์|เสาร์|อาทิตย์)(?:ที่)?|ที่"
    r"|ថ្ងៃទី|ថ្ងៃ|ទី|ខែ|ឆ្នាំ"
    r"|(?<![a-z])(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?(?![a-z])|(?<![a-z])of(?![a-z])"
    r"|(?<=\d)(?:st|nd|rd|th)(?![a-z])|[,'’‘“”\"]",
    re.I,
)
_UNKNOWN_DAY = re.compile(r"[0xX?*_\-]{0,2}\s*[/. -]\s*[0xX?*_\-]{0,2}\s*[/. -]\s*(\d{4})")


def _month_patterns() -> list[tuple[re.Pattern[str], int]]:
    """Every way a month is written, the full names before the short ones they begin with."""
    found: list[tuple[re.Pattern[str], int]] = []
    for names in (MONTHS, KHMER_MONTHS):
        found += [(re.compile(name), number) for number, name in enumerate(names, 1)]
    found.append((re.compile("កុម្ភះ|កុម្ភ"), 2))
    for number, name in enumerate(SHORT_MONTHS, 1):
        letters = [re.escape(part) for part in name.split(".") if part]
        found.append((re.compile(r"\.?\s?".join(letters) + r"\.?(?![ก-ฮ])"), number))
    for number, name in enumerate(ENGLISH_MONTHS, 1):
        short = "sept?" if number == 9 else name[:3]
        found.append((re.compile(rf"(?<![a-z])(?:{name}|{short})\.?(?![a-z])", re.I), number))
    return found


_MONTH_PATTERNS = _month_patterns()


def _from_text(written: str) -> DateReading:
    text = arabic_digits(written).strip(" '’`\u200b\ufeff")
    if not text:
        raise _Unreadable(Fault("date_missing", _MISSING))
    unknown_day = _UNKNOWN_DAY.fullmatch(text)
    if unknown_day:
        return _from_year(int(unknown_day[1]), written)
    plain = _PLAIN_DATE.fullmatch(text)
    if plain:
        return _three_numbers(list(plain.groups()), None, written)
    text = _TIME_TAIL.sub("", text)
    era = "BE" if _BUDDHIST_ERA.search(text) else "CE" if _COMMON_ERA.search(text) else None
    text = _NOISE.sub(" ", _COMMON_ERA.sub(" ", _BUDDHIST_ERA.sub(" ", text)))
    month, text = _named_month(text)
    numbers = re.split(r"[\s/\-.\u2010-\u2015]+", text.strip(" /-.\t\u2010\u2011\u2012\u2013\u2014\u2015"))
    if not all(re.fullmatch(r"[0-9]{1,4}", number) for number in numbers):
        raise _unreadable("date_unreadable", _NO_DATE, written)
    return _from_parts(numbers, month, era, written)


def _named_month(text: str) -> tuple[int | None, str]:
    for pattern, number in _MONTH_PATTERNS:
        if pattern.search(text):
            return number, pattern.sub(" ", text, count=1)
    return None, text


def _from_parts(numbers: list[str], month: int | None, era: str | None, written: str) -> DateReading:
    if month is not None:
        return _with_named_month(numbers, month, era, written)
    if len(numbers) == 3:
        return _three_numbers(numbers, era, written)
    year = numbers[0]
    if len(year) == 4 and (len(numbers) == 1 or numbers[1:] == ["0"]):
        return _from_year(int(year), written, era)
    if len(numbers) == 1 and len(year) == 2:
        raise _unreadable("date_two_digits", _TWO_DIGITS, written)
    if len(numbers) == 2 and 4 in (len(numbers[0]), len(numbers[1])):
        raise _unreadable("date_no_day", _NO_DAY, written)
    raise _unreadable("date_unreadable", _NO_DATE, written)


def _with_named_month(numbers: list[str], month: int, era: str | None, written: str) -> DateReading:
    if len(numbers) == 1 and len(numbers[0]) == 4:
        raise _unreadable("date_no_day", _NO_DAY, written)
    if len(numbers) != 2:
        raise _unreadable("date_unreadable", _NO_DATE, written)
    day, year = sorted(numbers, key=len) if len(numbers[0]) == 4 else numbers
    return _day_month_year(day, month, year, era, written)


def _three_numbers(numbers: list[str], era: str | None, written: str) -> DateReading:
    first, second, third = numbers
    if len(first) == 4 and len(third) <= 2:
        return _day_month_year(third, int(second), first, era, written)
    if len(third) == 4 and int(second) > 12 and 1 <= int(first) <= 12 and int(second) <= 31:
        raise _unreadable("date_month_first", _MONTH_FIRST, written, month=int(second))
    return _day_month_year(first, int(second), third, era, written)


def _day_month_year(day: str, month: int, year: str, era: str | None, written: str) -> DateReading:
    if len(year) <= 2 and len(day) <= 2:
        raise _unreadable("date_two_digits", _TWO_DIGITS, written)
    if len(year) != 4 or len(day) > 2:
        raise _unreadable("date_unreadable", _NO_DATE, written)
    return _from_calendar(int(year), month, int(day), written, era)
