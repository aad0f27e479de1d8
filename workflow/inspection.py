"""The inspection pack of an employer: who works where on which permit, who may not work yet, and which duties are late."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

import pdf
from workflow import lookups, permitfacts
from workflow.deadlines import to_keep
from workflow.desk import Desk
from workflow.domain.actor import Actor, Role
from workflow.domain.clocks import BY_NAME
from workflow.domain.standing import Standing, standing
from workflow.domain.thai import bangkok_date
from workflow.powercut import Say
from workflow.store.projections import Case, Employment, Pass, RegisterEntry, Worker
from workflow.visibility import visible_to
from workflow.workingprint import heading

PRINT = "inspection_pack"
ASKED = (Role.EMPLOYER, Role.AGENT)
Plain = dict[str, Any]


def printed(desk: Desk, actor: Actor, employer: RegisterEntry, say: Say) -> bytes:
    """Print the pack as it stands at this moment; `say` speaks Thai."""
    return pdf.render(PRINT, print_record(desk, actor, employer, say))


def print_record(desk: Desk, actor: Actor, employer: RegisterEntry, say: Say) -> Plain:
    """Gather the pack: workers by workplace, those without a permit apart, late duties counted and told of each."""
    today = bangkok_date(desk.now())
    late = dict(_late(desk, actor, employer.subject, today, say))
    places: dict[str, list[Plain]] = {}
    for place, worker in _on_permits(desk, actor, employer.subject, today, late, say):
        places.setdefault(place, []).append(worker)
    waiting = list(_waiting(desk, actor, employer.subject, today, say))
    working = [worker for workers in places.values() for worker in workers]
    return {
        **heading(desk, actor, actor.office),
        "employer": dict(employer.stated),
        "inspection": {
            "on": today.isoformat(),
            "places": [{"place": place, "workers": workers} for place, workers in places.items()],
            "waiting": waiting,
            "count": len(working),
            "may_work": sum(worker["may_work"] for worker in working),
            "late": [
                {"label": label, "count": count}
                for label, count in Counter(text for texts in late.values() for text in texts).most_common()
            ],
        },
    }


def _late(desk: Desk, actor: Actor, employer: str, today: date, say: Say) -> Iterator[tuple[str, list[str]]]:
    """Give, by case, the duties whose last day has passed."""
    found: dict[str, list[str]] = {}
    for row in to_keep(desk, actor, employer):
        if row.until_on < today:
            found.setdefault(row.reference, []).append(say(BY_NAME[row.flow, row.clock].label))
    yield from found.items()


def _on_permits(
    desk: Desk, actor: Actor, employer: str, today: date, late: Plain, say: Say
) -> Iterator[tuple[str, Plain]]:
    asked = (
        select(Case, Worker, Pass, Employment)
        .join(Employment, Employment.permit == Case.subject)
        .join(Worker, Worker.subject == Case.worker)
        .outerjoin(Pass, Pass.pass_key == Worker.pass_key)
        .where(Employment.employer == employer, Employment.ended_on.is_(None), Case.live, visible_to(desk, actor))
        .order_by(Employment.workplace, Worker.name_latin, Case.reference)
    )
    for case, worker, travel, work in desk.session.execute(asked):
        held = permitfacts.held(desk.record(case.subject))
        line = standing(lookups.situation(case), today)
        yield (
            work.workplace,
            _person(worker, travel)
            | {
                "permit": "/".join(filter(None, (held["permit_book"], held["permit_number"]))),
                "valid_until": held["valid_until"],
                "stay_until": held["stay_until"],
                "may_work": line.may_work,
                "because": _because(line, say),
                "late": late.get(case.reference, []),
            },
        )


def _waiting(desk: Desk, actor: Actor, employer: str, today: date, say: Say) -> Iterator[Plain]:
    """List who has a running application of this employer and no permit yet."""
    asked = (
        select(Case, Worker, Pass)
        .join(Worker, Worker.subject == Case.worker)
        .outerjoin(Pass, Pass.pass_key == Worker.pass_key)
        .where(Case.flow == "application", Case.kind == "new", Case.employer == employer)
        .where(Case.live, visible_to(desk, actor))
        .order_by(Worker.name_latin, Case.reference)
    )
    for case, worker, travel in desk.session.execute(asked):
        line = standing(lookups.situation(case), today)
        yield _person(worker, travel) | {"reference": case.reference, "because": _because(line, say)}


def _person(worker: Worker, travel: Pass | None) -> Plain:
    names: Iterable[str] = (worker.name_latin or worker.name_khmer, worker.name_thai)
    return {"name": " ".join(filter(None, names)), "pass_number": travel.pass_number if travel else None}


def _because(line: Standing, say: Say) -> str | None:
    return say(line.because) if line.because else None
