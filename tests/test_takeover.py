"""Taking over running paper permits: read in any order and language, judged row by row, confirmed by two persons."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from forms import takeover as reading
from forms.listfile import sentence
from forms.sheet import MOST_BYTES, open_file
from forms.takeoverfile import empty_workbook
from forms.workbook import read_workbook
from tests import samples
from tests.driving import against, does, flags, record, referral
from tests.living import ruled
from tests.onward import GOOD as GRANTED
from tests.onward import examined, opens, renewal, to_issue, to_order
from tests.signing_in import sign_in_as, token
from tests.test_many import done, sheet
from workflow import uploads
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.domain.application import Filing
from workflow.domain.employer import BusinessEnd
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Nothing
from workflow.domain.flow import Refused
from workflow.domain.namelist import ListRow
from workflow.domain.request import WageUnit
from workflow.domain.takeover import PaperPermit, judge
from workflow.domain.thai import check_digit
from workflow.domain.validity import permit_until
from workflow.store import previews
from workflow.store.projections import Case, Employment, RegisterEntry, Worker
from workflow.takeover import SheetReplaced, TakingOver
from workflow.verification import verify

TODAY = date(2026, 11, 23)
GATES = {"ban_laem": ["บ้านแหลม อำเภอโป่งน้ำร้อน", "Ban Laem", "បានឡែម"]}
ORCHARD, NEWCOMER = "0225569000010", f"010556100001{check_digit('010556100001')}"
THAI = ("ชื่อ-สกุล (อังกฤษ)", "เพศ", "เลขที่บัตรผ่านแดน", "เลขทะเบียนนายจ้าง", "ชื่อนายจ้าง", "เล่มที่", "เลขที่ใบอนุญาต",
        "เลขประจำตัวคนต่างด้าว", "อนุญาตตั้งแต่วันที่", "อนุญาตถึงวันที่", "ตำแหน่ง", "สถานที่ทำงาน", "ด่าน", "อยู่ได้ถึง")  # fmt: skip
ENGLISH = ("Name", "Sex", "Border pass number", "Employer number", "Employer", "Permit book", "Permit number",
           "Foreigner number", "Valid from", "Valid until", "Position", "Workplace", "Gate", "Stay until")  # fmt: skip
KHMER = ("ឈ្មោះ", "ភេទ", "លេខប័ណ្ណឆ្លងដែន", "លេខនិយោជក", "ឈ្មោះនិយោជក", "លេខក្បាល", "លេខលិខិតអនុញ្ញាត",
         "លេខសម្គាល់ជនបរទេស", "ចាប់ពីថ្ងៃ", "ដល់ថ្ងៃ", "មុខរបរ", "ទីកន្លែងធ្វើការ", "ច្រក", "ស្នាក់នៅដល់")  # fmt: skip


def foreigner(number: int) -> str:
    """A foreigner number that holds."""
    twelve = f"00{22 * 10**8 + 5000 + number:010d}"
    return f"{twelve}{check_digit(twelve)}"


def cells(which: int, **changes: str) -> list[str]:
    """A row of the sheet."""
    row = {
        "name": f"SOK {'ABCDEFGHIJ'[which % 10]}ARA", "sex": "M", "pass": f"PL{770000 + which}", "employer": ORCHARD,
        "called": "สวนลำไยตัวอย่าง จำกัด", "book": "7", "number": f"64-9{which:04d}", "foreigner": foreigner(which),
        "first": "1/10/2569", "last": "31/12/2569", "job": "กรรมกร", "place": "สวน 1", "gate": "บ้านแหลม",
        "stay": "20/12/2569",
    }  # fmt: skip
    return list((row | changes).values())


def pasted(*rows: list[str], headings: tuple[str, ...] = THAI) -> str:
    """A sheet as cells pasted, with a title above its headings."""
    return "\n".join("\t".join(line) for line in (["ใบอนุญาตที่ยังไม่หมดอายุ"], list(headings), *rows))


def at(season: Season, user: str = "officer") -> TakingOver:
    """An officer's taking over."""
    return TakingOver(season.desk, season.cast[user])


def taken(season: Season, *rows: list[str]) -> list[str]:
    """Take rows over; give the permits."""
    work = at(season)
    assert work.take("x.txt", pasted(*rows)).faults == ()
    results = work.take_over(work.draft())
    assert all(result.done for result in results), [result.fault for result in results]
    return [result.performed.record.subject for result in results]


# the sheet ----------------------------------------------------------------------------------


@pytest.mark.parametrize("headings", [THAI, ENGLISH, KHMER], ids=["th", "en", "km"])
def test_headings_are_found_in_three_languages_and_any_order(headings: tuple[str, ...]) -> None:
    order = [13, 0, 5, 2, 1, 3, 12, 4, 6, 9, 8, 7, 10, 11]
    row = cells(1)
    sheet = reading.read(
        "a.txt", pasted([row[i] for i in order], headings=tuple(headings[i] for i in order)), GATES
    )
    assert sheet.faults == ()
    assert sheet.unread == ()
    (permit,) = sheet.rows
    assert permit == PaperPermit(
        row=3, name_latin="SOK BARA", sex="M", pass_number="PL770001", employer_number=ORCHARD,
        employer_name="สวนลำไยตัวอย่าง จำกัด", permit_book="7", permit_number="64-90001", foreigner_number=foreigner(1),
        valid_from=date(2026, 10, 1), valid_until=date(2026, 12, 31), job="กรรมกร", workplace="สวน 1", gate="ban_laem",
        stay_until=date(2026, 12, 20),
    )  # fmt: skip
    assert sheet.cell("permit_number", 3) == "I3"
    assert reading.from_json(reading.to_json(sheet)) == sheet


def test_our_own_empty_sheet_is_understood_whole() -> None:
    (grid,) = read_workbook(empty_workbook(str))
    told = {reading.meaning(text) for text in map(str, grid.lines[1].cells.values())}
    assert len(told) == len(grid.lines[1].cells)
    assert None not in told


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"),
        ("a\tb\n1\t2", "no_headings"),
        (pasted(), "no_rows"),
        (pasted(cells(1), headings=(*THAI[:-1], "เพศ")), "same_heading"),
    ],
)
def test_a_faulty_sheet_is_refused_whole_with_a_reason(content: str, code: str) -> None:
    assert [fault.code for fault in reading.read("a.txt", content, GATES).faults] == [code]


def test_nothing_in_a_sheet_is_carried_out_and_what_cannot_be_read_holds_its_row() -> None:
    bad = cells(1, last="31/13/2569", gate="ที่ไหนสักแห่ง")
    sheet = reading.read("a.txt", pasted(bad), GATES)
    assert {(one.field, one.kind.value) for one in sheet.unread} == {
        ("valid_until", "held"),
        ("gate", "warning"),
    }


@pytest.mark.parametrize("field", ["book", "number", "employer", "foreigner", "called", "job", "place"])
def test_what_is_too_long_holds_its_row_and_is_not_cut(field: str) -> None:
    sheet = reading.read("a.txt", pasted(cells(1, **{field: "9" * 501})), GATES)
    assert [one.code for one in sheet.unread] == ["too_long"]


# the judging --------------------------------------------------------------------------------

GOOD = reading.read("a.txt", pasted(cells(1)), GATES).rows[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"permit_number": None}, "missing"),
        ({"name_latin": None}, "name_missing"),
        ({"employer_number": "0225569000011"}, "thirteen_digits"),
        ({"foreigner_number": "123"}, "thirteen_digits"),
        ({"employer_number": foreigner(8)}, "number_of_foreigner"),
        ({"valid_until": date(2026, 9, 1)}, "ends_before_start"),
        ({"valid_until": TODAY - timedelta(days=1)}, "ended"),
        ({"valid_from": TODAY + timedelta(days=1)}, "not_begun"),
        ({"valid_until": date(2027, 6, 1)}, "longer"),
        ({"stay_until": TODAY - timedelta(days=1)}, "stay_over"),
        ({"pass_expires_on": date(2026, 12, 1)}, "pass_ends"),
    ],
)
def test_each_fault_of_a_row_is_named(changes: dict[str, object], code: str) -> None:
    assert judge([GOOD], ruled(), TODAY, ()) == []
    assert [one.code for one in judge([replace(GOOD, **changes)], ruled(), TODAY, ())] == [code]


def test_no_two_rows_share_a_pass_or_a_number() -> None:
    found = judge([GOOD, replace(GOOD, row=9)], ruled(), TODAY, ())
    assert [(one.row, one.code) for one in found] == [(9, "doubled")] * 3


# taking over --------------------------------------------------------------------------------


def test_good_rows_become_workers_and_permits_and_doing_it_again_does_nothing(season: Season) -> None:
    work = at(season)
    work.take("x.txt", pasted(cells(1), cells(2), cells(3, last="1/1/2569")))
    draft = work.draft()
    assert [row.row for row in draft.good] == [3, 4]
    results = work.take_over(draft)
    assert [result.done for result in results] == [True, True]
    again = work.take_over(draft)
    assert all(result.performed.repeated for result in again)

    desk = season.desk
    permit = desk.session.get(Case, results[0].performed.record.subject)
    assert (permit.state, permit.valid_until, permit.stay_until) == (
        "active",
        date(2026, 12, 31),
        date(2026, 12, 20),
    )
    assert desk.session.get(Worker, permit.worker).foreigner_number == foreigner(1)
    employer = desk.session.scalar(select(Employment.employer).filter_by(permit=permit.subject))
    assert employer == season.cast.entries["orchard"]
    assert permit.due_clock not in ("hire_notice", "worker_notice")

    later = work.draft()
    assert [row.row for row in later.done] == [3, 4]
    assert later.good == []
    assert verify(desk).sound


def test_an_employer_who_is_not_there_is_entered_with_the_name_or_holds_the_row(season: Season) -> None:
    work = at(season)
    work.take(
        "x.txt", pasted(cells(1, employer=NEWCOMER, called=""), cells(2, employer=NEWCOMER, called="สวนใหม่"))
    )
    draft = work.draft()
    assert [one.code for one in draft.found_in(3)] == ["employer_unknown"]
    assert [(one.code, one.cell) for one in draft.found_in(4)] == [("employer_new", "D4")]
    work.take_over(draft)
    (entered,) = season.desk.session.scalars(
        select(RegisterEntry).filter_by(register="employer", number=NEWCOMER)
    )
    assert entered.name == "สวนใหม่"


def test_a_number_or_pass_in_another_file_holds_the_row(season: Season) -> None:
    taken(season, cells(1))
    work = at(season)
    work.take("y.txt", pasted(
        cells(2, number="64-90001"), cells(3, **{"pass": "PL770001"}), cells(4, foreigner=foreigner(1)),
    ))  # fmt: skip
    draft = work.draft()
    assert [one.code for one in draft.found_in(3)] == ["number_used"]
    assert "has_permit" in [one.code for one in draft.found_in(4)]
    assert [one.code for one in draft.found_in(5)] == ["foreigner_of_another"]
    assert draft.good == []


def test_another_foreigner_number_than_the_known_one_holds_the_row(season: Season) -> None:
    work = at(season, "clerk")
    work.take("y.txt", pasted(cells(1, foreigner=foreigner(9))))
    before = work.draft()
    (permit,) = taken(season, cells(1))
    does(season, "clerk", permit, "reject_takeover", Reason(reason="ไม่ตรงกับเล่ม"))
    assert [one.code for one in work.draft().found_in(3)] == ["foreigner_differs"]
    (left,) = work.take_over(before)  # the sheet had been looked through when the number was not known yet
    assert [one.code for one in left.fault.refusals] == ["foreigner_differs"]


def test_what_was_rejected_is_not_told_as_taken_over_when_its_sheet_is_confirmed_again(
    season: Season,
) -> None:
    work = at(season)
    work.take("x.txt", pasted(cells(1)))
    before = work.draft()
    (result,) = work.take_over(before)
    does(season, "clerk", result.performed.record.subject, "reject_takeover", Reason(reason="ไม่ตรงกับเล่ม"))
    assert [one.code for one in work.draft().found_in(3)] == ["rejected"]
    (left,) = work.take_over(before)
    assert [one.code for one in left.fault.refusals] == ["rejected"]


def test_only_the_sheet_that_was_looked_through_is_taken_over(season: Season) -> None:
    work = at(season)
    work.take("x.txt", pasted(cells(1)))
    before = work.draft()
    work.take("y.txt", pasted(cells(2)))
    with pytest.raises(SheetReplaced):
        work.take_over(before)
    assert season.desk.session.scalars(select(Case).filter_by(flow="permit")).all() == []


def test_an_employer_out_of_business_is_not_entered_anew(season: Season) -> None:
    ended = BusinessEnd(ceased_on=season.calendar.today(), reason="ปิดกิจการ")
    does(season, "officer", season.cast.entries["orchard"], "cease_employer", ended)
    work = at(season)
    work.take("x.txt", pasted(cells(1)))
    assert [one.code for one in work.draft().found_in(3)] == ["employer_ceased"]
    assert work.draft().good == []


def test_a_second_person_confirms_before_anything_is_built_on_it(season: Season) -> None:
    (permit,) = taken(season, cells(1))
    season.calendar.next_day(25)
    with pytest.raises(Refused) as refused:
        opens(season, "owner", "open_renewal", renewal(season, permit))
    assert [one.code for one in refused.value.refusals] == ["takeover-unconfirmed"]
    assert against(season, "officer", permit, "confirm_takeover", Nothing()) == ["four-eyes"]
    does(season, "clerk", permit, "confirm_takeover", Nothing())
    assert opens(season, "owner", "open_renewal", renewal(season, permit)).record.state == "admitted"


def test_what_a_second_person_rejects_is_closed_and_its_number_free(season: Season) -> None:
    (permit,) = taken(season, cells(1))
    does(season, "clerk", permit, "reject_takeover", Reason(reason="ไม่ตรงกับเล่ม"))
    assert record(season, permit).state == "ended"
    assert season.desk.session.scalar(select(Employment.ended_on).filter_by(permit=permit)) is not None
    assert len(taken(season, cells(1))) == 1
    assert verify(season.desk).sound


def test_a_permit_taken_over_is_renewed_like_any_other_once_the_identity_is_checked(season: Season) -> None:
    (permit,) = taken(season, cells(1))
    does(season, "clerk", permit, "confirm_takeover", Nothing())
    season.calendar.next_day(25)
    subject = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    assert record(season, subject).last("keep_identity") is None
    assert against(season, "officer", subject, "refer_to_hospital", referral(season)) == ["identity-unknown"]
    photo = uploads.keep_upload(season.desk, subject, drawn_photo(season.invention.chance))
    row = ListRow(row=1, name_latin="SOK BARA", sex="M", pass_number="PL770001", birth_year=1990)
    does(season, "officer", subject, "check_identity", season.invention.identity(row, photo))
    examined(season, subject)
    does(season, "owner", subject, "file_application", filing(season))
    to_order(season, subject)
    does(season, "registrar", subject, "decide", GRANTED)
    issued = to_issue(season, subject)
    assert issued.state == "issued"
    assert permit_until(record(season, permit)) > date(2026, 12, 31)
    assert verify(season.desk).sound


def filing(season: Season) -> Filing:
    """BT.29 of a renewal for which no request stands with us."""
    work = SimpleNamespace(workplace="สวน 1", wage=Decimal("400.00"), wage_unit=WageUnit.DAY)
    attachments = season.desk.in_force(season.calendar.today(), "22").get("attachments")
    until = season.calendar.today() + timedelta(days=200)
    return replace(season.invention.filing(work, attachments), insured_until=until)


def test_a_second_officer_confirms_many_at_once(client: FlaskClient, season: Season) -> None:
    permits = [season.desk.session.get(Case, one) for one in taken(season, cells(1), cells(2))]
    client.get("/sign-in?lang=en")
    sign_in_as(client, "clerk")
    assert all(permit.title in client.get("/desk?tray=takeover").text for permit in permits)
    assert "Done for 2 of 2" in done(client, sheet("confirm_takeover", permits))
    assert [flags(season, permit.subject) for permit in permits] == [set(), set()]


# the pages ----------------------------------------------------------------------------------

GOOD_BOOK = samples.plain_workbook([list(THAI), cells(1)])
FIRST_SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (samples.repacked(GOOD_BOOK, {"xl/media/x.bin": b"\0" * 60_000_000}), "x.xlsx", "bomb"),
        (samples.repacked(GOOD_BOOK, {FIRST_SHEET: lambda xml: ENTITIES + xml.partition(b"?>")[2]}), "x.xlsx", "damaged"),
        (samples.repacked(GOOD_BOOK, {"xl/vbaProject.bin": b"x"}), "x.xlsx", "macros"),
        (GOOD_BOOK, "x.xlsm", "macros"),
        (samples.long_workbook(100_000), "x.xlsx", "too_many_rows"),
        (samples.ole("Workbook"), "x.xls", "old_excel"),
        (samples.ole("EncryptedPackage"), "x.xlsx", "password"),
        (b"%PDF-1.7 x", "x.pdf", "not_excel"),
        (b"\x89PNG\r\n\x1a\n0000", "x.xlsx", "not_excel"),
        (b"x" * (MOST_BYTES + 1), "x.csv", "too_large"),
    ],
    ids=["bomb", "entities", "macros", "macros by name", "100,000 rows", "xls", "password", "pdf", "png", "large"],
)
def test_a_hostile_file_is_refused_as_a_name_list_is_and_not_kept(
    client: FlaskClient, season: Season, content: bytes, name: str, code: str
) -> None:
    fault = open_file(name, content)
    assert fault.code == code
    client.get("/sign-in?lang=en")
    sign_in_as(client, "officer")
    sent = {"csrf_token": token(client.get("/takeover")), "sheet": (io.BytesIO(content), name)}
    answer = client.post("/takeover", data=sent, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large upload open
    assert answer.status_code == 422
    assert str(escape(sentence(fault, str))) in answer.text
    season.desk.session.rollback()
    assert season.desk.session.scalars(select(previews.ListPreview)).all() == []


def test_a_formula_in_a_sheet_of_permits_is_not_worked_out_and_holds_its_row() -> None:
    told = b'<row r="2"><c r="A2" t="str"><f>HYPERLINK("http://x","SOK DARA")</f><v>SOK DARA</v></c>'
    formula = samples.repacked(
        GOOD_BOOK, {FIRST_SHEET: lambda xml: re.sub(rb'<row r="2"[^>]*><c r="A2".*?</c>', told, xml)}
    )
    sheet = reading.read("x.xlsx", formula, GATES)
    assert [(one.field, one.kind.value) for one in sheet.unread] == [("name_latin", "held")]


def test_the_pages_take_show_and_confirm_without_javascript(
    app: Flask, client: FlaskClient, season: Season
) -> None:
    sign_in_as(client, "officer")
    first = client.get("/takeover")
    assert client.post("/takeover", data={"csrf_token": token(first)}).status_code == 422
    sent = client.post(
        "/takeover", data={"csrf_token": token(first), "pasted": pasted(cells(1), cells(2, last=""))}
    )
    assert sent.status_code == 303
    shown = client.get("/takeover/preview")
    assert "64-90001" in shown.text
    season.desk.session.rollback()
    sign = season.desk.session.scalar(select(previews.ListPreview.reference))
    done = client.post("/takeover/confirm", data={"csrf_token": token(shown), "sign": sign})
    assert done.status_code == 303
    season.desk.session.rollback()
    assert season.desk.session.scalar(select(Case.state).filter_by(flow="permit")) == "active"
    assert client.get("/takeover/report.xlsx").data.startswith(b"PK")
    assert client.get("/takeover/empty.xlsx").data.startswith(b"PK")
    owner = app.test_client()
    sign_in_as(owner, "owner")
    assert owner.get("/takeover").status_code == 403
