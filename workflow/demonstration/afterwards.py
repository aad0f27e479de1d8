"""What becomes of invented permits after their issue: notices, losses, ends of work, absconding, suspension, exit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from workflow import casework
from workflow.demonstration.season import Season
from workflow.domain.crossing import Exit
from workflow.domain.evidence import Evidence
from workflow.domain.permit import (
    EmploymentEnd,
    EndReason,
    Hearing,
    Laid,
    Loss,
    Notice,
    NoticeKind,
    RevocationProposal,
    TraffickingCheck,
    TraffickingOutcome,
)
from workflow.domain.record import Record
from workflow.store.history import record_of
from workflow.store.projections import Case

Maker = Callable[[Season, Record], Evidence]


@dataclass(frozen=True, slots=True)
class Turn:
    """One step on a permit: who does it, and what is stated."""

    who: str
    step: str
    states: Maker


def _notice(kind: NoticeKind) -> Maker:
    def states(season: Season, permit: Record) -> Evidence:
        opened, today = permit.history[0].evidence, season.calendar.today()
        return Notice(kind_of=kind, employer=opened.employer, event_on=opened.valid_from, given_on=today)

    return states


def _end(why: EndReason, *, told: bool = False) -> Maker:
    def states(season: Season, permit: Record) -> Evidence:
        now, urgent = season.desk.now(), why in (EndReason.DISMISSED, EndReason.ABSCONDED)
        return EmploymentEnd(
            employer=permit.history[0].evidence.employer,
            reason_code=why,
            last_day=season.calendar.today(),
            reason="ตัวอย่างเพื่อการสาธิต",
            known_at=now - timedelta(hours=2) if urgent else None,
            told_at=now - timedelta(hours=1) if told else None,
        )

    return states


def _exit(season: Season, permit: Record) -> Evidence:
    return Exit(gate="ban_laem", exited_on=season.calendar.today())


def _laid(season: Season, permit: Record) -> Evidence:
    return Laid(from_on=season.calendar.today(), reason="ด่านปิดชั่วคราว (สาธิต)")


def _checked(season: Season, permit: Record) -> Evidence:
    return TraffickingCheck(result=TraffickingOutcome.NONE, told="สอบถามเพื่อนร่วมงานและญาติแล้ว (สาธิต)")


def _lost(season: Season, permit: Record) -> Evidence:
    return Loss(known_on=season.calendar.today(), where="ทำหล่นในสวนลำไย (สาธิต)", police_report="สาธิต 1/2569")


def _proposed(season: Season, permit: Record) -> Evidence:
    return RevocationProposal(ground="conditions", reason="ทำงานนอกพื้นที่ที่ได้รับอนุญาต (สาธิต)")


def _heard(season: Season, permit: Record) -> Evidence:
    return Hearing(heard_on=season.calendar.today(), reached=True, told="นายจ้างให้ไปช่วยสวนข้างเคียง (สาธิต)")


NOTICES = (
    Turn("owner", "give_notice", _notice(NoticeKind.HIRE)),
    Turn("officer", "give_notice", _notice(NoticeKind.WORKER_START)),
)
LIVES: tuple[tuple[Turn, ...], ...] = (
    (),
    NOTICES,
    (*NOTICES, Turn("officer", "report_loss", _lost)),
    (*NOTICES, Turn("owner", "end_employment", _end(EndReason.RESIGNED))),
    (Turn("owner", "end_employment", _end(EndReason.ABSCONDED)),),
    (
        Turn("owner", "end_employment", _end(EndReason.ABSCONDED, told=True)),
        Turn("officer", "check_trafficking", _checked),
        Turn("officer", "propose_revocation", _proposed),
        Turn("officer", "hear_worker", _heard),
    ),
    (Turn("registrar", "suspend", _laid),),
    (*NOTICES, Turn("gate", "record_exit", _exit)),
)
"""What happens to each permit of the season, in the order of their numbers."""


def go_on(season: Season) -> None:
    """Let the permits of the season live on, once their work has begun."""
    permits = select(Case.subject, Case.valid_from).filter_by(flow="permit").order_by(Case.reference)
    for (subject, begins), turns in zip(season.desk.session.execute(permits).all(), LIVES, strict=False):
        season.calendar.next_day(max(0, (begins - season.calendar.today()).days))
        for turn in turns:
            evidence = turn.states(season, record_of(season.desk.session, subject))
            casework.perform(season.desk, season.cast[turn.who], subject, turn.step, evidence)
