"""Who examined: doctors with licences, results beside each other, flags that never hold up the counter."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.driving import does, medical, one, record, referral
from tests.living import ruled
from tests.signing_in import sign_in_as
from tests.stores import NOON
from workflow import medical as results
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain import medical as beside
from workflow.domain.application import MedicalClass
from workflow.domain.everywhere import Reason
from workflow.domain.flow import Refused
from workflow.domain.medical import Register, Seen, judged, licence_key
from workflow.domain.registers import Doctor
from workflow.store.projections import MedicalSeen

ROOT = Path(__file__).parent.parent
DAY = date(2026, 11, 23)


def seen(which: int = 1, **changes: object) -> Seen:
    """A result of an unknown doctor."""
    plain = Seen(
        application=f"ap{which}", number=5, hospital="ho1", doctor="ก", licence="ว99", certificate=f"MC-{which * 7}",
        examined_on=DAY, at=NOON + timedelta(minutes=which), result="1", detail=None, on_paper=False,
    )  # fmt: skip
    return replace(plain, **changes)


def told(some: list[Seen], **rules: object) -> dict[str, list[str]]:
    """What is said of each file, without the doctor being unknown, which all of them are here."""
    odd = judged(some, Register({}, {}), ruled(**rules))
    return {
        key[0]: [one.text for one in found if one.text != beside.UNKNOWN_DOCTOR]
        for key, found in odd.items()
        if any(one.text != beside.UNKNOWN_DOCTOR for one in found)
    }


# pure ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"), [("ว.00123", "ว 123"), ("123", "ว.123"), ("ว.๑๒๓", "ว.123"), ("ว១២៣", "ว.0123")]
)
def test_a_licence_is_one_however_it_is_typed(first: str, second: str) -> None:
    assert licence_key(first) == licence_key(second)
    assert licence_key(first) != licence_key("ท.123")


def test_more_results_in_an_hour_than_the_rules_expect_are_flagged_only_where_the_hour_is_known() -> None:
    within = [seen(n) for n in range(1, 5)]
    assert set(told(within, medical__per_hour=3)) == {"ap1", "ap2", "ap3", "ap4"}
    assert told(within, medical__per_hour=4) == {}
    assert told([replace(each, on_paper=True) for each in within], medical__per_hour=3) == {}
    apart = [replace(each, at=each.at + timedelta(minutes=25 * n)) for n, each in enumerate(within)]
    assert told(apart, medical__per_hour=3) == {}


def test_paper_is_judged_by_the_day_of_the_examination() -> None:
    some = [seen(n, on_paper=True) for n in range(1, 4)]
    assert told(some, medical__per_day=2)["ap1"] == [beside.MANY_A_DAY]
    assert told([*some[:2], seen(3, examined_on=DAY + timedelta(days=1))], medical__per_day=2) == {}


def test_the_same_detail_behind_two_certificates_is_flagged_and_behind_one_is_not() -> None:
    twice = [seen(1, detail="d"), seen(2, detail="d"), seen(3, detail="e"), seen(4)]
    assert told(twice) == {"ap1": [beside.SAME_DETAIL], "ap2": [beside.SAME_DETAIL]}
    assert told([seen(1, detail="d"), seen(1, number=9, detail="d")]) == {}


def test_numbers_in_a_row_by_an_unknown_doctor_are_flagged_and_by_a_known_one_are_not(season: Season) -> None:
    row = [seen(1, certificate="MC-100"), seen(2, certificate="mc-๑๐๑"), seen(3, certificate="MC-500")]
    assert told(row) == {"ap1": [beside.IN_A_ROW], "ap2": [beside.IN_A_ROW]}
    cast = season.cast
    known = Register({"ว1": record(season, cast.entries["doctor"])}, {})
    of_known = [replace(each, licence="ว1", hospital=cast.entries["hospital"]) for each in row]
    assert judged(of_known, known, ruled()) == {}


def test_one_number_in_two_hospitals_is_flagged() -> None:
    both = [seen(1, certificate="MC-1"), seen(2, certificate="mc 1", hospital="ho2")]
    assert told(both) == {"ap1": [beside.ELSEWHERE], "ap2": [beside.ELSEWHERE]}


def test_no_field_no_list_and_no_paper_asks_for_hiv() -> None:
    """HIV is never a field, in whatever language it is written."""
    word = re.compile(r"\bhiv\b|เอชไอวี|អេដស៍|\baids\b|เอดส์", re.IGNORECASE)
    code = ("workflow/**/*.py", "workflow/**/*.toml", "forms/**/*.py")
    shown = ("templates/*.html", "pdf/papers/*.html", "translations/**/*.po")
    files = [path for kind in (*code, *shown) for path in ROOT.glob(kind)]
    assert len(files) > 200
    assert [str(path) for path in files if word.search(path.read_text("utf-8"))] == []


# in the office ------------------------------------------------------------------------------


def first_referred(season: Season) -> str:
    """Bring one worker to the hospital's door."""
    subject = one(season, until="requested")
    if record(season, subject).last("refer_to_hospital") is None:
        does(season, "officer", subject, "refer_to_hospital", referral(season))
    return subject


def test_a_hospital_names_a_registered_doctor_and_the_counter_is_never_held_up(season: Season) -> None:
    subject = first_referred(season)
    stranger = replace(medical(season), doctor="นายใครก็ไม่รู้", doctor_licence="ว.77777")
    with pytest.raises(Refused) as refused:
        does(season, "hospital", subject, "record_medical", stranger)
    assert [one.code for one in refused.value.refusals] == ["doctor-unknown"]

    does(season, "officer", subject, "record_medical", stranger)
    rules = season.desk.in_force(season.calendar.today(), "22")
    flags = [one.text for one in results.flags_of(season.desk, record(season, subject), rules)]
    assert flags == [beside.UNKNOWN_DOCTOR]

    entered = Doctor(
        name="นายแพทย์ใหม่ มาดี",
        licence="77777",
        valid_from=date(2020, 1, 1),
        hospitals=(season.cast.entries["hospital"],),
    )
    results.enter_doctor(season.desk, season.cast["officer"], entered, Act())
    assert results.flags_of(season.desk, record(season, subject), rules) == ()
    with pytest.raises(Refused) as twice:
        results.enter_doctor(season.desk, season.cast["officer"], entered, Act())
    assert [one.code for one in twice.value.refusals] == ["licence-taken"]


def test_a_licence_that_ran_out_or_was_closed_no_longer_signs(season: Season) -> None:
    subject, doctor = first_referred(season), season.cast.entries["doctor"]
    stated = record(season, doctor).last("enter_doctor").evidence
    over = replace(stated, valid_until=season.calendar.today() - timedelta(days=1))
    results.change_doctor(season.desk, season.cast["officer"], doctor, over, Act())
    with pytest.raises(Refused):
        does(season, "hospital", subject, "record_medical", medical(season))
    results.change_doctor(season.desk, season.cast["admin"], doctor, replace(stated, valid_until=None), Act())
    results.change_doctor(season.desk, season.cast["admin"], doctor, Reason(reason="ย้าย"), Act())
    with pytest.raises(Refused):
        does(season, "hospital", subject, "record_medical", medical(season))


def test_a_doctor_who_moved_and_a_licence_that_was_renewed_do_not_flag_what_was_examined_before(
    season: Season,
) -> None:
    doctor, before, moved = season.cast.entries["doctor"], season.calendar.today(), DAY + timedelta(days=30)
    season.calendar.next_day((moved - before).days)
    stated = record(season, doctor).last("enter_doctor").evidence
    (old,) = stated.hospitals[:1]
    anew = replace(stated, hospitals=("elsewhere",), valid_from=moved)
    results.change_doctor(season.desk, season.cast["officer"], doctor, anew, Act())
    entry = record(season, doctor)
    assert beside.is_licensed(entry, old, before)
    assert not beside.is_licensed(entry, old, moved)
    assert beside.is_licensed(entry, "elsewhere", moved)
    assert not beside.is_licensed(entry, "elsewhere", before)


def test_results_are_copied_as_they_stand_and_the_detail_only_as_a_keyed_digest(season: Season) -> None:
    subject = first_referred(season)
    scan = "ab" * 32
    does(
        season,
        "hospital",
        subject,
        "record_medical",
        replace(medical(season, MedicalClass.FIT), certificate_scan=scan),
    )
    row = season.desk.session.get(MedicalSeen, (subject, record(season, subject).version))
    assert (row.licence, row.on_paper, row.result) == ("ว1", False, "1")
    assert row.detail
    assert scan not in row.detail


# the pages ----------------------------------------------------------------------------------


def test_officers_keep_the_register_of_doctors(client: FlaskClient) -> None:
    sign_in_as(client, "officer")
    assert "ว.00001" in client.get("/doctors").text
    asked = client.get("/doctors/new")
    assert asked.status_code == 200
    assert client.get("/doctors/doctor1").status_code == 404
    page = client.get("/doctors/doctor").text
    assert "นายแพทย์ศุภชัย ตรวจดี" in page


def test_the_results_are_for_the_registrar_and_the_auditor(app: Flask, season: Season) -> None:
    subject = first_referred(season)
    stranger = replace(medical(season), doctor="นายใครก็ไม่รู้", doctor_licence="ว.77777")
    does(season, "officer", subject, "record_medical", stranger)
    for user, status in (("registrar", 200), ("auditor", 200), ("hospital", 403), ("owner", 403)):
        reader = app.test_client()
        sign_in_as(reader, user)
        shown = reader.get("/medical-results")
        assert shown.status_code == status, user
        if status == 200:
            assert "ว77777" in shown.text
