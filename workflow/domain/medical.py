"""What medical results look like beside each other: who examined under which licence, and what is unusual about it.

A flag is told to the officer, the registrar and the auditor; it never refuses anything. No test and no disease is
known here: of the sealed scan of a certificate only a keyed digest is compared, and never shown.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from workflow.domain.oddities import Oddity
from workflow.domain.record import Record
from workflow.domain.rulesets import Ruleset
from workflow.domain.thai import arabic_digits, bangkok_date, plain_digits
from workflow.domain.words import N_

PHYSICIAN = "ว"
"""The sign of the Medical Council's licences; who writes the digits alone means it."""
HOUR = timedelta(hours=1)

UNKNOWN_DOCTOR = N_("The doctor is not in the register for this hospital and day")
HOSPITAL_LAPSED = N_("The hospital's licence did not run on the day of the examination")
MANY_AN_HOUR = N_("More results of this doctor in one hour than usual")
MANY_A_DAY = N_("More results of this doctor on one day than usual")
SAME_DETAIL = N_("The same sealed detail stands behind another certificate")
IN_A_ROW = N_("Certificate numbers in a row on one day, by a doctor who is not in the register")
ELSEWHERE = N_("The same certificate number was used in another hospital")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One medical result: where, by whom, under which number; `detail` is a keyed digest of what is sealed.

    `at` is when it was recorded: at the hospital that is when it was found, from paper only the day counts.
    """

    application: str
    number: int
    hospital: str
    doctor: str
    licence: str
    certificate: str
    examined_on: date
    at: datetime
    result: str
    detail: str | None
    on_paper: bool


Key = tuple[str, int]


def licence_key(written: str) -> str:
    """Fold a doctor's licence number: ว.00123, ว 123 and 123 are one."""
    plain = plain_digits(written).upper()
    letters = "".join(c for c in plain if c.isalpha()) or PHYSICIAN
    digits = "".join(c for c in plain if c.isdigit()).lstrip("0")
    return f"{letters}{digits}"[:40]


def certificate_key(written: str) -> str:
    """Fold a certificate number: spaces, hyphens and points in it do not tell two apart."""
    return plain_digits(written).strip().upper()


def is_licensed(doctor: Record | None, hospital: str, on: date) -> bool:
    """Say whether a doctor of the register works at a hospital under a licence that runs on a day.

    An entry that was closed since counts for the days before; so does what it said before it was changed.
    """
    if doctor is None:
        return False
    closed = doctor.last("close_doctor")
    if closed is not None and bangkok_date(closed.happened_at) <= on:
        return False
    return any(
        hospital in stated.hospitals and stated.valid_from <= on <= (stated.valid_until or date.max)
        for stated in _said(doctor, on, "enter_doctor", "amend_doctor")
    )


def hospital_runs(hospital: Record, on: date) -> bool:
    """Say whether a hospital's licence runs on a day, or ran by what was known then; one without dates is under none."""
    return any(
        (stated.licence_from or date.min) <= on <= (stated.licence_until or date.max)
        for stated in _said(hospital, on, "enter_hospital", "amend_hospital")
    )


def _said(entry: Record, on: date, *steps: str) -> Iterator[Any]:
    """Give what an entry says now, and what it said until it was changed after a day: who moves has worked elsewhere."""
    changed = date.max
    for done in entry.standing():
        if done.step in steps:
            if on < changed:
                yield done.evidence
            changed = bangkok_date(done.happened_at)


# what is unusual ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Register:
    """What the registers say: the doctors by licence, the hospitals by their subject."""

    doctors: Mapping[str, Record]
    hospitals: Mapping[str, Record]

    def knows(self, one: Seen) -> bool:
        """Say whether the doctor of a result was licensed there and then."""
        return is_licensed(self.doctors.get(one.licence), one.hospital, one.examined_on)

    def hospital_ran(self, one: Seen) -> bool:
        """Say whether the hospital of a result was licensed then."""
        found = self.hospitals.get(one.hospital)
        return found is None or hospital_runs(found, one.examined_on)


def judged(results: Sequence[Seen], register: Register, rules: Ruleset) -> dict[Key, tuple[Oddity, ...]]:
    """Say of each result what is unusual about it, beside the others; nothing for most."""
    unknown = {_key(one) for one in results if not register.knows(one)}
    found: dict[Key, list[Oddity]] = defaultdict(list)
    told = (
        (UNKNOWN_DOCTOR, unknown),
        (HOSPITAL_LAPSED, {_key(one) for one in results if not register.hospital_ran(one)}),
        (MANY_AN_HOUR, set(_within_an_hour(results, rules.get("medical.per_hour")))),
        (MANY_A_DAY, set(_on_one_day(results, rules.get("medical.per_day")))),
        (SAME_DETAIL, set(_shared(results))),
        (IN_A_ROW, set(_in_a_row(results, unknown))),
        (ELSEWHERE, set(_in_another_hospital(results))),
    )
    for text, keys in told:
        for key in keys:
            found[key].append(Oddity(text))
    return {key: tuple(odd) for key, odd in found.items()}


def _key(one: Seen) -> Key:
    return one.application, one.number


def _groups(results: Iterable[Seen], *names: str) -> Iterator[list[Seen]]:
    groups: dict[tuple[object, ...], list[Seen]] = defaultdict(list)
    for one in results:
        groups[tuple(getattr(one, name) for name in names)].append(one)
    return iter(groups.values())


def _within_an_hour(results: Iterable[Seen], most: int | None) -> Iterator[Key]:
    """Only what the hospital records itself has an hour: what is keyed in from paper says when it was typed."""
    if most is None:
        return
    for group in _groups((one for one in results if not one.on_paper), "licence"):
        ordered = sorted(group, key=lambda one: one.at)
        first = 0
        for last, one in enumerate(ordered):
            while one.at - ordered[first].at >= HOUR:
                first += 1
            if last - first + 1 > most:
                yield from map(_key, ordered[first : last + 1])


def _on_one_day(results: Iterable[Seen], most: int | None) -> Iterator[Key]:
    for group in _groups(results, "licence", "examined_on"):
        if most is not None and len(group) > most:
            yield from map(_key, group)


def _shared(results: Iterable[Seen]) -> Iterator[Key]:
    """Two certificates, whether of one worker or of two, never have the same detail."""
    for group in _groups((one for one in results if one.detail), "detail"):
        if len({(one.hospital, certificate_key(one.certificate)) for one in group}) > 1:
            yield from map(_key, group)


def _in_a_row(results: Iterable[Seen], unknown: Collection[Key]) -> Iterator[Key]:
    """Honest numbers rise too, but not one by one for a doctor whom nobody knows."""
    for group in _groups(
        (one for one in results if _key(one) in unknown), "licence", "hospital", "examined_on"
    ):
        serials = Counter(_serial(one.certificate) for one in group)
        for one in group:
            serial = _serial(one.certificate)
            if serial and any((serial[0], serial[1] + step) in serials for step in (-1, 1)):
                yield _key(one)


def _serial(certificate: str) -> tuple[str, int] | None:
    found = re.fullmatch(r"(.*?)([0-9]{1,15})", arabic_digits(certificate).strip().upper())
    return (found[1], int(found[2])) if found else None


def _in_another_hospital(results: Iterable[Seen]) -> Iterator[Key]:
    numbers: dict[str, list[Seen]] = defaultdict(list)
    for one in results:
        numbers[certificate_key(one.certificate)].append(one)
    for group in numbers.values():
        if len({one.hospital for one in group}) > 1:
            yield from map(_key, group)
