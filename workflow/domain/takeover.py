"""The rows of a sheet of running paper permits, and what speaks against taking each over.

A row is accepted, held to be mended, or refused; a warning never stops it. What the store knows is added by others.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.domain.namelist import Finding, FindingKind
from workflow.domain.names import pass_key
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import numeric_date, plain_digits, thirteen_digits_hold
from workflow.domain.validity import last_day
from workflow.domain.words import N_

FIELDS: Mapping[str, str] = {
    "name_latin": N_("Name in Latin letters"),
    "name_khmer": N_("Name in Khmer"),
    "name_thai": N_("Name in Thai"),
    "sex": N_("Sex"),
    "birth": N_("Date of birth"),
    "pass_number": N_("Border pass number"),
    "pass_expires_on": N_("Pass valid until"),
    "employer_number": N_("Number of the employer (13 digits)"),
    "employer_name": N_("Name of the employer or establishment"),
    "permit_book": N_("Permit book"),
    "permit_number": N_("Permit number"),
    "foreigner_number": N_("Foreigner identification number"),
    "valid_from": N_("Permit from"),
    "valid_until": N_("Permit until"),
    "job": N_("Position"),
    "workplace": N_("Workplace"),
    "gate": N_("Gate"),
    "stay_until": N_("Stay until"),
}
"""The columns of the sheet by field, in the order of the empty sheet."""

NEEDED = (
    "sex", "pass_number", "employer_number", "permit_book", "permit_number", "foreigner_number", "valid_from",
    "valid_until", "job", "workplace",
)  # fmt: skip
"""Without these a permit cannot live on; gate, stay and the days of the pass may be found out later."""
OF_FOREIGNERS = "00"
"""So begin the numbers of foreigners, and no number of an employer: a juristic one names a province from 10 on."""
ONCE = ("pass_number", "permit_number", "foreigner_number")
"""What no two rows may share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPermit:
    """One permit as a sheet names it; `row` is the number in the sheet, `gate` a key of the ruleset."""

    row: int
    name_latin: str | None = None
    name_khmer: str | None = None
    name_thai: str | None = None
    sex: str | None = None
    birth_on: date | None = None
    birth_year: int | None = None
    pass_number: str | None = None
    pass_expires_on: date | None = None
    employer_number: str | None = None
    employer_name: str | None = None
    permit_book: str | None = None
    permit_number: str | None = None
    foreigner_number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    job: str | None = None
    workplace: str | None = None
    gate: str | None = None
    stay_until: date | None = None

    @property
    def name(self) -> str | None:
        """Give the name by which a list shows the worker."""
        return self.name_latin or self.name_khmer or self.name_thai

    @property
    def pass_key(self) -> str | None:
        """Give the folded pass number."""
        return pass_key(self.pass_number) if self.pass_number else None

    @property
    def number(self) -> str:
        """Give book and number as they are told apart."""
        book, number = (
            plain_digits(part or "").strip().upper() for part in (self.permit_book, self.permit_number)
        )
        return f"{book}:{number}"


def digits(written: str | None) -> str:
    """Give the digits of a number of thirteen, however it was written."""
    return "".join(c for c in plain_digits(written or "") if c.isdigit())


Found = Iterator[Finding]


def judge(
    rows: Sequence[PaperPermit], ruleset: Ruleset, on: date, unread: Collection[tuple[int, str]]
) -> list[Finding]:
    """Judge every row, and the rows beside each other; what could not be read is not called missing again."""
    found = [one for row in rows for one in _one(row, ruleset, on)]
    found += _doubles(rows)
    return sorted((one for one in found if (one.row, one.field or "") not in unread), key=lambda one: one.row)


def _one(row: PaperPermit, ruleset: Ruleset, on: date) -> Found:
    yield from _missing(row)
    yield from _numbers(row)
    yield from _days(row, on)
    yield from _term(row, ruleset)


def held(row: int, name: str | None, code: str, text: str, **params: str | int) -> Finding:
    """State what holds a row until it is mended."""
    return Finding(FindingKind.HELD, code, row, text, params, name)


def _warned(row: int, name: str, code: str, text: str, **params: str | int) -> Finding:
    return Finding(FindingKind.WARNING, code, row, text, params, name)


def _missing(row: PaperPermit) -> Found:
    if row.name is None:
        yield held(row.row, "name_latin", "name_missing", N_("The name is missing."))
    for name in NEEDED:
        if getattr(row, name) in (None, ""):
            yield held(row.row, name, "missing", N_("“%(field)s” is missing."), field=FIELDS[name])


def _numbers(row: PaperPermit) -> Found:
    if row.pass_number and row.pass_key is None:
        text = N_("“%(written)s” is no border pass number.")
        yield held(row.row, "pass_number", "pass_unreadable", text, written=row.pass_number)
    for name in ("employer_number", "foreigner_number"):
        written = getattr(row, name)
        if written and not thirteen_digits_hold(digits(written)):
            text = N_("“%(written)s” is no right number of 13 digits; compare it with the paper.")
            yield held(row.row, name, "thirteen_digits", text, written=written)
    if digits(row.employer_number).startswith(OF_FOREIGNERS):
        text = N_(
            "“%(written)s” is the number of a foreigner, not of an employer: look whether two columns are exchanged."
        )
        yield held(row.row, "employer_number", "number_of_foreigner", text, written=row.employer_number or "")


def _days(row: PaperPermit, on: date) -> Found:
    first, last = row.valid_from, row.valid_until
    if first and last and last < first:
        yield held(row.row, "valid_until", "ends_before_start", N_("The permit ends before it starts."))
    elif last and last < on:
        text = N_("The permit ended on %(until)s; the worker applies anew.")
        yield Finding(
            FindingKind.REFUSED, "ended", row.row, text, {"until": numeric_date(last)}, "valid_until"
        )
    elif first and first > on:
        text = N_("The permit starts on %(first)s; it does not run yet.")
        yield held(row.row, "valid_from", "not_begun", text, first=numeric_date(first))
    if row.stay_until and row.stay_until < on:
        text = N_("The stay ended on %(until)s.")
        yield _warned(row.row, "stay_until", "stay_over", text, until=numeric_date(row.stay_until))
    if row.pass_expires_on and last and row.pass_expires_on < last:
        text = N_("The border pass ends on %(until)s, before the permit.")
        yield _warned(row.row, "pass_expires_on", "pass_ends", text, until=numeric_date(row.pass_expires_on))


def _term(row: PaperPermit, ruleset: Ruleset) -> Found:
    length, unit = ruleset.get("permit.length"), ruleset.get("permit.unit", "month")
    if not (length and row.valid_from and row.valid_until):
        return
    longest = last_day(row.valid_from, length, unit)
    if row.valid_until > longest:
        text = N_(
            "Under the rules of today a permit of that first day ends on %(until)s; compare it with the paper."
        )
        yield _warned(row.row, "valid_until", "longer", text, until=numeric_date(longest))


def _doubles(rows: Iterable[PaperPermit]) -> Found:
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        keys = {
            "pass_number": row.pass_key,
            "permit_number": row.permit_number and row.number,
            "foreigner_number": digits(row.foreigner_number),
        }
        for name in ONCE:
            if keys[name]:
                seen[name, str(keys[name])].append(row.row)
    for (name, _), numbers in seen.items():
        for number in numbers[1:]:
            text = N_("Row %(first)s has the same “%(field)s”.")
            yield held(number, name, "doubled", text, first=numbers[0], field=FIELDS[name])
