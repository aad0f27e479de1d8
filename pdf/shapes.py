"""How facts are written on paper: days, money, numbers and terms; what is absent stays absent."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import wraps

from pdf.slots import Absent, absent
from workflow.domain import thai
from workflow.domain.addresses import address_parts

Term = Mapping[str, str]


def shape(write: Callable[..., str]) -> Callable[..., object]:
    """Make a way of writing that leaves an absent fact to the slot after it."""

    @wraps(write)
    def written(value: object, *rest: object) -> object:
        return value if absent(value) else write(value, *rest)

    return written


def day_of(value: object) -> date:
    """Read a day of the record; a moment gives the office's day."""
    text = str(value)
    return date.fromisoformat(text) if len(text) == 10 else thai.bangkok_date(datetime.fromisoformat(text))


def months_name(value: object) -> str:
    """Name the month of a day, as the blanks ask for it."""
    return thai.MONTHS[day_of(value).month - 1]


def birth(value: object, precision: object = "day") -> str:
    """Write a day of birth as exactly as it is known."""
    on = day_of(value)
    return thai.short_date(on) if precision == "day" else f"พ.ศ. {thai.be_year(on)}"


def birth_en(value: object, precision: object = "day") -> str:
    """Write a day of birth for an English reader, as exactly as it is known."""
    on = day_of(value)
    return thai.english_date(on) if precision == "day" else str(on.year)


def age_on(value: object, today: object) -> str:
    """Count the full years between a birth and the day of the paper."""
    born, on = day_of(value), day_of(today)
    return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def money(value: object) -> str:
    """Write an amount with its satang, `1,325.00`."""
    return f"{Decimal(str(value)):,.2f}"


def whole(value: object) -> str:
    """Write an amount without satang where there are none, `352`."""
    amount = Decimal(str(value))
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def period(value: object, until: object) -> str:
    """Count a period in whole days, both ends in it."""
    return str((day_of(until) - day_of(value)).days + 1)


def term(terms: object, key: object, language: str = "th") -> object:
    """Give the words of a ruleset's list for a key; a key without words shows itself."""
    if absent(key) or absent(terms):
        return key
    found = terms.get(str(key))
    return key if found is None else words(found, language)


def term_part(terms: object, key: object, part: str, language: str = "th") -> object:
    """Give what an entry of a ruleset's list says beside its words: what it is about, what to do."""
    found = None if absent(key) or absent(terms) else terms.get(str(key))
    said = None if found is None else found.get(part)
    return Absent(name=part) if said is None else words(said, language)


def words(value: object, language: str = "th") -> object:
    """Give a text of the rules in one language; a bare text is in Thai."""
    if absent(value) or isinstance(value, str):
        return value
    return value.get(language) or Absent(name=language)


def after(value: object, words_before: str) -> str:
    """Put words before a fact that is there."""
    return words_before + str(value)


_WAGES = {"day": "วันละ {}", "month": "เดือนละ {}", "piece": "ตามผลงาน หน่วยละ {}"}


def wage(terms: object, unit: object, floor: object = None) -> str:
    """Write a wage with what it is counted by, and the guaranteed day for piece work."""
    text = _WAGES.get(str(unit), "{}").format(whole(terms))
    return text if absent(floor) else f"{text} (ประกันวันละไม่น้อยกว่า {whole(floor)})"


def spaced_code(value: object) -> str:
    """Write a code in groups of five for the one who must type it."""
    text = str(value)
    return " ".join(text[start : start + 5] for start in range(0, len(text), 5))


SHAPES: Mapping[str, Callable[..., object]] = {
    "long_date": shape(lambda value: thai.long_date(day_of(value))),
    "short_date": shape(lambda value: thai.short_date(day_of(value))),
    "english_date": shape(lambda value: thai.english_date(day_of(value))),
    "khmer_date": shape(lambda value: thai.khmer_date(day_of(value))),
    "moment": shape(lambda value: thai.short_moment(datetime.fromisoformat(str(value)))),
    "day": shape(lambda value: str(day_of(value).day)),
    "month": shape(months_name),
    "be_year": shape(lambda value: str(thai.be_year(day_of(value)))),
    "birth": shape(birth),
    "birth_en": shape(birth_en),
    "age_on": shape(age_on),
    "money": shape(money),
    "whole": shape(whole),
    "baht_words": shape(lambda value: thai.baht_in_words(Decimal(str(value)))),
    "thai_digits": shape(thai.thai_digits),
    "khmer_digits": shape(thai.khmer_digits),
    "person_number": shape(thai.group_person_number),
    "juristic_number": shape(thai.group_juristic_number),
    "days_until": shape(period),
    "spaced_code": shape(spaced_code),
    "words": words,
    "after": shape(after),
    "wage": shape(wage),
    "address_parts": shape(lambda value: address_parts(str(value)) or {}),
}
