"""Every key that a ruleset may hold, in one table: its shape, its unit and what it is called on screens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from workflow.domain.actor import OfficeKind
from workflow.domain.validity import CAPS
from workflow.domain.words import N_


class Shape(StrEnum):
    """What kind of value a key holds."""

    COUNT = "count"
    YES_NO = "yes_no"
    DAY = "day"
    DAYS = "days"
    DAY_OF_YEAR = "day_of_year"
    WORD = "word"
    NAMES = "names"
    WORDS = "words"
    LIST = "list"
    ANSWERS = "answers"
    LINES = "lines"
    SLOTS = "slots"
    ROUTES = "routes"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its dotted name (a star for any part), shape, label, unit, and the words it may hold.

    `needs` names a key without which this one says nothing.
    """

    name: str
    shape: Shape
    label: str
    unit: str = ""
    words: tuple[str, ...] = ()
    needs: str | None = None


DAYS, HOURS, BAHT, DOLLARS = N_("days"), N_("hours"), N_("baht"), N_("US dollars")
S = Shape

# fmt: off
KEYS = (
    Key("orders.allowed",              S.YES_NO,   N_("Orders may be made")),
    Key("permit.length",               S.COUNT,    N_("Length of a permit"), needs="permit.unit"),
    Key("permit.unit",                 S.WORD,     N_("Unit of the length"), words=("month", "day"), needs="permit.length"),
    Key("permit.capped_by",            S.NAMES,    N_("What ends a permit"), words=tuple(CAPS)),
    Key("season.from",                 S.DAY_OF_YEAR, N_("Season from"), needs="season.until"),
    Key("season.until",                S.DAY_OF_YEAR, N_("Season until"), needs="season.from"),
    Key("stay.days",                   S.COUNT,    N_("Days of stay at each entry"), DAYS),
    Key("stay.extended_until",         S.DAY,      N_("Stay extended until")),
    Key("report.first_within_days",    S.COUNT,    N_("First report within days"), DAYS, needs="report.first_from"),
    Key("report.first_from",           S.DAY,      N_("First report counted from")),
    Key("report.every_days",           S.COUNT,    N_("Report every so many days"), DAYS),
    Key("report.instead_of_crossing",  S.YES_NO,   N_("Reporting stands in for crossing the border again")),
    Key("renewal.open_days",           S.COUNT,    N_("Renewal opens before the end of the permit"), DAYS),
    Key("renewal.most",                S.COUNT,    N_("Most renewals of one permit")),
    Key("fees.application",            S.COUNT,    N_("Fee for the application (baht)"), BAHT),
    Key("fees.permit",                 S.COUNT,    N_("Fee for the permit (baht)"), BAHT),
    Key("fees.renewal.application",    S.COUNT,    N_("Fee for the application of a renewal (baht)"), BAHT),
    Key("fees.renewal.permit",         S.COUNT,    N_("Fee for a renewed permit (baht)"), BAHT),
    Key("fees.change.application",     S.COUNT,    N_("Fee for the application to change the employer (baht)"), BAHT),
    Key("fees.change.permit",          S.COUNT,    N_("Fee for changing the employer (baht)"), BAHT),
    Key("fees.addition.application",   S.COUNT,    N_("Fee for the application to add an employer (baht)"), BAHT),
    Key("fees.addition.permit",        S.COUNT,    N_("Fee for adding an employer (baht)"), BAHT),
    Key("fees.substitute.application", S.COUNT,    N_("Fee for the application for a substitute permit (baht)"), BAHT),
    Key("fees.substitute.permit",      S.COUNT,    N_("Fee for a substitute permit (baht)"), BAHT),
    Key("fees.pay_within_days",        S.COUNT,    N_("Days to pay the permit fee"), DAYS),
    Key("employers.at_once",           S.COUNT,    N_("Employers at the same time")),
    Key("employers.same_province",     S.YES_NO,   N_("All employers in the same province")),
    Key("quota.reuse_freed",           S.YES_NO,   N_("A place that a worker left may be filled again")),
    Key("health.valid_days",           S.COUNT,    N_("Days that a medical check is valid"), DAYS),
    Key("health.before_entry",         S.YES_NO,   N_("Medical check before the entry")),
    Key("health.government_only",      S.YES_NO,   N_("Government hospitals only")),
    Key("medical.per_hour",            S.COUNT,    N_("Results of one doctor in an hour; more are looked at")),
    Key("medical.per_day",             S.COUNT,    N_("Results of one doctor on a day; more are looked at")),
    Key("insurance.required",          S.YES_NO,   N_("Health insurance is asked for")),
    Key("insurance.least_cover_usd",   S.COUNT,    N_("Least cover of the insurance (US dollars)"), DOLLARS),
    Key("quarantine.days",             S.COUNT,    N_("Days of quarantine"), DAYS),
    Key("quarantine.days_vaccinated",  S.COUNT,    N_("Days of quarantine after full vaccination"), DAYS),
    Key("overstay.per_day",            S.COUNT,    N_("Fine for each day of overstay (baht)"), BAHT),
    Key("overstay.longest_fine",       S.COUNT,    N_("Highest fine for overstay (baht)"), BAHT),
    Key("overstay.waived",             S.YES_NO,   N_("Overstay is waived")),
    Key("departure.days",              S.COUNT,    N_("Days to leave the country"), DAYS),
    Key("seeking.days",                S.COUNT,    N_("Days to find another employer"), DAYS),
    Key("appeal.days",                 S.COUNT,    N_("Days to appeal"), DAYS),
    Key("appeal.decide_days",          S.COUNT,    N_("Days to decide an appeal"), DAYS),
    Key("notices.hire_days",           S.COUNT,    N_("Notice of hiring, by the employer"), DAYS),
    Key("notices.worker_days",         S.COUNT,    N_("Notice of starting work, by the worker"), DAYS),
    Key("notices.exit_days",           S.COUNT,    N_("Notice that a worker left"), DAYS),
    Key("notices.district_hours",      S.COUNT,    N_("Notice to the district of dismissal or absconding"), HOURS),
    Key("notices.housing_hours",       S.COUNT,    N_("Notice of where a worker is housed (TM.30)"), HOURS),
    Key("loss.days",                   S.COUNT,    N_("Days to report a lost permit"), DAYS),
    Key("bar.longest_months",          S.COUNT,    N_("Longest bar of an employer"), N_("months")),
    Key("privacy.access_days",         S.COUNT,    N_("Days to answer who asks for his own data"), DAYS),
    Key("privacy.keep_years",          S.COUNT,    N_("Years that a worker's data are kept after the end"), N_("years")),
    Key("privacy.breach_hours",        S.COUNT,    N_("Notice of a breach of personal data"), HOURS),
    Key("holidays.closed",             S.DAYS,     N_("Further days on which offices are closed")),
    Key("ages.minimum",                S.COUNT,    N_("Lowest age")),
    Key("ages.maximum",                S.COUNT,    N_("Highest age")),
    Key("desk.days",                   S.COUNT,    N_("Days until somebody who waits is told why"), DAYS),
    Key("measure.ends_when",           S.WORDS,    N_("Also ends when")),
    Key("entry.conditions",            S.LIST,     N_("Asked for at the entry")),
    Key("offices.*.*",                 S.NAMES,    "", words=tuple(OfficeKind)),
    Key("jobs",                        S.LIST,     N_("Positions allowed")),
    Key("districts",                   S.LIST,     N_("Districts where work is allowed")),
    Key("gates",                       S.LIST,     N_("Gates")),
    Key("bands",                       S.LIST,     N_("Times of the day at the gate")),
    Key("slots.bands",                 S.SLOTS,    N_("Days and places at the gates"), needs="gates"),
    Key("pass_routes",                 S.ROUTES,   N_("Where a border pass leads"), needs="pass_provinces"),
    Key("pass_provinces",              S.LIST,     N_("Provinces that issue border passes")),
    Key("thai_provinces",              S.LIST,     N_("Thai provinces")),
    Key("nationalities",               S.LIST,     N_("Nationalities")),
    Key("sexes",                       S.LIST,     N_("Sex as written on the forms")),
    Key("attachments",                 S.LIST,     N_("Papers to attach")),
    Key("deficiencies",                S.ANSWERS,  N_("What may be missing")),
    Key("refusal_reasons",             S.ANSWERS,  N_("Reasons to refuse")),
    Key("revocation_grounds",          S.ANSWERS,  N_("Grounds to revoke a permit")),
    Key("employer_grounds",            S.ANSWERS,  N_("Grounds to warn or bar an employer")),
    Key("trafficking_indicators",      S.LIST,     N_("Signs of trafficking that are looked for")),
    Key("undertakings",                S.LINES,    N_("Undertakings of the employer")),
    Key("appeal",                      S.WORDS,    N_("Words on the appeal")),
)
# fmt: on
_NAMED = {key.name: key for key in KEYS if "*" not in key.name}
_STARRED = tuple(key for key in KEYS if "*" in key.name)


@cache
def key_of(name: str) -> Key | None:
    """Find the key of a dotted name; None for one that no ruleset may hold."""
    return _NAMED.get(name) or next((key for key in _STARRED if fnmatchcase(name, key.name)), None)


@cache
def place_of(name: str) -> int:
    """Give the place of a dotted name in the table; what it does not know comes last."""
    return KEYS.index(key) if (key := key_of(name)) else len(KEYS)


# what fits a shape --------------------------------------------------------------------------


def fits(key: Key, value: Any) -> bool:
    """Say whether a value has the shape of its key."""
    return FITS[key.shape](value, key.words)


def _count(value: Any, _: tuple[str, ...]) -> bool:
    return type(value) is int and value >= 0


def _names(value: Any, words: tuple[str, ...]) -> bool:
    return isinstance(value, list) and bool(value) and all(one in words for one in value)


def _in_three_languages(value: Any, _: tuple[str, ...] = ()) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(said), str) and value[said].strip() for said in ("th", "en", "km")
    )


def _list(value: Any, _: tuple[str, ...]) -> bool:
    return (
        isinstance(value, Mapping) and bool(value) and all(_in_three_languages(one) for one in value.values())
    )


def _answers(value: Any, _: tuple[str, ...]) -> bool:
    """An entry by which somebody is refused says what it is about and what to do."""
    return _list(value, ()) and all(
        _in_three_languages(one.get("about")) and _in_three_languages(one.get("do")) for one in value.values()
    )


def _slots(value: Any, _: tuple[str, ...]) -> bool:
    return isinstance(value, Mapping) and all(_slot(one) for one in value.values())


def _slot(one: Any) -> bool:
    if not isinstance(one, Mapping) or set(one) - {"weekdays", "bands", "province"}:
        return False
    weekdays, bands = one.get("weekdays"), one.get("bands", {})
    return (
        isinstance(weekdays, list)
        and all(type(day) is int and 1 <= day <= 7 for day in weekdays)
        and isinstance(bands, Mapping)
        and all(_count(places, ()) for places in bands.values())
    )


def _routes(value: Any, _: tuple[str, ...]) -> bool:
    return isinstance(value, list) and bool(value) and all(_route(one) for one in value)


def _route(one: Any) -> bool:
    if not isinstance(one, Mapping) or set(one) - {"home", "gate", "districts", "from", "until"}:
        return False
    days = [one[name] for name in ("from", "until") if name in one]
    districts = one.get("districts")
    return (
        all(type(day) is date for day in days)
        and (len(days) < 2 or days[0] <= days[1])
        and isinstance(one.get("home"), str)
        and isinstance(one.get("gate"), str)
        and isinstance(districts, list)
        and all(isinstance(code, str) for code in districts)
    )


DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
FITS = {
    S.COUNT: _count,
    S.YES_NO: lambda value, _: type(value) is bool,
    S.DAY: lambda value, _: type(value) is date,
    S.DAYS: lambda value, _: isinstance(value, list) and all(type(day) is date for day in value),
    S.DAY_OF_YEAR: lambda value, _: isinstance(value, str) and bool(DAY_OF_YEAR.fullmatch(value)),
    S.WORD: lambda value, words: value in words,
    S.NAMES: _names,
    S.WORDS: _in_three_languages,
    S.LIST: _list,
    S.ANSWERS: _answers,
    S.LINES: lambda value, _: isinstance(value, list) and all(_in_three_languages(one) for one in value),
    S.SLOTS: _slots,
    S.ROUTES: _routes,
}
SHOULD_BE = {
    S.COUNT: N_("a whole number"),
    S.YES_NO: N_("true or false"),
    S.DAY: N_("a date"),
    S.DAYS: N_("a list of dates"),
    S.DAY_OF_YEAR: N_("a day of the year as month-day, such as 08-01"),
    S.WORD: N_("one of the words that the key knows"),
    S.NAMES: N_("a list of words that the key knows"),
    S.WORDS: N_("words in th, en and km"),
    S.LIST: N_("a list of entries, each in th, en and km"),
    S.ANSWERS: N_("a list of entries, each in th, en and km, with what it is about and what to do"),
    S.LINES: N_("a list of lines, each in th, en and km"),
    S.SLOTS: N_("for each gate its weekdays and the places of each band"),
    S.ROUTES: N_("a list of routes: home, gate, districts, and the days if they are limited"),
}
