"""The office as a newcomer finds it: invented requests and workers in every state, and who may sign in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import func, select

from workflow import casework, founding
from workflow.casework import Act
from workflow.demonstration import afterwards
from workflow.demonstration.chance import Calendar, Chance
from workflow.demonstration.invention import Invention
from workflow.demonstration.people import OPENED_ON, PEOPLE, Cast, cast
from workflow.demonstration.season import Season
from workflow.desk import SYSTEM_CHAIN, Desk
from workflow.domain.actor import SYSTEM, Role
from workflow.domain.application import EarlierEntry, PermitOrder, PermitOutcome
from workflow.domain.everywhere import CodedReason, Deficiencies, Reason
from workflow.domain.evidence import Evidence
from workflow.domain.namelist import ListRow
from workflow.domain.registers import Account
from workflow.domain.request import Opinion, RequestOrder, RequestOutcome
from workflow.domain.thai import bangkok_date
from workflow.store import accounts
from workflow.store import factors as secrets
from workflow.store.database import begin_write
from workflow.store.projections import Account as AccountRow
from workflow.store.projections import Case
from workflow.store.truth import EventRow

DAYS_AGO, DAYS_UNDER_WAY = 14, 5
"""So many days before today the invented season began, and what is still under way in it."""

FAMILY = (("KIM", "គឹម", "คิม"), ("NUON", "នួន", "นวน"), ("LY", "លី", "ลี"), ("KEO", "កែវ", "แก้ว"), ("TEP", "ទេព", "เทพ"), ("SOK", "សុខ", "สุข"), ("CHAN", "ចាន់", "จัน"), ("HENG", "ហេង", "เฮง"), ("PICH", "ពេជ្រ", "เพชร"), ("MEAS", "មាស", "เมียะ"))  # fmt: skip
GIVEN = (("KOSAL", "កុសល", "กุสล", "M"), ("SREYMOM", "ស្រីមុំ", "สไรมม", "F"), ("DARA", "ដារ៉ា", "ดารา", "M"), ("CHENDA", "ចិន្តា", "เจ็นดา", "F"), ("VEASNA", "វាសនា", "เวียสนา", "M"), ("SOPHEA", "សុភា", "โสเพีย", "F"), ("BORA", "បូរ៉ា", "โบรา", "M"), ("SREYNEANG", "ស្រីនាង", "สไรเนียง", "F"))  # fmt: skip
PASSES = (("BB", "battambang"), ("PL", "pailin"), ("PS", "pursat"), ("BM", "banteay_meanchey"))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where one invented worker stands: driven to a state of the way, then perhaps one more step."""

    reached: str
    step: str = ""
    who: str = "officer"


SCENES = (
    Scene("opened"),
    Scene("opened"),
    Scene("opened", "refuse_identity"),
    Scene("requested"),
    Scene("requested"),
    Scene("requested", "record_earlier_entry"),
    Scene("requested", "withdraw", "owner"),
    Scene("requested", "not_taken_up", "owner"),
    Scene("requested", "end_without_permit"),
    Scene("cleared"),
    Scene("cleared", "hold"),
    Scene("ready"),
    Scene("ready"),
    Scene("ready", "arrange_return"),
    Scene("filed"),
    Scene("filed"),
    Scene("filed", "ask_for_missing", "peo"),
    Scene("examined"),
    Scene("examined"),
    Scene("assessed"),
    Scene("assessed"),
    Scene("assessed", "decide", "registrar"),
    Scene("granted"),
    Scene("granted"),
    Scene("paid"),
    Scene("paid"),
    Scene("numbered"),
    *(Scene("issued") for _ in range(8)),
)


ENDS = frozenset({"refuse_identity", "withdraw", "not_taken_up", "end_without_permit", "decide"})
"""The steps of a scene after which nothing more is to come."""


def open_office(desk: Desk, password: str) -> Iterator[str]:
    """Enter the people and, in an empty store, a season in every state; tell who may sign in."""
    new = desk.session.scalar(select(func.count()).select_from(EventRow)) == 0
    if new:
        yield "Inventing a season of the demonstration office ..."
        _invent(desk)
    founding.found(desk)
    _equip(desk, cast(desk), password)
    yield ""
    yield f"Demonstration office of Pong Nam Ron. Everybody's password: {password}"
    yield "The second factor of officials is shown on the page (demonstration only)."
    for user_name, name, role, position, _ in PEOPLE:
        yield f"  {user_name:<10} {role.label:<14} {name}, {position}"


def _equip(desk: Desk, people: Cast, password: str) -> None:
    """Give passwords once; who changed one keeps it."""
    begin_write(desk.session)
    new = [
        actor.account
        for actor in people.actors.values()
        if desk.session.get(accounts.Secret, actor.account) is None
    ]
    secrets.equip_for_demonstration(desk.session, new, password, desk.now())
    desk.session.commit()


def _invent(desk: Desk) -> None:
    calendar, chance = Calendar.at(bangkok_date(desk.now()) - timedelta(days=DAYS_AGO)), Chance.of(64)
    past = replace(desk, now=calendar)
    founding.found(past)
    season = Season(past, cast(past), calendar, Invention(chance, calendar.today))
    furnish(season, SCENES, under_way_from=bangkok_date(desk.now()) - timedelta(days=DAYS_UNDER_WAY))


def furnish(season: Season, scenes: Sequence[Scene], *, under_way_from: date | None = None) -> None:
    """Bring one worker to each scene, a request to each state of its flow, and let the permits live on.

    What came to its end comes first; what is under way begins on a day of its own, so that little of it is late.
    """
    rows = _rows(season.invention.chance)
    settled = [scene for scene in scenes if scene.reached == "issued" or scene.step in ENDS]
    under_way = [scene for scene in scenes if scene not in settled]
    _workers(season, settled, list(islice(rows, len(settled))))
    _ended_requests(_elsewhere(season), rows)
    afterwards.go_on(season)
    if under_way_from is not None:
        season.calendar.next_day(max(0, (under_way_from - season.calendar.today()).days))
    _requests_under_way(_elsewhere(season), rows)
    _workers(season, under_way, list(islice(rows, len(under_way))))


def _elsewhere(season: Season) -> Season:
    """The same season at another orchard."""
    return replace(season, employer="orchard2", owner="owner2", gate="ban_pakkad")


def _rows(chance: Chance) -> Iterator[ListRow]:
    for number in range(500):
        family, given = FAMILY[number * 7 % len(FAMILY)], GIVEN[(number * 3 + number // 10) % len(GIVEN)]
        sign, province = PASSES[number % len(PASSES)]
        yield ListRow(
            row=number + 7,
            name_latin=f"{family[0]} {given[0]}",
            name_khmer=f"{family[1]} {given[1]}",
            name_thai=f"{family[2]} {given[2]}",
            sex=given[3],
            birth_year=1975 + number * 11 % 30,
            age=None,
            pass_number=f"{sign}{chance.source.randint(100000, 999999)}",
            pass_province=province,
        )


def _workers(season: Season, scenes: Sequence[Scene], rows: list[ListRow]) -> None:
    request = season.request(rows)
    wanted = select(Case.subject).filter_by(flow="application", request=request.subject).order_by(Case.reference)
    played = dict(zip(season.desk.session.scalars(wanted), scenes, strict=True))
    season.drive_each({subject: scene.reached for subject, scene in played.items()})
    for subject, scene in played.items():
        if scene.step:
            evidence = _one_more(season, scene.step)
            casework.perform(season.desk, season.cast[scene.who], subject, scene.step, evidence)


def _one_more(season: Season, step: str) -> Evidence:
    today = season.calendar.today()
    match step:
        case "refuse_identity" | "end_without_permit" | "arrange_return":
            return CodedReason(reason_code="identity", reason="ข้อมูลในบัตรผ่านแดนไม่ตรงกับตัวบุคคล (สาธิต)")
        case "record_earlier_entry":
            stamped = today - timedelta(days=3)
            return EarlierEntry(gate="ban_pakkad", stamped_on=stamped, stay_until=stamped + timedelta(days=30), reason="เดินทางเข้ามาก่อนยื่นคำขอ (สาธิต)")  # fmt: skip
        case "ask_for_missing":
            return Deficiencies(items=("contract", "photos"), answer_until=today + timedelta(days=15))
        case "decide":
            return PermitOrder(order=PermitOutcome.REFUSE, reason_code="incomplete", reason="เอกสารนายจ้างไม่ครบถ้วนตามที่กำหนด (สาธิต)")  # fmt: skip
    return Reason(reason="ตัวอย่างเพื่อการสาธิต")


def _requests_under_way(season: Season, rows: Iterator[ListRow]) -> None:
    """One request in each state that waits for somebody."""
    for until in ("drafted", "submitted", "received", "reviewed", "list_open", "list_locked"):
        season.request(_few(rows), until=until)
    _asked_for_more(season, rows)


def _few(rows: Iterator[ListRow]) -> list[ListRow]:
    return list(islice(rows, 3))


def _asked_for_more(season: Season, rows: Iterator[ListRow]) -> str:
    subject = season.request(_few(rows), until="received").subject
    until = season.calendar.today() + timedelta(days=3)
    missing = Deficiencies(items=("signature", "housing"), answer_until=until)
    casework.perform(season.desk, season.cast["officer"], subject, "ask_for_missing", missing)
    return subject


def _ended_requests(season: Season, rows: Iterator[ListRow]) -> None:
    """One request in each state that is the end of its way."""
    few = lambda: _few(rows)  # noqa: E731
    _end(season, season.request(few(), until="drafted").subject, "owner2", "cancel_request")
    _end(season, season.request(few(), until="submitted").subject, "owner2", "withdraw_request")
    returned = _asked_for_more(season, rows)
    season.calendar.next_day(4)
    _end(season, returned, "officer", "return_request")
    refused = season.request(few(), until="received").subject
    opinion = Opinion(recommends=False, reason="ที่พักไม่เหมาะสม (สาธิต)")
    casework.perform(season.desk, season.cast["peo"], refused, "recommend_request", opinion)
    order = RequestOrder(
        order=RequestOutcome.REFUSED, reason_code="employer", reason="ที่พักคนงานไม่เหมาะสม (สาธิต)"
    )
    casework.perform(season.desk, season.cast["registrar"], refused, "decide_request", order)
    revoked = season.request(few(), until="list_open").subject
    why = CodedReason(reason_code="employer", reason="ตัวอย่างเพื่อการสาธิต")
    casework.perform(season.desk, season.cast["registrar"], revoked, "revoke_request", why)
    _end(season, season.request(few(), until="list_open").subject, "officer", "close_request")


def _end(season: Season, subject: str, who: str, step: str) -> None:
    casework.perform(season.desk, season.cast[who], subject, step, Reason(reason="ตัวอย่างเพื่อการสาธิต"))


def first_administrator(desk: Desk) -> Iterable[str]:
    """In an office without accounts, open that of the first administrator and give its one-time link."""
    known = desk.session.scalar(select(AccountRow).filter_by(role=Role.ADMINISTRATOR.value))
    if known is not None and _has_password(desk, known.reference):
        return ["The office has its administrator; nothing to do."]
    if known is None:
        stated = Account(
            user_name="admin", name="Administrator", role=Role.ADMINISTRATOR, valid_from=OPENED_ON
        )
        entered = casework.begin(desk, SYSTEM, "account", "enter_account", stated, Act(), chain=SYSTEM_CHAIN)
        reference = entered.record.reference
    else:
        reference = known.reference
    begin_write(desk.session)
    token = accounts.invite_by_link(desk.session, reference, desk.now(), timedelta(hours=24))
    desk.session.commit()
    return ["The first administrator begins here, once, within 24 hours:", f"  {desk.site}/begin/{token}"]


def _has_password(desk: Desk, reference: str) -> bool:
    secret = desk.session.get(accounts.Secret, reference)
    return secret is not None and secret.password is not None
