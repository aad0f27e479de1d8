"""The office in a real browser: a whole case by hand, every page at two widths, and what holds without scripts."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from tests import samples
from tests.live import MAIN_BUTTON, come_in, fill, keep_picture, prove_again, said, send, served
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.demonstration.showcase import FAMILY, GIVEN
from workflow.domain.namelist import ListRow
from workflow.domain.thai import numeric_date
from workflow.store.projections import Case, Document

pytestmark = pytest.mark.browser

HEADINGS = ("Name", "Sex", "Border Pass no.", "Date of birth", "Province")
WORKERS = (
    ["KIM KOSAL", "M", "PL160816", "05/03/2522", "Pailin"],
    ["NUON SREYMOM", "F", "", "17/08/2536", "Battambang"],  # the pass number is mended on the page
)


@pytest.fixture
def base_url(app: Flask) -> Iterator[str]:
    """The address of the test's own office, where every page of its browser begins."""
    with served(app) as address:
        yield address


@pytest.fixture
def browser_context_args(base_url: str) -> dict[str, str]:
    """A browser of Chanthaburi: it reads Thai and stands at the office's door."""
    return {"base_url": base_url, "locale": "th-TH", "timezone_id": "Asia/Bangkok"}


# a whole case by hand -----------------------------------------------------------------------


def test_a_worker_goes_from_demand_letter_to_permit_by_hand(page: Page, season: Season, tmp_path: Path) -> None:
    request = ask_for_workers(page, season, tmp_path)
    receive_and_approve(page, request)
    lock(page, request)
    reference = case_of(season, "application", "opened").reference
    check_identity(page, season, reference, tmp_path)
    do(page, reference, "refer_to_hospital", appointment_on=day(season, 1))
    season.calendar.next_day()
    as_("hospital", page, reference, "record_medical", certificate_number="MC-2569-1", doctor_licence="ว.1", result="1")
    as_("officer", page, reference, "plan_entry", contact="นายมา 081 000 0010", entry_on=day(season, 1))
    season.calendar.next_day()
    as_("gate", page, reference, "record_entry")
    season.calendar.next_day()
    register(page, season, reference)
    season.calendar.next_day()
    issue(page, season, reference)
    assert case_of(season, "application", "issued").reference == reference
    permit = case_of(season, "permit", "active")
    page.goto(f"/cases/{permit.reference}")
    expect(page.locator("main")).to_contain_text("ทำงานได้ถึง")
    the_paper_proves_itself(page, season)
    the_auditor_reads_it(page, reference)


def ask_for_workers(page: Page, season: Season, folder: Path) -> str:
    """The employer writes a demand letter, attaches a list, mends a row of it, confirms and submits."""
    come_in(page, "owner")
    page.locator("main a[href*='/requests/new']").first.click()
    fill(page, job="labourer", men="1", women="1", start_on=day(season, 8), workplace="สวนลำไย 99 หมู่ 4",
         workplace_district="2204", gate="ban_laem", receive_on=day(season, 2), wage="352", wage_unit="day")  # fmt: skip
    send(page)
    request = case_of(season, "request", "drafted").reference
    attach_list(page, request, folder)
    do(page, request, "submit_request", accepted="yes", signed_by="นายสมชาย ตัวอย่างดี")
    return request


def attach_list(page: Page, request: str, folder: Path) -> None:
    """Upload a sheet, put right what its report says, and confirm it once."""
    sheet = folder / "list.xlsx"
    sheet.write_bytes(samples.workbook(samples.simple(WORKERS, HEADINGS)))
    page.goto(f"/requests/{request}/list")
    fill(page, sheet=sheet)
    send(page)
    expect(page.locator("main")).to_contain_text("NUON SREYMOM")
    page.locator("a[href$='/preview/rows/3']").click()
    fill(page, pass_number="BB 545140")
    send(page)
    confirm(page)


def confirm(page: Page) -> None:
    """Confirm the list that was looked through."""
    page.locator("form[action$='/preview/confirm'] button").click()
    page.wait_for_load_state()


def receive_and_approve(page: Page, request: str) -> None:
    """The district receives, the province recommends, the registrar decides after a fresh proof."""
    as_("officer", page, request, "receive_request")
    as_("peo", page, request, "recommend_request", recommends="yes", reason="ที่พักเหมาะสม มีความจำเป็นตามฤดูกาล")
    as_("registrar", page, request, "decide_request", order="approved")


def lock(page: Page, request: str) -> None:
    """The officer locks the list; its applications open by themselves, seen on the page of progress."""
    come_in(page, "officer")
    page.goto(f"/requests/{request}/list")
    page.locator("form[action$='/list/lock'] button").click()
    expect(page).to_have_url(re.compile("/opening"))
    expect(page.locator("form[data-go-on]")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("2")


def check_identity(page: Page, season: Season, reference: str, folder: Path) -> None:
    """The officer compares the worker with the pass; the photo comes from the telephone."""
    photo = folder / "photo.jpg"
    photo.write_bytes(drawn_photo(season.invention.chance))
    do(page, reference, "check_identity", title="Mr", name_thai="คิม โกศล", pass_issued_on="01/06/2569",
       pass_expires_on="๓๑/๑๒/๒๕๗๐", address="ที่พักคนงาน 99 หมู่ 4", photo=photo)  # fmt: skip


def register(page: Page, season: Season, reference: str) -> None:
    """BT.29 is filed, its fee taken, an opinion given."""
    seen = {f"attachments-{name}": "seen" for name in season.desk.in_force(season.calendar.today(), "22").get("attachments")}
    as_("owner", page, reference, "file_application", work_type="เกษตรกรรม", work_nature="กรรมกร เก็บลำไย",
        reason_not_thai="ไม่มีคนไทยสมัคร", insurer="โรงพยาบาลโป่งน้ำร้อน", insurance_number="HI-1",
        insured_from=day(season, 0), insured_until=day(season, 100), from_on=day(season, 0), **seen)  # fmt: skip
    as_("cashier", page, reference, "pay_application_fee", receipt_book="1", receipt_number="1")
    as_("peo", page, reference, "give_opinion", complete="yes", recommends="yes", reason="เอกสารครบถ้วน")


def issue(page: Page, season: Season, reference: str) -> None:
    """The registrar permits, the fee is taken, the numbers of the Department are entered, the permit handed over."""
    as_("registrar", page, reference, "decide", order="permit")
    as_("cashier", page, reference, "pay_permit_fee", receipt_book="1", receipt_number="2")
    numbers = season.invention.numbers_given()
    as_("clerk", page, reference, "enter_numbers", permit_book=numbers.permit_book,
        permit_number=numbers.permit_number, foreigner_number=numbers.foreigner_number)  # fmt: skip
    as_("officer", page, reference, "issue_permit", received_by="นายสมชาย ตัวอย่างดี")


def the_paper_proves_itself(page: Page, season: Season) -> None:
    """The record of the permit opens as a PDF, and its code tells anybody that it is in force."""
    season.desk.session.rollback()
    paper = season.desk.session.scalars(select(Document).filter_by(key="permit_record")).one()
    shown = page.request.get(f"/papers/{paper.subject}/view")
    assert (shown.headers["content-type"], shown.body()[:5]) == ("application/pdf", b"%PDF-")
    page.context.clear_cookies()
    page.goto(f"/v/{paper.code}")
    expect(page.locator("main")).to_contain_text("ใบอนุญาตทำงานยังใช้ได้")


def the_auditor_reads_it(page: Page, reference: str) -> None:
    """The auditor opens the case and finds every entry of it, to the issue of the permit."""
    come_in(page, "auditor")
    page.goto(f"/audit/cases/{reference}")
    for step in ("ตรวจสอบตัวบุคคล", "พิจารณาสั่งคำขออนุญาตทำงาน", "ออกใบอนุญาต"):
        expect(page.locator("main")).to_contain_text(step)


def as_(user_name: str, page: Page, reference: str, step: str, **typed: str | Path) -> None:
    """Somebody signs in and does one step."""
    come_in(page, user_name)
    do(page, reference, step, **typed)


def do(page: Page, reference: str, step: str, **typed: str | Path) -> None:
    """Open a step from the page of its case, fill its form in over what is known, and send it."""
    page.goto(f"/cases/{reference}")
    link = page.locator(f"main a[href='/cases/{reference}/steps/{step}']").first
    page.goto(link.get_attribute("href"))
    fill(page, **typed)
    send(page)
    prove_again(page)
    assert re.search(r"/(cases|requests|employers)/[^/]+$", page.url), said(page)


def day(season: Season, later: int) -> str:
    """Write a day from today as the office types it."""
    return numeric_date(season.calendar.today() + timedelta(days=later))


def case_of(season: Season, flow: str, state: str) -> Case:
    """Give the first case of a flow in a state."""
    season.desk.session.rollback()
    found = select(Case).filter_by(flow=flow, state=state).order_by(Case.reference).limit(1)
    return season.desk.session.scalars(found).one()


# every page, at a desk and on a telephone ---------------------------------------------------

STAND = ("opened", "opened", "requested", "cleared", "ready", "filed", "assessed", "paid", "issued", "issued")
ROLES = ("owner", "officer", "registrar", "cashier", "hospital", "gate", "auditor", "admin")
EACH_SEES_ITS_OWN = frozenset({"inbox.front", "inbox.show", "cases.show"})
JUDGED = frozenset({
    "inbox.front", "cases.show", "many.do", "lists.preview", "employer.home", "worker.show", "verify.show",
    "signin.sign_in", "admin.accounts", "audit.home",
})  # fmt: skip
"""Pages that axe looks at."""
MOST_FIELDS = "check_identity"
"""The step with the most kinds of fields; axe looks at it, too."""
HREFS = "all => all.map(one => one.getAttribute('href'))"
OPENED = 200
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def test_every_page_is_quiet_accessible_and_fits_a_telephone(
    page: Page, app: Flask, season: Season, tmp_path: Path
) -> None:
    reference = furnish(season)
    heard: list[str] = []
    page.on("console", lambda told: heard.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda fault: heard.append(str(fault)))
    walk, wrong = Walk(app, page, heard), []
    for user_name in ROLES:
        come_in(page, user_name)
        more = starts(page, season, user_name, tmp_path)
        wrong += [f"{user_name}: {found}" for found in walk.through(user_name, ["/", *more])]
    page.context.clear_cookies()
    wrong += [f"anybody: {found}" for found in walk.through("anybody", public_pages(season))]
    assert wrong == []
    assert len(walk.seen) > 80, sorted(walk.seen)
    assert walk.judged == JUDGED | {MOST_FIELDS}
    take_pictures(page, reference, tmp_path)


def furnish(season: Season) -> str:
    """Leave workers at every stage of their way and a rival's requests; gives a worker for whom much was done."""
    season.request(invented(len(STAND)))
    wanted = select(Case.subject).filter_by(flow="application").order_by(Case.reference)
    season.drive_each(dict(zip(season.desk.session.scalars(wanted), STAND, strict=True)))
    assert season.left == []
    season.employer, season.owner = "orchard2", "owner2"
    for place, until in enumerate(("submitted", "received", "reviewed", "list_open")):
        season.request(invented(2, 20 + 2 * place), until=until)
    season.employer, season.owner = "orchard", "owner"
    season.request((), until="drafted", men=4)
    return case_of(season, "application", "assessed").reference


def invented(count: int, first: int = 0) -> tuple[ListRow, ...]:
    """Rows of a list with names in three scripts."""
    return tuple(
        ListRow(row=7 + n, name_latin=f"{family[0]} {given[0]}", name_khmer=f"{family[1]} {given[1]}",
                name_thai=f"{family[2]} {given[2]}", sex=given[3], birth_year=1975 + n * 11 % 30,
                pass_number=f"BB{612000 + n * 37}", pass_province="battambang")
        for n in range(first, first + count)
        for family, given in [(FAMILY[n * 7 % len(FAMILY)], GIVEN[n * 3 % len(GIVEN)])]
    )  # fmt: skip


def starts(page: Page, season: Season, user_name: str, folder: Path) -> list[str]:
    """Pages that no link leads to, or only from a case that the walk may pass by."""
    if user_name == "owner":
        draft = case_of(season, "request", "drafted").reference
        sheet = folder / "messy.xlsx"
        sheet.write_bytes(samples.workbook(samples.messy(30)))
        page.goto(f"/requests/{draft}/list")
        fill(page, sheet=sheet)
        send(page)
        return [page.url]
    if user_name == "officer":
        opened, requested = (case_of(season, "application", state).reference for state in ("opened", "requested"))
        return [f"/cases/{opened}/steps/{MOST_FIELDS}", f"/many/plan_entry?case={requested}"]
    return []


def public_pages(season: Season) -> list[str]:
    """What anybody may open: signing in, the page behind a paper's code, the worker's own page."""
    season.desk.session.rollback()
    paper = season.desk.session.scalars(select(Document).filter_by(key="permit_record")).first()
    return ["/sign-in", "/first-sign-in", "/v", f"/v/{paper.code}", "/w", f"/w/{paper.code}"]


class Walk:
    """Follows every kind of link once and tells what is wrong with its page; files are left to other tests."""

    def __init__(self, app: Flask, page: Page, heard: list[str]) -> None:
        self.addresses, self.page, self.heard = app.url_map.bind("localhost"), page, heard
        self.seen: set[tuple[str, ...]] = set()
        self.judged: set[str] = set()
        self.axe = Axe()

    def through(self, user_name: str, todo: list[str]) -> Iterator[str]:
        """Open what was not seen yet, and what that leads to."""
        while todo:
            address = todo.pop(0)
            kind = self.kind_of(user_name, address)
            if kind is None or kind in self.seen:
                continue
            self.seen.add(kind)
            yield from (f"{address}: {found}" for found in self.look(kind, address))
            todo += self.page.eval_on_selector_all("a[href]:not([download])", HREFS)

    def kind_of(self, user_name: str, address: str) -> tuple[str, ...] | None:
        """Name the kind of a page: pages of one kind differ by the case alone; files and other places are none."""
        path = re.sub(r"^https?://[^/]+", "", address).split("?")[0].split("#")[0]
        try:
            endpoint, given = self.addresses.match(path, "GET")
        except HTTPException:
            return None
        if endpoint in FILES or "lang=" in address:
            return None
        own = user_name if endpoint in EACH_SEES_ITS_OWN else ""
        flow = given["reference"][4:6] if endpoint == "cases.show" else ""
        return endpoint, given.get("step", ""), flow, own

    def look(self, kind: tuple[str, ...], address: str) -> Iterator[str]:
        """Open a page at both widths and tell what is wrong with it."""
        self.heard.clear()
        self.page.set_viewport_size(DESK)
        try:
            answer = self.page.goto(address)
        except Error as fault:
            if "Download is starting" not in fault.message:
                raise
            return
        if answer.status != OPENED:
            yield f"answers {answer.status}"
        judged = {kind[0], kind[1]} & {*JUDGED, MOST_FIELDS}
        if judged and answer.status == OPENED:
            self.judged |= judged
            found = self.axe.run(self.page).response["violations"]
            yield from (f"{one['id']} {one['nodes'][0]['html'][:120]}" for one in found)
        self.page.set_viewport_size(TELEPHONE)
        over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            yield f"is {over} px wider than a telephone"
        yield from self.heard


FILES = frozenset({
    "papers.view", "papers.all_of", "files.show", "lists.download", "lists.empty_sheet", "lists.sheet_as_received",
    "registers.emblem", "printruns.file", "closing.printed", "closing.register",
    "powercut.printed", "gates.printed", "employer.inspection_pack", "verify.withdrawn", "verify.keys",
    "static", "health.healthz",
})  # fmt: skip


def take_pictures(page: Page, reference: str, folder: Path) -> None:
    """Keep a picture of the inbox and of a case at the desk, and of the employer's page on a telephone."""
    page.set_viewport_size({"width": 1280, "height": 1080})
    come_in(page, "officer")
    page.goto("/")
    keep_picture(page, "inbox", folder)
    page.goto(f"/cases/{reference}")
    keep_picture(page, "case", folder)
    page.set_viewport_size(TELEPHONE)
    come_in(page, "owner")
    page.goto("/employer")
    keep_picture(page, "phone", folder)


# without scripts, and in a hurry ------------------------------------------------------------


@pytest.fixture
def plain(browser: Browser, base_url: str) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    context = browser.new_context(base_url=base_url, locale="th-TH", java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_scripts_a_step_is_done_and_a_list_confirmed(plain: Page, season: Season, tmp_path: Path) -> None:
    season.request((), until="drafted", men=2)
    request = case_of(season, "request", "drafted").reference
    come_in(plain, "owner")
    attach_list(plain, request, tmp_path)
    do(plain, request, "submit_request", accepted="yes", signed_by="นายสมชาย ตัวอย่างดี")
    expect(plain.locator("main")).to_contain_text("คนงาน 2 คน")
    as_("officer", plain, request, "receive_request")
    assert case_of(season, "request", "received").reference == request


def test_a_double_click_does_a_step_once(page: Page, plain: Page, season: Season) -> None:
    season.request(invented(1))
    opened = case_of(season, "application", "opened")
    season.drive([opened.subject], until="requested")
    for browser, step, typed in ((page, "plan_entry", {}), (plain, "refer_to_hospital", {"appointment_on": day(season, 1)})):
        before = case_of(season, "application", "requested").version
        come_in(browser, "officer")
        browser.goto(f"/cases/{opened.reference}/steps/{step}")
        fill(browser, **typed)
        browser.locator(MAIN_BUTTON).first.dblclick()
        expect(browser).to_have_url(re.compile(f"/cases/{opened.reference}$"))
        assert case_of(season, "application", "requested").version == before + 1
