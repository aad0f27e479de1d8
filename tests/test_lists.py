"""The name list on screen: handed in, looked through, mended, confirmed once, opened; nothing stored before."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forms import sheet
from tests import samples
from tests.signing_in import sign_in_as, token
from workflow import casework
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.everywhere import Reason
from workflow.domain.namelist import ListRow
from workflow.domain.record import Record
from workflow.store.history import record_of
from workflow.store.previews import ListPreview
from workflow.store.projections import Case
from workflow.store.truth import EventRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ("Name", "Sex", "Border Pass no.", "Date of birth", "Province")


def worker(which: int, **other: samples.Value) -> samples.Row:
    row: samples.Row = [
        f"SOK DARA {chr(64 + which)}",
        "M",
        f"BB{600000 + which}",
        f"0{which % 9 + 1}/02/2530",
        "Battambang",
    ]
    for name, value in other.items():
        row[("name", "sex", "number", "birth", "province").index(name)] = value
    return row


def sheet_of(*rows: samples.Row) -> bytes:
    return samples.workbook(samples.simple(rows, HEADINGS))


def listed(*numbers: int, sex: str = "M") -> tuple[ListRow, ...]:
    return tuple(
        ListRow(
            row=6 + n,
            name_latin=f"SOK DARA {chr(64 + n)}",
            sex=sex,
            pass_number=f"BB{600000 + n}",
            birth_year=1987,
        )
        for n in numbers
    )


@pytest.fixture
def draft(season: Season) -> Record:
    """A demand letter of the orchard for six men and four women, not submitted yet."""
    demand = season.demand(6, 4)
    return casework.begin(
        season.desk, season.cast["owner"], "request", "draft_request", demand, Act(), chain="PNR"
    ).record


@pytest.fixture
def owner(client: FlaskClient) -> FlaskClient:
    """The orchard's owner, signed in, reading English."""
    return reading_english(client, "owner")


def reading_english(client: FlaskClient, user_name: str) -> FlaskClient:
    sign_in_as(client, user_name)
    client.get("/account?lang=en")
    return client


def address(request: Record, rest: str = "") -> str:
    return f"/requests/{request.reference}/list{rest}"


def hand_in(
    client: FlaskClient, request: Record, content: bytes, name: str = "list.xlsx", **fields: str
) -> TestResponse:
    page = client.get(address(request))
    data = {"csrf_token": token(page), "sheet": (io.BytesIO(content), name), **fields}
    answer = client.post(address(request), data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large upload open
    return answer


def press(client: FlaskClient, page: str, action: str, **fields: str) -> TestResponse:
    """Send the form of a page that leads to an action, with all that is hidden in it."""
    shown = client.get(page).text
    form = next(one for one in re.findall(r"<form.*?</form>", shown, re.S) if f'action="{action}' in one)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return client.post(action, data={**hidden, **fields})


def confirm(client: FlaskClient, request: Record) -> TestResponse:
    return press(client, address(request, "/preview"), address(request, "/preview/confirm"))


def events(season: Season) -> int:
    season.desk.session.rollback()
    return season.desk.session.scalar(select(func.count()).select_from(EventRow)) or 0


def now(season: Season, request: Record) -> Record:
    season.desk.session.rollback()
    return record_of(season.desk.session, request.subject)


def attached_names(season: Season, request: Record) -> list[str | None]:
    return [row.name_latin for row in now(season, request).last("attach_list").evidence.rows]


# --- handed in


def test_a_list_is_looked_through_before_anything_is_stored(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    before = events(season)
    answer = hand_in(owner, draft, sheet_of(worker(1), worker(2, number=None), worker(3, birth="01/01/2555")))
    preview = owner.get(answer.location).text
    assert answer.location.endswith("/preview")
    assert "SOK DARA A" in preview
    assert "The border pass number is missing." in preview
    assert "Cell D4" in preview
    assert "Not yet 18 years old" in preview
    assert events(season) == before


def test_a_preview_is_sealed_and_survives_signing_out(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    hand_in(owner, draft, sheet_of(worker(1)))
    owner.post("/sign-out", data={"csrf_token": token(owner.get("/account"))})
    reading_english(owner, "owner")
    kept = season.desk.session.scalars(select(ListPreview)).one()
    assert "SOK DARA A" in owner.get(address(draft, "/preview")).text
    assert b"DARA" not in kept.stated + (kept.sheet or b"")


def test_a_preview_ends_after_a_week(owner: FlaskClient, draft: Record, season: Season) -> None:
    hand_in(owner, draft, sheet_of(worker(1)))
    season.calendar.next_day(8)
    reading_english(owner, "owner")
    assert owner.get(address(draft, "/preview")).status_code == 404


def test_cells_can_be_pasted(owner: FlaskClient, draft: Record) -> None:
    text = samples.csv_text(samples.simple([worker(1), worker(2)], HEADINGS), "\t")
    answer = hand_in(owner, draft, b"", name="", pasted=text)
    assert "SOK DARA B" in owner.get(answer.location).text


def test_a_messy_list_is_told_row_by_row(owner: FlaskClient, draft: Record) -> None:
    answer = hand_in(owner, draft, samples.workbook(samples.messy(30)))
    held = owner.get(f"{answer.location}?show=held").text
    refused = owner.get(f"{answer.location}?show=refused").text
    assert "The border pass number is missing." in held
    assert "This border pass is already in row 4." in refused
    assert "Siem Reap does not issue border passes." in refused
    assert "<b>x</b>" not in owner.get(answer.location).text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (samples.ole("Workbook"), "list.xls", "old Excel file"),
        (samples.ole("EncryptedPackage"), "list.xlsx", "protected by a password"),
        (b"%PDF-1.7 x", "list.pdf", "not an Excel workbook"),
        (b"", "list.xlsx", "The file is empty."),
        (b"x" * (sheet.MOST_BYTES + 1), "list.csv", "The file is too large: at most 5 MB."),
    ],
)
def test_a_faulty_file_is_refused_in_words_and_not_kept(
    owner: FlaskClient, draft: Record, season: Season, content: bytes, name: str, words: str
) -> None:
    answer = hand_in(owner, draft, content, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert season.desk.session.scalars(select(ListPreview)).all() == []


def test_a_file_that_swells_when_unpacked_is_refused(owner: FlaskClient, draft: Record) -> None:
    big = b"<worksheet>" + b" " * 100_000_000
    bomb = samples.repacked(sheet_of(worker(1)), {"xl/worksheets/sheet1.xml": big})
    answer = hand_in(owner, draft, bomb)
    assert answer.status_code == 422
    assert "unpacked" in answer.text or "too big" in answer.text.lower()


def test_nothing_sent_is_said(owner: FlaskClient, draft: Record) -> None:
    answer = hand_in(owner, draft, b"", name="")
    assert answer.status_code == 422
    assert "Choose a file, or paste the cells of the list." in answer.text


def test_the_list_of_another_employer_is_pointed_out(owner: FlaskClient, draft: Record) -> None:
    rows = samples.paged(
        samples.OFFICIAL_HEADINGS,
        [[1, "Mr", "KIM KOSAL", "M", 40, "PL160816", None]],
        ("บริษัท ทุเรียนทอง จำกัด",),
    )
    answer = hand_in(owner, draft, samples.workbook(rows))
    assert "The sheet names the employer “บริษัท ทุเรียนทอง จำกัด”" in owner.get(answer.location).text


def test_a_list_is_nobody_elses(owner: FlaskClient, app: Flask, draft: Record) -> None:
    rival = app.test_client()
    sign_in_as(rival, "owner2")
    pages = ("", "/preview", "/report.xlsx", "/opening", "/sheet")
    assert {rival.get(address(draft, page)).status_code for page in pages} == {404}
    assert rival.post(address(draft), data={"csrf_token": token(rival.get("/account"))}).status_code == 404
    gate = app.test_client()
    sign_in_as(gate, "gate")
    assert gate.get(address(draft)).status_code == 403


# --- mended


def test_a_row_is_mended_and_judged_again(owner: FlaskClient, draft: Record, season: Season) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2, number="12"), worker(3)))
    page = owner.get(address(draft, "/preview/rows/3"))
    sign = re.search(r'name="sign" value="([^"]+)"', page.text)[1]
    fields = {
        "csrf_token": token(page),
        "sign": sign,
        "name_latin": "SOK DARA B",
        "sex": "M",
        "birth": "03/02/2530",
    }
    still = owner.post(address(draft, "/preview/rows/3"), data={**fields, "pass_number": "1"})
    assert still.location.endswith("/preview/rows/3")
    fields["sign"] = re.search(r'name="sign" value="([^"]+)"', owner.get(still.location).text)[1]
    good = owner.post(address(draft, "/preview/rows/3"), data={**fields, "pass_number": "BB 700-001"})
    assert "Row 3 is good now." in owner.get(good.location).text
    confirm(owner, draft)
    assert [row.pass_number for row in now(season, draft).last("attach_list").evidence.rows][
        1
    ] == "BB 700-001"


def test_what_no_cell_holds_is_refused(owner: FlaskClient, draft: Record) -> None:
    hand_in(owner, draft, sheet_of(worker(1)))
    page = owner.get(address(draft, "/preview/rows/2"))
    sign = re.search(r'name="sign" value="([^"]+)"', page.text)[1]
    data = {"csrf_token": token(page), "sign": sign, "remark": "x" * 301}
    answer = owner.post(address(draft, "/preview/rows/2"), data=data)
    assert answer.status_code == 422
    assert "Write at most 300 characters." in answer.text


def test_two_windows_do_not_overwrite_each_other(owner: FlaskClient, draft: Record) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2)))
    old = re.search(r'name="sign" value="([^"]+)"', owner.get(address(draft, "/preview")).text)[1]
    press(owner, address(draft, "/preview"), address(draft, "/preview/waiting"), waits="2")
    page = owner.get(address(draft, "/preview/rows/3"))
    late = {"csrf_token": token(page), "sign": old, "name_latin": "TYPED IN THE OLD WINDOW"}
    answer = owner.post(address(draft, "/preview/rows/3"), data=late)
    assert answer.status_code == 409
    assert "TYPED IN THE OLD WINDOW" in answer.text
    assert "TYPED IN THE OLD WINDOW" not in owner.get(address(draft, "/preview")).text


def test_what_the_page_states_is_put_right(owner: FlaskClient, draft: Record) -> None:
    rows = samples.paged(
        samples.OFFICIAL_HEADINGS,
        [[1, "Mr", "KIM KOSAL", "M", 40, "PL160816", None]],
        ("บริษัท ทุเรียนทอง จำกัด",),
    )
    hand_in(owner, draft, samples.workbook(rows))
    page = owner.get(address(draft, "/preview/page"))
    sign = re.search(r'name="sign" value="([^"]+)"', page.text)[1]
    data = {
        "csrf_token": token(page),
        "sign": sign,
        "employer": "สวนลำไยตัวอย่าง จำกัด",
        "starts_on": "1/12/2569",
    }
    answer = owner.post(address(draft, "/preview/page"), data=data)
    assert "The sheet names the employer" not in owner.get(answer.location).text
    wrong = owner.post(address(draft, "/preview/page"), data={**data, "starts_on": "soon"})
    assert wrong.status_code == 422


def test_the_sheet_with_its_gaps_comes_back_mended_and_doubles_nobody(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2, sex="x"), worker(3)))
    given = owner.get(address(draft, "/left.xlsx"))
    rows = [list(row.cells.values()) for row in sheet.open_file("held.xlsx", given.data)[0].lines]
    assert given.mimetype == XLSX
    assert len(rows) == 4
    mended = samples.simple([["SOK DARA B", "F", "BB600002"]])
    answer = hand_in(owner, draft, samples.workbook(mended), how="renew")
    assert "To be mended (" not in owner.get(answer.location).text
    confirm(owner, draft)
    assert attached_names(season, draft) == ["SOK DARA A", "SOK DARA B", "SOK DARA C"]


def test_a_report_of_what_was_found_can_be_taken_along(owner: FlaskClient, draft: Record) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2, number=None)))
    report = owner.get(address(draft, "/report.xlsx"))
    texts = [line.text(6) for line in sheet.open_file("report.xlsx", report.data)[0].lines]
    assert "The border pass number is missing." in texts


# --- confirmed


def test_the_good_rows_go_on_and_the_held_ones_stay_to_be_mended(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2, number=None), worker(3)))
    answer = confirm(owner, draft)
    assert answer.location.endswith("/list")
    assert attached_names(season, draft) == ["SOK DARA A", "SOK DARA C"]
    assert "SOK DARA B" in owner.get(address(draft, "/preview?show=held")).text
    sheet_kept = owner.get(address(draft, "/sheet"))
    assert sheet_kept.headers["Content-Disposition"].startswith("attachment")
    assert sheet_kept.data == sheet_of(
        worker(1), worker(2, number=None), worker(3)
    ) or sheet_kept.data.startswith(b"PK")


def test_confirming_twice_is_one_event(owner: FlaskClient, draft: Record, season: Season) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2)))
    page = owner.get(address(draft, "/preview")).text
    sign = re.search(r'name="sign" value="([^"]+)"', page)[1]
    version = re.search(r'name="seen_version" value="([^"]+)"', page)[1]
    before = events(season)
    data = {
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
        "sign": sign,
        "seen_version": version,
    }
    answers = [owner.post(address(draft, "/preview/confirm"), data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].location == answers[1].location
    assert events(season) == before + 1


def test_who_waits_is_left_out(owner: FlaskClient, draft: Record, season: Season) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2), worker(3)))
    shown = owner.get(address(draft, "/preview")).text
    sign = re.search(r'name="sign" value="([^"]+)"', shown)[1]
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', shown)[1]
    data = {"csrf_token": csrf, "sign": sign, "here": ["2", "3", "4"], "waits": ["3"]}
    owner.post(address(draft, "/preview/waiting"), data=data)
    confirm(owner, draft)
    assert attached_names(season, draft) == ["SOK DARA A", "SOK DARA C"]


def test_a_list_put_away_leaves_nothing(owner: FlaskClient, draft: Record, season: Season) -> None:
    hand_in(owner, draft, sheet_of(worker(1)))
    before = events(season)
    press(owner, address(draft, "/preview"), address(draft, "/preview/discard"))
    assert owner.get(address(draft, "/preview")).status_code == 404
    assert events(season) == before


def test_a_pass_in_another_file_is_held_without_a_name(owner: FlaskClient, season: Season) -> None:
    rival = Season(
        season.desk, season.cast, season.calendar, season.invention, employer="orchard2", owner="owner2"
    )
    rival.request(listed(1))
    mine = casework.begin(
        season.desk, season.cast["owner"], "request", "draft_request", season.demand(2, 0), Act(), chain="PNR"
    ).record
    answer = hand_in(owner, mine, sheet_of(worker(1), worker(2)))
    page = owner.get(answer.location).text
    assert "This border pass is already in another file" in page
    assert "มาลี" not in page
    confirm(owner, mine)
    assert attached_names(season, mine) == ["SOK DARA B"]


def test_a_worker_registered_meanwhile_is_not_attached_unseen(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    hand_in(owner, draft, sheet_of(worker(1), worker(2)))
    form = owner.get(address(draft, "/preview")).text
    Season(
        season.desk, season.cast, season.calendar, season.invention, employer="orchard2", owner="owner2"
    ).request(listed(1))
    before = events(season)
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]+)"', form)[1]
        for name in ("csrf_token", "sign", "seen_version")
    }
    answer = owner.post(address(draft, "/preview/confirm"), data=hidden)
    assert answer.location.endswith("/preview")
    assert "Look at it and confirm again." in owner.get(answer.location).text
    assert events(season) == before


def test_an_earlier_list_of_the_same_employer_is_loaded_and_judged_again(
    owner: FlaskClient, draft: Record, season: Season
) -> None:
    earlier = season.request(listed(1, 2), until="submitted")
    over = Reason(reason="ปีนี้ไม่จ้าง")
    casework.perform(season.desk, season.cast["owner"], earlier.subject, "withdraw_request", over)
    page = owner.get(address(draft))
    assert f'value="{earlier.reference}"' in page.text
    answer = owner.post(address(draft), data={"csrf_token": token(page), "earlier": earlier.reference})
    assert "SOK DARA B" in owner.get(answer.location).text
    confirm(owner, draft)
    assert attached_names(season, draft) == ["SOK DARA A", "SOK DARA B"]


# --- locked and opened


def test_more_workers_than_approved_must_choose_who_waits(owner: FlaskClient, season: Season) -> None:
    request = season.request((), until="list_open", men=2)
    hand_in(owner, request, sheet_of(worker(1), worker(2), worker(3)))
    page = owner.get(address(request, "/preview")).text
    assert "More workers than places" in page
    assert address(request, "/preview/confirm") not in page
    press(owner, address(request, "/preview"), address(request, "/preview/fit"))
    confirm(owner, request)
    assert attached_names(season, request) == ["SOK DARA A", "SOK DARA B"]
    assert now(season, request).state == "list_open"
    assert "The office looks at the list and locks it." in owner.get(address(request)).text


def test_an_officer_confirms_locks_and_opens_in_one_act(app: Flask, season: Season) -> None:
    officer = reading_english(app.test_client(), "officer")
    request = season.request((), until="list_open", men=3)
    hand_in(officer, request, sheet_of(worker(1), worker(2), worker(3)))
    answer = confirm(officer, request)
    assert answer.location.endswith("/opening")
    assert now(season, request).state == "list_locked"
    opened = press_on(officer, answer.location)
    assert "Every worker of the list has an application." in opened
    assert now(season, request).state == "running"
    assert live(season, request) == 3
    done = now(season, request).last("attach_list")
    assert (done.on_behalf_of, done.role) == ("employer", "officer")


def test_the_office_locks_what_the_employer_attached(owner: FlaskClient, app: Flask, season: Season) -> None:
    request = season.request(listed(1, 2), until="list_open")
    officer = reading_english(app.test_client(), "officer")
    assert "Lock the list and open the applications" not in owner.get(address(request)).text
    answer = press(officer, address(request), address(request, "/lock"))
    press_on(officer, answer.location)
    assert live(season, request) == 2
    assert "Every worker of the list has an application." in owner.get(address(request, "/opening")).text


def test_opening_goes_in_handfuls_and_nothing_is_opened_twice(app: Flask, season: Season) -> None:
    request = season.request(tuple(many(60)), until="list_locked")
    officer = reading_english(app.test_client(), "officer")
    first = officer.get(address(request, "/opening"))
    answer = officer.post(address(request, "/opening"), data={"csrf_token": token(first), "upto": "0"})
    assert live(season, request) == 50
    officer.post(address(request, "/opening"), data={"csrf_token": token(first), "upto": "0"})
    press_on(officer, answer.location)
    assert live(season, request) == 60


class Handed:
    """The way into the queues, which only remembers what was handed in."""

    def __init__(self) -> None:
        self.lists: list[tuple[str, str]] = []

    def owe_paper(self, session: object, paper: str) -> None:
        """Forget it; papers are made when they are asked for."""

    def open_listed(self, session: object, request: str, user_name: str, batch: str) -> None:
        self.lists.append((request, user_name))


def test_where_work_is_done_in_the_background_the_list_is_handed_in_once(app: Flask, season: Season) -> None:
    request = season.request(listed(1, 2), until="list_open")
    app.extensions["queues"] = handed = Handed()
    officer = reading_english(app.test_client(), "officer")
    form = officer.get(address(request)).text
    names = ("csrf_token", "request_id", "seen_version")
    sent = {name: re.search(rf'name="{name}" value="([^"]+)"', form)[1] for name in names}
    answers = [officer.post(address(request, "/lock"), data=sent) for _ in range(2)]
    page = officer.get(answers[0].location).text
    assert [answer.location for answer in answers] == [address(request, "/opening")] * 2
    assert handed.lists == [(request.subject, "officer")]
    assert "The applications are opened in the background." in page
    assert "data-progress" in page
    assert "data-go-on" not in page


def test_workers_whom_another_file_holds_are_told_after_the_opening(app: Flask, season: Season) -> None:
    Season(
        season.desk, season.cast, season.calendar, season.invention, employer="orchard2", owner="owner2"
    ).request(listed(1))
    request = season.request(listed(1, 2), until="list_open")
    officer = reading_english(app.test_client(), "officer")
    answer = press(officer, address(request), address(request, "/lock"))
    page = press_on(officer, answer.location)
    assert "1 workers have no application yet" in page
    assert "This border pass is already in another file" in page
    assert live(season, request) == 1


def test_a_locked_list_takes_no_other_list(owner: FlaskClient, season: Season) -> None:
    request = season.request(listed(1))
    page = owner.get(address(request))
    assert 'name="sheet"' not in page.text
    sent = {"csrf_token": token(owner.get("/account")), "pasted": "Name\tSex\n"}
    assert owner.post(address(request), data=sent).status_code == 409


def many(count: int) -> list[ListRow]:
    return [
        ListRow(
            row=6 + n,
            name_latin=f"CHAN {chr(65 + n // 26)}{chr(65 + n % 26)} SOK",
            sex="M",
            pass_number=f"PL{700000 + n}",
        )
        for n in range(count)
    ]


def press_on(client: FlaskClient, page: str) -> str:
    """Send the form of the progress page until it has nothing more to do, as the page does by itself."""
    while "data-go-on" in (shown := client.get(page)).text:
        upto = re.search(r'name="upto" value="(\d+)"', shown.text)[1]
        page = client.post(page.split("?")[0], data={"csrf_token": token(shown), "upto": upto}).location
    return shown.text


def live(season: Season, request: Record) -> int:
    season.desk.session.rollback()
    counted = select(func.count()).select_from(Case).filter_by(request=request.subject, flow="application")
    return season.desk.session.scalar(counted) or 0
