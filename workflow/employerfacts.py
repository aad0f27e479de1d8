"""What the office knows of an employer when it gives an opinion on a request: places, workers, warnings."""

from typing import Any

from sqlalchemy import func, select

from workflow.desk import Desk
from workflow.domain.employer import EmployerFlag
from workflow.domain.thai import bangkok_date
from workflow.store.projections import Case, Employment, Quota, RegisterEntry


def known_of(desk: Desk, employer: str) -> dict[str, Any]:
    """Count the employer's running requests, their places approved and taken, and workers on live permits.

    `barred_until` is an ISO date while a bar runs; `warned` says that a warning stands.
    """
    live = select(Case.subject).where(Case.live)
    places = select(
        func.count(),
        func.coalesce(func.sum(Quota.approved_men + Quota.approved_women), 0),
        func.coalesce(func.sum(Quota.used_men + Quota.used_women), 0),
    ).where(Quota.employer == employer, Quota.request.in_(live))
    requests, approved, used = desk.session.execute(places).one()
    working = select(func.count(Employment.permit.distinct())).where(
        Employment.employer == employer, Employment.ended_on.is_(None), Employment.permit.in_(live)
    )
    entry = desk.session.get_one(RegisterEntry, employer)
    barred = entry.barred_until is not None and entry.barred_until >= bangkok_date(desk.now())
    return {
        "requests": int(requests),
        "approved": int(approved),
        "used": int(used),
        "working": int(desk.session.scalar(working) or 0),
        "warned": EmployerFlag.WARNED.value in entry.flags.split(","),
        "barred_until": entry.barred_until.isoformat() if barred and entry.barred_until else None,
    }
