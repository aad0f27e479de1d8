"""The rows of an employer's name list and what the office finds in them before anything is opened.

A row needs a name, a sex and a pass number; everything else may come later and is only listed as missing.
What is there is judged: a row is accepted, held to be mended, or refused; a warning never stops it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from workflow.domain.names import Person, khmer_key, name_key, pass_key, thai_key
from workflow.domain.provinces import place_name
from workflow.domain.thai import numeric_date
from workflow.domain.words import N_

FIELDS: Mapping[str, str] = {
    "title": N_("Title"),
    "name_latin": N_("Name in Latin letters"),
    "name_khmer": N_("Name in Khmer"),
    "name_thai": N_("Name in Thai"),
    "sex": N_("Sex"),
    "age": N_("Age"),
    "birth": N_("Date of birth"),
    "nationality": N_("Nationality"),
    "pass_number": N_("Border pass number"),
    "pass_province": N_("Province that issued the pass"),
    "pass_issued_on": N_("Pass issued on"),
    "pass_expires_on": N_("Pass valid until"),
    "phone": N_("Phone"),
    "remark": N_("Remark"),
}
"""The columns of a list by field, in the order of the official form; ``birth`` is a day, or only a year."""

WANTED = ("title", "name_latin", "name_khmer", "name_thai", "birth",
          "pass_province", "pass_issued_on", "pass_expires_on")  # fmt: skip
"""What the papers will need beyond name, sex and pass number: missing is a state of the row, not a fault."""

TITLE_SEX: Mapping[str, str] = {"Mr": "M", "Mrs": "F", "Miss": "F"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One worker as a list names them; ``row`` is the number in the sheet.

    ``sex`` is ``M`` or ``F``; ``birth_precision`` is ``day``, ``year`` or ``age``; years are of the common
    era; ``pass_province`` and ``nationality`` are keys; ``pass_number`` stands as printed.
    """

    row: int
    title: str | None = None
    name_latin: str | None = None
    name_khmer: str | None = None
    name_thai: str | None = None
    sex: str | None = None
    birth_on: date | None = None
    birth_precision: str | None = None
    birth_year: int | None = None
    age: int | None = None
    nationality: str | None = None
    pass_number: str | None = None
    pass_province: str | None = None
    pass_issued_on: date | None = None
    pass_expires_on: date | None = None
    phone: str | None = None
    remark: str | None = None

    @property
    def pass_key(self) -> str | None:
        """Give the pass number as it is compared: capitals and digits only."""
        return pass_key(self.pass_number) if self.pass_number else None

    @property
    def name(self) -> str | None:
        """Give the name to show: Latin as on the pass, else Khmer, else Thai."""
        return self.name_latin or self.name_khmer or self.name_thai

    @property
    def person(self) -> Person:
        """Give what may be held against other rows to see whether they are one person."""
        return Person(
            self.name_latin,
            self.name_khmer,
            self.name_thai,
            self.birth_on,
            self.birth_year,
            self.sex,
            self.pass_number,
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the fields that someone must still fill in before the papers can be made."""
        known = {"birth": self.birth_on or self.birth_year}
        return tuple(name for name in WANTED if not known.get(name, getattr(self, name, None)))


class FindingKind(StrEnum):
    """What a finding does to its row: held, it waits to be mended; refused, it is out; a warning passes."""

    HELD = "held"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a row: how grave, where (row, field, cell of the sheet), and the sentence on it."""

    kind: FindingKind
    code: str
    row: int
    text: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    field: str | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRules:
    """What the ruleset in force asks of a listed worker; with no provinces named, any may issue passes."""

    minimum_age: int
    maximum_age: int | None = None
    provinces: frozenset[str] = frozenset()
    nationality: str | None = "KHM"
    starts_on: date | None = None


class Outcome(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a list has and what became of them."""

    found: int = 0
    accepted: int = 0
    held: int = 0
    refused: int = 0


Found = Iterator[Finding]


def judge(row: ListRow, rules: ListRules, on: date) -> tuple[Finding, ...]:
    """Judge one row by itself as of a day; doubles are found by :func:`judge_list`."""
    judgements = (
        _required(row),
        _ages(row, rules, on),
        _birth_and_age(row, on),
        _title_and_sex(row),
        _nationality(row, rules),
        _province(row, rules),
        _pass_dates(row, rules, on),
    )
    return tuple(finding for judgement in judgements for finding in judgement)


def judge_list(rows: Sequence[ListRow], rules: ListRules, on: date) -> tuple[Finding, ...]:
    """Judge every row and the rows against each other, in the order of the sheet."""
    findings = [finding for row in rows for finding in judge(row, rules, on)]
    findings += [*_doubled_passes(rows), *_doubled_people(rows)]
    return tuple(sorted(findings, key=lambda finding: finding.row))


def outcomes(rows: Iterable[ListRow], findings: Iterable[Finding]) -> dict[int, Outcome]:
    """Say what becomes of each row: refused outweighs held, and only warnings leave it accepted."""
    refused, held = set(), set()
    for finding in findings:
        if finding.kind is FindingKind.REFUSED:
            refused.add(finding.row)
        elif finding.kind is FindingKind.HELD:
            held.add(finding.row)
    return {row.row: _outcome(row.row, refused, held) for row in rows}


def _outcome(number: int, refused: set[int], held: set[int]) -> Outcome:
    if number in refused:
        return Outcome.REFUSED
    return Outcome.HELD if number in held else Outcome.ACCEPTED


def counts(rows: Sequence[ListRow], findings: Iterable[Finding]) -> Counts:
    """Count the rows of a list by what becomes of them."""
    by = Counter(outcomes(rows, findings).values())
    return Counts(len(rows), by[Outcome.ACCEPTED], by[Outcome.HELD], by[Outcome.REFUSED])


# --- one row ----------------------------------------------------------------------------------------


def _held(row: ListRow, name: str, code: str, text: str, **params: str | int) -> Finding:
    return Finding(FindingKind.HELD, code, row.row, text, params, name)


def _refused(row: ListRow, name: str, code: str, text: str, **params: str | int) -> Finding:
    return Finding(FindingKind.REFUSED, code, row.row, text, params, name)


def _warned(row: ListRow, name: str, code: str, text: str, **params: str | int) -> Finding:
    return Finding(FindingKind.WARNING, code, row.row, text, params, name)


def _required(row: ListRow) -> Found:
    if row.name is None:
        yield _held(row, "name_latin", "name_missing", N_("The name is missing."))
    if row.sex is None:
        yield _held(row, "sex", "sex_missing", N_("The sex is missing."))
    if row.pass_number is None:
        yield _held(row, "pass_number", "pass_missing", N_("The border pass number is missing."))
    elif row.pass_key is None:
        text = N_("“%(written)s” cannot be a border pass number: 4 to 20 letters and digits.")
        yield _held(row, "pass_number", "pass_unreadable", text, written=row.pass_number)


def _full_years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def possible_ages(row: ListRow, on: date) -> tuple[int, int] | None:
    """Give the lowest and highest age a row may stand for; a stated age may be a year off either way."""
    if row.birth_on is not None:
        years = _full_years(row.birth_on, on)
        return years, years
    if row.birth_year is not None:
        return on.year - row.birth_year - 1, on.year - row.birth_year
    return (row.age - 1, row.age + 1) if row.age is not None else None


_LONGEST_LIFE = 110


def _ages(row: ListRow, rules: ListRules, on: date) -> Found:
    ages = possible_ages(row, on)
    if ages is None:
        return
    lowest, highest = ages
    where = "birth" if row.birth_on or row.birth_year else "age"
    if highest < 0 or lowest > _LONGEST_LIFE:
        text = N_("This birth or age cannot be right: it makes the worker %(age)s years old.")
        yield _held(row, where, "age_impossible", text, age=highest)
    elif highest < rules.minimum_age:
        text = N_("Not yet %(minimum)s years old on the day of this list.")
        yield _refused(row, where, "under_age", text, minimum=rules.minimum_age)
    elif rules.maximum_age is not None and lowest > rules.maximum_age:
        text = N_("Older than %(maximum)s years on the day of this list.")
        yield _refused(row, where, "over_age", text, maximum=rules.maximum_age)
    else:
        yield from _near_limit(row, rules, ages, where)


def _near_limit(row: ListRow, rules: ListRules, ages: tuple[int, int], where: str) -> Found:
    lowest, highest = ages
    if lowest < rules.minimum_age:
        text = N_("May be under %(minimum)s: give the full date of birth.")
        yield _held(row, where, "age_near_limit", text, minimum=rules.minimum_age)
    elif rules.maximum_age is not None and highest > rules.maximum_age:
        text = N_("May be over %(maximum)s: give the full date of birth.")
        yield _held(row, where, "age_near_limit", text, maximum=rules.maximum_age)
    elif _first_of_january(row) and lowest == rules.minimum_age:
        text = N_("Born on 1 January: often an unknown day. Look at the pass, the age is close to the limit.")
        yield _warned(row, where, "first_of_january", text)


def _first_of_january(row: ListRow) -> bool:
    return row.birth_on is not None and (row.birth_on.month, row.birth_on.day) == (1, 1)


def _birth_and_age(row: ListRow, on: date) -> Found:
    ages = possible_ages(row, on)
    if row.age is None or ages is None or row.birth_year is None and row.birth_on is None:
        return
    if row.age < ages[0] - 1 or row.age > ages[1] + 1:
        text = N_("The age %(age)s does not fit the birth, which gives %(computed)s.")
        yield _warned(row, "age", "age_differs", text, age=row.age, computed=ages[1])


def _title_and_sex(row: ListRow) -> Found:
    expected = TITLE_SEX.get(row.title or "")
    if expected and row.sex and expected != row.sex:
        text = N_("The title %(title)s and the sex %(sex)s do not fit.")
        yield _warned(row, "title", "title_differs", text, title=row.title or "", sex=row.sex)


def _nationality(row: ListRow, rules: ListRules) -> Found:
    if row.nationality and rules.nationality and row.nationality != rules.nationality:
        text = N_("Only workers of the neighbouring country named by the rules may be listed.")
        yield _refused(row, "nationality", "nationality", text)


def _province(row: ListRow, rules: ListRules) -> Found:
    if row.pass_province and rules.provinces and row.pass_province not in rules.provinces:
        text = N_("%(province)s does not issue border passes.")
        yield _refused(row, "pass_province", "province", text, province=place_name(row.pass_province))


def _pass_dates(row: ListRow, rules: ListRules, on: date) -> Found:
    issued, expires = row.pass_issued_on, row.pass_expires_on
    if issued and issued > on:
        text = N_("The pass is said to be issued on %(issued)s, which is still to come.")
        yield _held(row, "pass_issued_on", "issued_later", text, issued=numeric_date(issued))
    if issued and expires and expires <= issued:
        text = N_("The pass would end on %(expires)s, before it was issued.")
        yield _held(row, "pass_expires_on", "ends_before_issue", text, expires=numeric_date(expires))
    if expires and expires < on:
        text = N_("The pass ended on %(expires)s.")
        yield _refused(row, "pass_expires_on", "pass_ended", text, expires=numeric_date(expires))
    elif expires and rules.starts_on and expires < rules.starts_on:
        text = N_("The pass ends on %(expires)s, before the work begins.")
        yield _warned(row, "pass_expires_on", "ends_before_start", text, expires=numeric_date(expires))


# --- rows against each other ------------------------------------------------------------------------


def _doubled_passes(rows: Sequence[ListRow]) -> Found:
    first: dict[str, list[ListRow]] = {}
    for row in rows:
        if row.pass_key is None:
            continue
        earlier = first.setdefault(row.pass_key, [])
        same = next((other for other in earlier if _same_issuer(row, other)), None)
        if same is not None:
            text = N_("This border pass is already in row %(first)s.")
            yield _refused(row, "pass_number", "pass_doubled", text, first=same.row)
            continue
        if earlier:
            text = N_("Row %(first)s has the same pass number from another province.")
            yield _warned(row, "pass_number", "pass_number_shared", text, first=earlier[0].row)
        earlier.append(row)


def _same_issuer(a: ListRow, b: ListRow) -> bool:
    """Numbers are unique within a province only; an unnamed province may be the same one."""
    return not a.pass_province or not b.pass_province or a.pass_province == b.pass_province


def _doubled_people(rows: Sequence[ListRow]) -> Found:
    first: dict[tuple[str, str], ListRow] = {}
    for row in rows:
        keys = _identities(row)
        earlier = next((first[key] for key in keys if key in first), None)
        if earlier is not None and row.pass_key != earlier.pass_key:
            text = N_("Perhaps the same person as row %(first)s: the name and the birth are the same.")
            yield _warned(row, "name_latin", "person_doubled", text, first=earlier.row)
        for key in keys:
            first.setdefault(key, row)


def _identities(row: ListRow) -> list[tuple[str, str]]:
    birth = row.birth_on.isoformat() if row.birth_on else str(row.birth_year) if row.birth_year else None
    if birth is None:
        return []
    keys = [name_key(row.name_latin or ""), khmer_key(row.name_khmer or ""), thai_key(row.name_thai or "")]
    return [(key, birth) for key in keys if key]
