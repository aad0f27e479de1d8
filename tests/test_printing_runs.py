"""Many originals in one act: the file counts nothing, sheets in hand count once, what is left out is named."""

import io
import zipfile
from collections import Counter
from contextlib import nullcontext

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.driving import WHY, does, opened, papers
from tests.signing_in import sign_in_as
from tests.walking import read, words
from workflow import casework, jobs, printfile, printing, printrun
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.actor import Actor
from workflow.domain.documents import DOCUMENTS
from workflow.domain.thai import bangkok_date
from workflow.jobs import Queues
from workflow.printfile import Binding, Run
from workflow.printrun import Asked, Turn
from workflow.store import payloads
from workflow.store.history import record_of
from workflow.store.projections import Case, Document
from workflow.store.truth import AccessRow
from workflow.verification import verify
from workflow.web.printruns import pages_of


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


@pytest.fixture
def request_case(season: Season) -> Case:
    """A request of two workers with papers made, one printed already and one not made yet."""
    desk = season.desk
    one, two = opened(season, 2)
    assert season.drive([one, two], until="requested") == [one, two]
    waits = papers(season, two, "medical_referral")[-1].subject
    for paper in printing.owed(desk):
        if paper != waits:
            printing.make(desk, paper)
    printing.hand_out(desk, season.cast["officer"], papers(season, one, "cover_sheet")[0].subject, Act())
    return desk.session.scalars(select(Case).filter_by(flow="request")).one()


def lives(season: Season) -> Counter[str]:
    """Count the entries of all papers by step."""
    season.desk.session.rollback()
    every = season.desk.session.scalars(select(Document.subject)).all()
    return Counter(done.step for paper in every for done in record_of(season.desk.session, paper).history)


def send(client: FlaskClient, page: TestResponse, to: str, **typed: object) -> TestResponse:
    """Send the form of a page on, ticked as it stands."""
    fields = MultiDict(read(page).fields)
    for name, value in typed.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return client.post(to, data=fields, follow_redirects=to == "/print/sheets")


def text_of(body: bytes) -> list[str]:
    """Read the sheets of a file one by one."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(body))]


def chosen(page: TestResponse) -> list[str]:
    """Give the papers that a page offers with a tick."""
    return read(page).fields.getlist("paper")


def asked(sign: str, binding: Binding = Binding.PDF) -> Asked:
    """Ask something of the printer."""
    return Asked(sign=sign, user_name="officer", about="", back="/print", binding=binding, reason="แฟ้ม")


def made(season: Season, actor: Actor, papers: list[str], sign: str, binding: Binding = Binding.PDF) -> Run:
    """Begin a run and make its file."""
    printrun.begin(season.desk, actor, papers, asked(sign, binding))
    run = printrun.make_file(season.desk, actor, sign)
    assert run is not None
    return run


def test_all_originals_of_a_request_are_printed_in_one_act_and_counted_once(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    before = lives(season)
    page = english.get(f"/print?case={request_case.reference}")
    every = season.desk.session.scalars(select(Document).where(Document.state != "void")).all()
    owed = [paper for paper in every if paper.state == "owed"]
    out = [paper for paper in every if paper.original_out]
    assert (len(owed), len(out)) == (1, 1)
    ticked = chosen(page)
    assert sorted(ticked) == sorted(p.subject for p in every if p not in owed + out)
    tray = list(DOCUMENTS)
    keys = [season.desk.session.get(Document, paper).key for paper in ticked]
    assert keys == sorted(keys, key=tray.index)
    assert "Not made yet, stay out of this file: 1" in words(page)
    assert owed[0].number in words(page)

    sheets = send(english, page, "/print/sheets")
    batch = read(sheets).fields["batch"]
    sign = {"batch": batch, "csrf_token": read(sheets).fields["csrf_token"]}
    file = english.get("/print/run/file")
    assert file.mimetype == "application/pdf"
    assert not any("COPY" in sheet for sheet in text_of(file.data))
    assert lives(season) == before, "a view counts nothing"
    assert (
        season.desk.session.scalars(select(AccessRow.bytes)).all()[-1].find(b"originals for the printer") > 0
    )

    confirming = sign | {"paper": ticked[1:]}
    result = english.post("/print/confirm", data=confirming | {"case": request_case.reference})
    assert f"Originals handed out: {len(ticked) - 1} of {len(ticked) - 1}" in words(result)
    after = lives(season)
    assert after - before == {"print_original": len(ticked) - 1}
    again = english.post("/print/confirm", data=confirming)
    assert f"Originals handed out: {len(ticked) - 1}" in words(again)
    assert lives(season) == after, "the same run again counts nothing"
    assert english.get("/print/run/file").status_code == 404, "clean originals come once"
    left = english.get(f"/print?case={request_case.reference}")
    assert chosen(left) == ticked[:1]
    assert verify(season.desk).sound


def test_a_paper_printed_before_comes_as_a_numbered_copy_by_choice_and_with_its_reason(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    page = english.get(f"/print?case={request_case.reference}")
    out = season.desk.session.scalars(select(Document.subject).filter_by(original_out=True)).one()
    first = chosen(page)[0]
    nothing = send(english, page, "/print/sheets", paper=[])
    assert (nothing.status_code, "Choose at least one paper." in words(nothing)) == (422, True)
    without = send(english, page, "/print/sheets", paper=[first, out])
    assert (without.status_code, "Say why a further copy is printed." in words(without)) == (422, True)
    for _ in range(2):
        sheets = send(english, page, "/print/sheets", paper=[first, out], reason="แฟ้มของอำเภอ")
        assert "Copy 1" in words(sheets)
    assert lives(season)["print_copy"] == 1
    file = english.get("/print/run/file")
    marked = ["COPY 1" in sheet for sheet in text_of(file.data)]
    assert (any(marked), all(marked)) == (True, False)


def test_an_original_taken_meanwhile_or_of_another_is_not_counted(season: Season, request_case: Case) -> None:
    desk, cast = season.desk, season.cast
    officer = cast["officer"]
    places = [p for p in printrun.of_case(desk, officer, request_case) if p.turn is Turn.ORIGINAL]
    taken, free = places[0].paper.subject, places[1].paper.subject
    run = made(season, officer, [taken, free], "run")
    printing.hand_out(desk, cast["clerk"], taken, Act())
    assert printrun.file_of(desk, officer, run) is None, "no clean sheet comes of what another took"
    assert [place.paper.subject for place in printrun.taken_since(desk, officer, run)] == [taken]
    printrun.again(desk, officer, run.sign)
    fresh = printrun.make_file(desk, officer, run.sign)
    assert (fresh.left, [paper for paper, _, _ in fresh.pages]) == ((taken,), [free])
    assert printrun.file_of(desk, officer, fresh)
    results = printrun.confirm(desk, officer, run, [taken, free])
    assert {result.subject: result.done for result in results} == {taken: False, free: True}
    every = list(desk.session.scalars(select(Document.subject)))
    assert printrun.chosen(desk, cast["owner2"], every) == []
    mine = printrun.chosen(desk, cast["owner"], every)
    originals = {place.paper.key for place in mine if place.turn is Turn.ORIGINAL}
    assert originals == {key for key in originals if DOCUMENTS[key].signed_by_employer}
    foreign = [place for place in mine if not DOCUMENTS[place.paper.key].signed_by_employer]
    assert foreign
    theirs = printrun.begin(desk, cast["owner"], [place.paper.subject for place in foreign], asked("o"))
    assert theirs.originals == (), "what the office hands out comes to an employer as a copy"


def test_the_papers_of_a_day_are_printed_together(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    on = bangkok_date(
        season.desk.session.scalars(select(Document.owed_at).filter_by(key="cover_sheet")).first()
    )
    assert chosen(english.get(f"/print?on={on.isoformat()}"))
    assert chosen(english.get("/print?on=2020-01-01")) == []
    assert english.get("/print?on=nonsense&kind=nonsense").status_code == 200
    kind = english.get(f"/print?on={on.isoformat()}&kind=cover_sheet")
    assert {season.desk.session.get(Document, paper).key for paper in chosen(kind)} == {"cover_sheet"}
    other = english.application.test_client()
    sign_in_as(other, "auditor")
    assert other.get("/print").status_code == 403


def test_a_paper_voided_after_it_was_chosen_is_told_and_not_counted(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    page = english.get(f"/print?case={request_case.reference}")
    void, standing = chosen(page)[:2]
    sheets = send(english, page, "/print/sheets", paper=[void, standing])
    does(season, "officer", void, "void_paper", WHY)
    result = send(english, sheets, "/print/confirm")
    assert "Originals handed out: 1 of 2" in words(result)
    assert "It was voided meanwhile." in words(result)
    assert lives(season)["print_original"] == 2, "the one printed before, and the one that stands"


# the print room -------------------------------------------------------------------------------


def waits(season: Season, who: str) -> list[str]:
    """Give the originals that somebody is offered."""
    season.desk.session.rollback()
    places = printrun.waiting(season.desk, season.cast[who])
    return [place.paper.subject for place in places if place.turn is Turn.ORIGINAL]


def test_what_waits_is_listed_and_printed_at_once_and_nobody_else_is_offered_it_meanwhile(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    every = waits(season, "officer")
    queue = printrun.queue(season.desk, season.cast["officer"])
    assert (len(every) + 1, queue.requests[0][0]) == (queue.count, request_case.reference)
    assert sum(count for _, count in queue.days) == sum(queue.kinds.values()) == queue.count
    page = english.get("/print")
    assert f"Papers whose original nobody holds yet: {queue.count}" in words(page)
    assert request_case.reference in words(page)
    sheets = send(english, page, "/print/sheets", every="1", paper=[])
    assert f"Originals: {len(every)}, numbered copies: 0" in words(sheets)
    assert waits(season, "clerk") == [], "the run of another holds them"
    held = [place for place in printrun.waiting(season.desk, season.cast["clerk"]) if place.turn is Turn.HELD]
    assert {place.holder for place in held} == {season.cast["officer"].name}
    other = printrun.begin(season.desk, season.cast["clerk"], every, asked("other"))
    assert other.papers == ()
    assert "A run is at the printer" in words(english.get("/print"))
    second = send(english, page, "/print/sheets", every="1", paper=[], batch="another")
    assert "Confirm this run first" in words(second)
    dropped = english.post("/print/run/drop", data=dict(read(sheets).fields), follow_redirects=True)
    assert "No original was counted" in words(dropped)
    assert waits(season, "clerk") == every
    assert lives(season)["print_original"] == 1


def test_a_jam_is_told_by_the_pages_of_the_file_and_its_papers_wait_again(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    every = waits(season, "officer")
    sheets = send(english, english.get("/print"), "/print/sheets", every="1", paper=[])
    season.desk.session.rollback()
    run = printfile.find(season.desk.session, season.cast["officer"].account, season.desk.now())
    pages = {paper: (first, last) for paper, first, last in run.pages}
    assert run.pages[-1][2] == len(text_of(english.get("/print/run/file").data))
    jammed = every[1:3]
    spoilt = f"{pages[jammed[0]][0]}-{pages[jammed[1]][0]}"
    wrong = send(english, sheets, "/print/confirm", spoilt="17-x")
    assert (wrong.status_code, "Write page numbers" in words(wrong)) == (422, True)
    for _ in range(2):
        result = send(english, sheets, "/print/confirm", spoilt=spoilt)
        assert f"Originals handed out: {len(every) - 2} of {len(every) - 2}" in words(result)
        assert waits(season, "officer") == jammed
    assert english.get("/print/run").status_code == 302, "what was confirmed is at the printer no more"


def test_spoiled_sheets_of_a_confirmed_run_are_recorded_at_once_and_their_originals_come_again(
    english: FlaskClient, season: Season, request_case: Case
) -> None:
    sign_in_as(english, "officer")
    every = waits(season, "officer")
    sheets = send(english, english.get("/print"), "/print/sheets", every="1", paper=[])
    result = send(english, sheets, "/print/confirm")
    assert waits(season, "officer") == []
    page = english.get("/print/spoil")
    assert "Sheets of this run are spoiled" in words(page)
    for typed, told in (({}, "which sheets"), ({"spoilt": "2-3"}, "Say what happened"), ({"spoilt": "x"}, "page numbers")):
        refused = send(english, page, "/print/spoil", **typed)
        assert (refused.status_code, told in words(refused)) == (422, True)
    for _ in range(2):
        spoiled = send(english, page, "/print/spoil", spoilt="2-3", why="กระดาษติด", paper=[every[0]])
        assert "Spoiled sheets recorded: 3 of 3" in words(spoiled)
        assert waits(season, "officer") == every[:3]
    told = record_of(season.desk.session, every[1]).last("spoil_sheet").evidence
    assert (told.sheet, told.reason) == ("2", "กระดาษติด")
    again = send(english, english.get("/print"), "/print/sheets", every="1", paper=[])
    assert "Originals: 3, numbered copies: 0" in words(again)
    send(english, again, "/print/confirm")
    assert "No original" not in words(send(english, result, "/print/spoil", spoilt="1", why="x")), "another run since"
    assert (waits(season, "officer"), lives(season)["print_original"]) == ([], 1 + len(every) + 3)
    assert verify(season.desk).sound


def test_nothing_is_counted_before_the_file_is_there_and_a_run_thrown_away_makes_none(
    english: FlaskClient, season: Season, request_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, officer = season.desk, season.cast["officer"]
    every = waits(season, "officer")
    run = printrun.begin(desk, officer, every, asked("slow"))
    sign_in_as(english, "officer")
    page = english.get("/print/run")
    assert "0 of" in words(page)
    early = send(english, page, "/print/confirm", batch="slow", paper=every)
    assert (early.status_code, "is not made yet" in words(early)) == (409, True)
    assert printrun.confirm(desk, officer, run, every) == []
    monkeypatch.setattr(printrun, "TOLD_EVERY", 2)
    bound, told = printrun._sheet, []

    def breaks_off(*about: object) -> bytes | None:
        told.append(printfile.find(desk.session, officer.account, desk.now()).done)
        if len(told) == 4:
            raise ZeroDivisionError
        return bound(*about)

    monkeypatch.setattr(printrun, "_sheet", breaks_off)
    with pytest.raises(ZeroDivisionError):
        printrun.make_file(desk, officer, "slow")
    assert told == [0, 0, 2, 2], "how far it is is told on the way"
    again = printrun.make_file(desk, officer, "slow")
    assert (again.done, len(again.pages)) == (len(every), len(every))
    printrun.again(desk, officer, "slow")

    def thrown_away(*about: object) -> bytes | None:
        printrun.drop(desk, officer)
        return bound(*about)

    monkeypatch.setattr(printrun, "_sheet", thrown_away)
    assert printrun.make_file(desk, officer, "slow") is None
    assert lives(season)["print_original"] == 1


def test_a_file_with_the_sheet_of_an_erased_person_is_not_given_until_it_is_made_without(
    season: Season, request_case: Case
) -> None:
    desk, officer = season.desk, season.cast["officer"]
    every = waits(season, "officer")
    run = made(season, officer, every, "erased")
    gone = season.desk.session.scalars(select(Document).filter_by(key="medical_referral", state="made")).one()
    with casework.transaction(desk):
        payloads.destroy(desk.session, casework.key_of(desk, gone.subject), now=desk.now())
    assert printrun.file_of(desk, officer, run) is None
    printrun.again(desk, officer, run.sign)
    fresh = printrun.make_file(desk, officer, run.sign)
    assert gone.subject in fresh.left
    assert printrun.file_of(desk, officer, fresh)


def test_the_files_come_apart_in_a_folder_named_by_their_place(season: Season, request_case: Case) -> None:
    officer = season.cast["officer"]
    every = waits(season, "officer")
    run = made(season, officer, every, "apart", Binding.ZIP)
    body = printrun.file_of(season.desk, officer, run)
    with zipfile.ZipFile(io.BytesIO(body)) as folder:
        names = folder.namelist()
        assert text_of(folder.read(names[0]))
    assert [int(name[:4]) for name in names] == list(range(1, len(every) + 1))


def test_the_file_is_handed_to_the_background_and_made_there_in_the_officers_name(
    english: FlaskClient, season: Season, request_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[tuple[str, str]] = []
    monkeypatch.setattr(Queues, "make_print_file", lambda self, session, *about: handed.append(about) or True)
    monkeypatch.setitem(english.application.extensions, "queues", Queues(season.desk.session.get_bind().engine))
    sign_in_as(english, "officer")
    page = send(english, english.get("/print"), "/print/sheets", every="1", paper=[])
    assert "Nothing moves?" in words(page)
    assert english.get("/print/run/file").status_code == 404
    season.desk.session.rollback()
    monkeypatch.setattr(jobs._Workbench, "open_desk", lambda: nullcontext(season.desk), raising=False)
    assert jobs._make_print_file.__wrapped__(*handed[0]) is True
    assert english.get("/print/run/file").status_code == 200
    assert jobs._make_print_file.__wrapped__("officer", "unknown") is False


@pytest.mark.parametrize(
    ("typed", "pages"),
    [("17-20, 31", [17, 18, 19, 20, 31]), ("๓ – ๔", [3, 4]), ("", []), ("4-2", None), ("0", None), ("x", None)],
)
def test_pages_are_read_as_they_are_typed(typed: str, pages: list[int] | None) -> None:
    assert pages_of(typed) == pages
