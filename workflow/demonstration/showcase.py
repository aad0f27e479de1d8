"""The office as a newcomer finds it: invented requests and workers in every state, and who may sign in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
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
from workflow.domain.application import CodedReason, EarlierEntry, PermitOrder, PermitOutcome
from workflow.domain.everywhere import Deficiencies, Reason
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

DAYS_AGO = 14
"""So many days before today the invented season began."""

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
    furnish(Season(past, cast(past), calendar, Invention(chance, calendar.today)), SCENES)


def furnish(season: Season, scenes: Sequence[Scene]) -> None:
    """Bring one worker to each scene, a request to each state of its flow, and let the permits live on."""
    rows = _rows(season.invention.chance)
    _workers(season, scenes, list(islice(rows, len(scenes))))
    _requests(season, rows)
    afterwards.go_on(season)


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
    season.request(rows)
    wanted = select(Case.subject).filter_by(flow="application").order_by(Case.reference)
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


def _requests(season: Season, rows: Iterator[ListRow]) -> None:
    """One request in each state of its flow."""
    season.employer, season.owner, season.gate = "orchard2", "owner2", "ban_pakkad"
    few = lambda: list(islice(rows, 3))  # noqa: E731
    for until in ("drafted", "submitted", "received", "reviewed", "list_open", "list_locked"):
        season.request(few(), until=until)
    _end(season, season.request(few(), until="drafted").subject, "owner2", "cancel_request")
    _end(season, season.request(few(), until="submitted").subject, "owner2", "withdraw_request")
    for state in ("incomplete", "returned"):
        subject = season.request(few(), until="received").subject
        missing = Deficiencies(
            items=("signature", "housing"), answer_until=season.calendar.today() + timedelta(days=3)
        )
        casework.perform(season.desk, season.cast["officer"], subject, "ask_for_missing", missing)
        if state == "returned":
            season.calendar.next_day(4)
            _end(season, subject, "officer", "return_request")
    refused = season.request(few(), until="received").subject
    opinion = Opinion(recommends=False, reason="ที่พักไม่เหมาะสม (สาธิต)")
    casework.perform(season.desk, season.cast["peo"], refused, "recommend_request", opinion)
    order = RequestOrder(
        order=RequestOutcome.REFUSED, reason_code="employer", reason="ที่พักคนงานไม่เหมาะสม (สาธิต)"
    )
    casework.perform(season.desk, season.cast["registrar"], refused, "decide_request", order)
    _end(season, season.request(few(), until="list_open").subject, "registrar", "revoke_request")
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
