"""Reads the single cells of a name list, each into what the field holds or into the finding that names the cell."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from forms.grid import Broken, Formula, Value, value_text
from workflow.domain.names import by_script, clean_khmer, clean_text, clean_thai, script_of
from workflow.domain.provinces import cambodian_province
from workflow.domain.thai import Fault, Precision, arabic_digits, parse_date
from workflow.domain.words import N_

LONGEST_NAME = 100
LONGEST_PASS = 40
LONGEST_REMARK = 500

_FORMULA = N_("The cell holds a formula. Type its value in place of it.")
_BROKEN = N_("The cell shows the error %(written)s. Type what belongs there.")
_NAME_LETTERS = N_("“%(written)s” holds signs that are no letters of a name.")
_NAME_LONG = N_("The name is too long: at most %(most)s letters.")
_SEX = N_("“%(written)s” is no sex. Write M or F, ชาย or หญิง, ប្រុស or ស្រី.")
_SEX_TWICE = N_("Both columns of the sex are ticked.")
_AGE = N_("“%(written)s” is no age in years.")
_PASS_LONG = N_("The pass number is too long: at most 20 letters and digits.")
_PASS_DIGITS = N_("Excel has lost the last digits of this number. Type it as text.")
_PROVINCE = N_("“%(written)s” is not known as a province of Cambodia.")
_NATIONALITY = N_("“%(written)s” is not known as a nationality.")
_DAY_WANTED = N_("“%(written)s” has no day and month. Write the whole date.")
_TITLE = N_("“%(written)s” is not one of Mr, Mrs and Miss.")


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read in one cell of a row; it holds the row unless it only warns."""

    field: str
    code: str
    text: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    warns: bool = False


@dataclass(slots=True)
class Read:
    """The fields of one row as read so far, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    names: dict[str, "Names"] = field(default_factory=dict)
    """Names already understood in this list, where many share one."""

    def fail(self, name: str, code: str, text: str, *, warns: bool = False, **params: str | int) -> None:
        """Note that a cell could not be read."""
        self.unread.append(Unread(name, code, text, params, warns))


_NOTHING = frozenset(("n/a", "na", "nil", "null", "ไม่มี", "ไม่ทราบ", "គ្មាន"))
_NOTHING_SIGNS = re.compile(r"[-–—_.…/*\s]*")


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is nothing: a dash, points, "none"."""
    text = text.strip()
    if text[:1].isalnum():
        return text.casefold() in _NOTHING
    return _NOTHING_SIGNS.fullmatch(text) is not None


_SAYS_NOTHING = frozenset(("number", "to_mend"))
"""The running number, and the sentences that our own sheet for mending carries."""


def read_cell(into: Read, name: str, value: Value | None) -> None:
    """Read one cell into its field; an empty cell or a dash leaves it empty."""
    if value is None or name in _SAYS_NOTHING:
        return
    if name == "remark":
        into.values[name] = keep_text(value)
    elif holds_no_value(into, name, value):
        return
    elif name.startswith("name"):
        read_name(into, name, value_text(value))
    elif name in _TICKED or not is_nothing(value_text(value)):
        _READERS[name](into, name, value)


def holds_no_value(into: Read, name: str, value: Value) -> bool:
    """Note a cell that holds a formula or shows an error in place of a value, and say whether it does."""
    if isinstance(value, Formula):
        into.fail(name, "formula", _FORMULA)
    elif isinstance(value, Broken):
        into.fail(name, "cell_error", _BROKEN, written=_shortened(value))
    return isinstance(value, Formula | Broken)


def keep_text(value: Value) -> str | None:
    """Keep free text as it stands, a formula as its text, without invisible marks."""
    text = clean_text(unguarded(value_text(value)))
    return text[:LONGEST_REMARK] or None


def unguarded(text: str) -> str:
    """Take off the apostrophe that our own sheets put before what Excel might take for a formula."""
    return text[1:] if re.match(r"'[=+\-@\t\r]", text) else text


def _shortened(text: str) -> str:
    return clean_text(text)[:60]


# --- names ------------------------------------------------------------------------------------------

_TITLES_BEFORE = (
    (re.compile(r"(?:MR|MISTER)[. ]\s*"), "Mr"),
    (re.compile(r"MRS[. ]\s*"), "Mrs"),
    (re.compile(r"(?:MISS|MS)[. ]\s*"), "Miss"),
    (re.compile(r"(?:นาย|ด\.ช\.)\s*"), "Mr"),
    (re.compile(r"(?:นางสาว|น\.ส\.|ด\.ญ\.)\s*"), "Miss"),
    (re.compile(r"นาง\s+"), "Mrs"),
    (re.compile(r"(?:លោកស្រី|អ្នកស្រី)\s+"), "Mrs"),
    (re.compile(r"(?:លោក)\s+"), "Mr"),
    (re.compile(r"(?:កញ្ញា)\s+"), "Miss"),
)
_NO_LETTER = re.compile(r"[0-9<>=@#$%^*_+\\|~`\"{}\[\];:!?&]")


def read_name(into: Read, name: str, text: str) -> None:
    """Read a name into the scripts it is written in, whatever its heading says; a title before it counts."""
    if text not in into.names:
        into.names[text] = _names_in(text)
    found = into.names[text]
    if isinstance(found, Unread):
        into.unread.append(replace(found, field=name))
        return
    for field_name, part in found:
        into.values.setdefault(field_name, part)


Names = tuple[tuple[str, str], ...] | Unread


def _names_in(text: str) -> Names:
    """Find the names in a cell by script, and the title before them."""
    written = arabic_digits(clean_text(text))
    if not any(c.isalnum() for c in written) and is_nothing(written):
        return ()
    if len(written) > LONGEST_NAME:
        return Unread("", "name_long", _NAME_LONG, {"most": LONGEST_NAME})
    found = by_script(written)
    foreign = not written.isascii() and any(c.isalpha() and script_of(c) is None for c in written)
    if not found or foreign or _NO_LETTER.search(written):
        return Unread("", "name_letters", _NAME_LETTERS, {"written": _shortened(text)})
    parts: list[tuple[str, str]] = []
    for script, whole in found.items():
        title, name = _title_before(whole)
        parts += [(f"name_{script.value}", name)] + ([("title_in_name", title)] if title else [])
    return tuple(parts)


def _title_before(whole: str) -> tuple[str | None, str]:
    for pattern, title in _TITLES_BEFORE:
        found = pattern.match(whole)
        if found and len(whole) > found.end() + 1:
            return title, whole[found.end() :].strip()
    return None, whole


# --- the other fields -------------------------------------------------------------------------------


_LONGEST_WORD = 60


def _word(value: Value) -> str:
    text = value_text(value)
    if len(text) > _LONGEST_WORD:
        return ""
    if text.isascii() and text.isalpha():
        return text.casefold()
    text = unicodedata.normalize("NFKC", clean_khmer(clean_thai(text)))
    return re.sub(r"[\s.()/]", "", text).casefold()


_TITLE_WORDS = {
    **dict.fromkeys(("mr", "mister", "นาย", "ดช", "เด็กชาย", "លោក", "master"), "Mr"),
    **dict.fromkeys(("mrs", "นาง", "លោកស្រី", "អ្នកស្រី"), "Mrs"),
    **dict.fromkeys(("miss", "ms", "mis", "นางสาว", "นส", "ดญ", "เด็กหญิง", "កញ្ញា", "នាងកញ្ញា"), "Miss"),
}
_SEX_WORDS = {
    **dict.fromkeys(
        ("m", "male", "man", "ชาย", "ช", "ผู้ชาย", "เพศชาย", "บุรุษ", "ប្រុស", "ប", "បុរស", "ភេទប្រុស"), "M"
    ),
    **dict.fromkeys(
        ("f", "female", "woman", "หญิง", "ญ", "ผู้หญิง", "เพศหญิง", "สตรี", "ស្រី", "ស", "នារី", "ភេទស្រី"), "F"
    ),
}
_NATIONALITY_WORDS = {
    **dict.fromkeys(("khm", "kh", "cambodia", "cambodian", "khmer", "กัมพูชา", "เขมร", "ខ្មែរ", "កម្ពុជា"), "KHM"),
    **dict.fromkeys(("tha", "th", "thai", "thailand", "ไทย", "ថៃ"), "THA"),
    **dict.fromkeys(("mmr", "mm", "myanmar", "burmese", "burma", "พม่า", "เมียนมา", "เมียนมาร์"), "MMR"),
    **dict.fromkeys(("lao", "la", "laos", "laotian", "ลาว"), "LAO"),
    **dict.fromkeys(("vnm", "vn", "vietnam", "vietnamese", "เวียดนาม", "វៀតណាម"), "VNM"),
}


def _read_title(into: Read, name: str, value: Value) -> None:
    title = _TITLE_WORDS.get(_word(value))
    if title is None:
        into.fail(name, "title_unknown", _TITLE, written=_shortened(value_text(value)), warns=True)
    else:
        into.values[name] = title


def sex_of(value: Value) -> str | None:
    """Read a sex word in three languages; nothing if it is none."""
    return _SEX_WORDS.get(_word(value))


def _read_sex(into: Read, name: str, value: Value) -> None:
    sex = sex_of(value)
    if sex is None:
        into.fail(name, "sex_unreadable", _SEX, written=_shortened(value_text(value)))
    else:
        into.values[name] = sex


def _read_ticked_sex(into: Read, name: str, value: Value) -> None:
    if value is False or value_text(value).strip() in _NO_TICK:
        return
    if "sex" in into.values:
        into.fail("sex", "sex_twice", _SEX_TWICE)
    into.values["sex"] = name[-1].upper()


_TICKED = frozenset(("sex_m", "sex_f"))
_NO_TICK = frozenset(("", "-", "–", "—", "0"))
_OLDEST_STATED = 120


def _read_age(into: Read, name: str, value: Value) -> None:
    text = arabic_digits(clean_text(value_text(value)))
    found = re.fullmatch(
        r"([0-9]{1,3})(?:\.0+)?\s*(?:ปี|years?(?:\s*old)?|yrs?\.?|y\.?o?\.?|ឆ្នាំ)?", text, re.IGNORECASE
    )
    if found is None or int(found[1]) > _OLDEST_STATED or isinstance(value, bool | date):
        into.fail(name, "age_unreadable", _AGE, written=_shortened(text))
    else:
        into.values[name] = int(found[1])


def _read_birth(into: Read, name: str, value: Value) -> None:
    reading = parse_date(_plain(value))
    if isinstance(reading, Fault):
        into.unread.append(Unread(name, reading.code, reading.text, reading.params))
        return
    into.values.update(birth_on=reading.on, birth_year=reading.year, birth_precision=reading.precision.value)


def read_day(into: Read, name: str, value: Value) -> None:
    """Read a whole date, whatever it is written with."""
    reading = parse_date(_plain(value))
    if isinstance(reading, Fault):
        into.unread.append(Unread(name, reading.code, reading.text, reading.params))
    elif reading.precision is Precision.YEAR:
        into.fail(name, "date_no_day", _DAY_WANTED, written=reading.written)
    else:
        into.values[name] = reading.on


def _plain(value: Value) -> Value:
    return clean_text(unguarded(value)) if isinstance(value, str) else value


_FIRST_INEXACT = 1e15
_NUMBER_WORDS = re.compile(r"^(?:b\.?p\.?\s*)?(?:no\b\.?|number\b|เลขที่|หมายเลข|លេខ)[\s.:]*", re.IGNORECASE)
_MADE_DECIMAL = re.compile(r"([0-9]+)\.0")
"""What a program writes that took the number for a measure."""


def _read_pass(into: Read, name: str, value: Value) -> None:
    if isinstance(value, float) and abs(value) >= _FIRST_INEXACT:
        into.fail(name, "digits_lost", _PASS_DIGITS)
        return
    printed = _NUMBER_WORDS.sub("", clean_text(unguarded(value_text(value))))
    decimal = _MADE_DECIMAL.fullmatch(printed)
    printed = decimal[1] if decimal else printed
    if len(printed) > LONGEST_PASS:
        into.fail(name, "pass_long", _PASS_LONG)
    elif printed:
        into.values[name] = printed


def _read_province(into: Read, name: str, value: Value) -> None:
    text = clean_text(value_text(value))
    key = cambodian_province(text[:80])
    if key is None:
        into.fail(name, "province_unknown", _PROVINCE, written=_shortened(text))
    else:
        into.values[name] = key


def _read_nationality(into: Read, name: str, value: Value) -> None:
    key = _NATIONALITY_WORDS.get(_word(value))
    if key is None:
        into.fail(name, "nationality_unknown", _NATIONALITY, written=_shortened(value_text(value)))
    else:
        into.values[name] = key


def _read_phone(into: Read, name: str, value: Value) -> None:
    into.values[name] = clean_text(unguarded(value_text(value)))[:60] or None


def _read_origin(into: Read, name: str, value: Value) -> None:
    text = value_text(value).strip()
    if re.fullmatch(r"[0-9]{1,7}", text):
        into.values[name] = int(text)


_READERS = {
    "origin_row": _read_origin,
    "title": _read_title,
    "sex": _read_sex,
    "sex_m": _read_ticked_sex,
    "sex_f": _read_ticked_sex,
    "age": _read_age,
    "birth": _read_birth,
    "nationality": _read_nationality,
    "pass_number": _read_pass,
    "pass_province": _read_province,
    "pass_issued_on": read_day,
    "pass_expires_on": read_day,
    "phone": _read_phone,
}
