"""Applications that stand on a permit: who may be renewed, who can be taken on, and the opening of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from workflow import casework, lookups
from workflow.casework import Act, Performed, Result
from workflow.desk import Desk
from workflow.domain.actor import SYSTEM, Actor
from workflow.domain.application import Identity
from workflow.domain.flow import StepFault
from workflow.domain.kinds import AdditionOfEmployer, ChangeOfEmployer, OnPermit, Renewal, Substitution
from workflow.domain.names import pass_key
from workflow.domain.onward import book_of
from workflow.domain.policies import photo_of
from workflow.domain.record import Record
from workflow.domain.thai import bangkok_date, plain_digits
from workflow.domain.validity import current_pass
from workflow.employers import office_of
from workflow.store.history import CaseNotFound, record_of
from workflow.store.projections import Case, Employment, Pass, RegisterEntry
from workflow.visibility import visible_to


def open_on_permit(desk: Desk, actor: Actor, step: str, stated: OnPermit, act: Act) -> Performed:
    """Open an application on a permit and commit it; what the office knows of the person comes with it.

    It lies in the chain of the permit's office, sealed under the worker's key. Raises Refused with reasons.
    """

    def once() -> Performed:
        with casework.transaction(desk):
            return _open(desk, actor, step, stated, act)

    return casework.again_if_raced(once)


def _open(desk: Desk, actor: Actor, step: str, stated: OnPermit, act: Act) -> Performed:
    permit = record_of(desk.session, stated.permit)
    opened = casework.open_subject(
        desk, actor, "application", step, stated, act, chain=permit.office, key=stated.worker
    )
    known = _known(desk, permit)
    if known is None or opened.repeated:
        return opened
    kept = casework.carry_on(desk, SYSTEM, opened.record, "keep_identity", known)
    return replace(opened, record=kept.record)


def _known(desk: Desk, permit: Record) -> Identity | None:
    """Take the person from the file of the permit, with the newest pass and photo; a paper permit has no such file."""
    subject = lookups.issuing_application(permit)
    earlier = desk.record(subject) if subject else None
    checked = earlier.last("check_identity", "keep_identity") if earlier else None
    if earlier is None or checked is None:
        return None
    held = current_pass(earlier)
    names = ("pass_number", "pass_province", "pass_issued_on", "pass_expires_on")
    travel = {name: getattr(held, name) for name in names}
    return replace(checked.evidence, photo=photo_of(earlier), listed_wrongly=False, **travel)


# renewals to come ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ending:
    """A permit that ends soon, and the renewal under way if there is one."""

    permit: Case
    renewal: Case | None


def renewals_to_come(desk: Desk, actor: Actor, employer: str) -> list[Ending]:
    """List the permits of an employer's workers that may be renewed now, the first to end first."""
    on = bangkok_date(desk.now())
    works = select(Employment.permit).where(Employment.employer == employer, Employment.ended_on.is_(None))
    soon = select(Case).where(
        Case.flow == "permit",
        Case.state == "active",
        Case.subject.in_(works),
        Case.valid_until.between(on, last_to_renew(desk, actor, employer, on)),
        visible_to(desk, actor),
    )
    permits = desk.session.scalars(soon.order_by(Case.valid_until, Case.title)).all()
    pending = select(Case).where(Case.kind == "renewal", Case.live, Case.worker.in_([p.worker for p in permits]))
    renewals = {case.worker: case for case in desk.session.scalars(pending)}
    return [Ending(permit, renewals.get(permit.worker)) for permit in permits]


def last_to_renew(desk: Desk, actor: Actor, employer: str, on: date) -> date:
    """Give the last end of a permit for which the renewal is open on a day; without a rule it always is."""
    province = actor.province or desk.province_of(office_of(desk, actor, employer))
    days = desk.in_force(on, province).get("renewal.open_days")
    return date.max if days is None else on + timedelta(days=days)


def renew_many(
    desk: Desk, actor: Actor, employer: str, permits: Iterable[str], batch: str, act: Act | None = None
) -> Iterator[Result]:
    """Open the renewal of each permit: each stands or falls alone, safe to repeat under the same batch.

    Commits at most every 50 permits, so that other writers come between.
    """
    for some in casework.batched(permits, casework.COMMIT_EVERY):
        with casework.transaction(desk):
            results = [_renew(desk, actor, employer, permit, batch, act or Act()) for permit in some]
        yield from results


def _renew(desk: Desk, actor: Actor, employer: str, permit: str, batch: str, act: Act) -> Result:
    own = replace(act, request_id=f"{batch}:{permit}")
    try:
        casework.must_see(desk, actor, record_of(desk.session, permit))
        worker = desk.session.get_one(Case, permit).worker
        stated = Renewal(permit=permit, worker=worker, employer=employer)
        return Result(permit, casework.alone(desk, lambda: _open(desk, actor, "open_renewal", stated, own)))
    except (StepFault, CaseNotFound) as fault:
        return Result(permit, fault=fault)


# a worker who is taken on by another employer -----------------------------------------------


def permit_shown(desk: Desk, pass_number: str, permit_number: str) -> Case | None:
    """Find the active permit of whom showed both papers: the border pass and the permit, each by its number.

    Both are asked, so that nobody finds a rival's workers by trying numbers.
    """
    holder = select(Pass.worker).where(Pass.pass_key == (pass_key(pass_number) or pass_number))
    running = select(Case).where(Case.flow == "permit", Case.state == "active", Case.worker.in_(holder))
    wanted = _plain(permit_number)
    for permit in desk.session.scalars(running):
        _, number = book_of(record_of(desk.session, permit.subject))
        if wanted and wanted == _plain(number):
            return permit
    return None


def _plain(number: str) -> str:
    return "".join(plain_digits(number).upper().split())


def requests_to_join(desk: Desk, actor: Actor, employer: str | None = None) -> list[Case]:
    """List the running requests under which a worker may be taken on: those of one employer, or all one may see.

    Who is barred takes nobody on.
    """
    today = bangkok_date(desk.now())
    barred = select(RegisterEntry.subject).where(RegisterEntry.barred_until >= today)
    running = select(Case).where(
        Case.flow == "request",
        Case.state.in_(("list_locked", "running")),
        Case.employer.not_in(barred),
        visible_to(desk, actor),
    )
    mine = running if employer is None else running.where(Case.employer == employer)
    return list(desk.session.scalars(mine.order_by(Case.title, Case.reference)))


def take_on(
    desk: Desk, actor: Actor, permit: Case, request: Case, scans: Mapping[str, str], act: Act, *, leaves: str | None
) -> Performed:
    """Open a change of employer (`leaves` names who is left, empty: nobody any more), or an addition (None)."""
    known = {"permit": permit.subject, "worker": permit.worker, "employer": request.employer, "request": request.subject}
    if leaves is None:
        added = AdditionOfEmployer(**known, consent_scan=scans["consent_scan"])
        return open_on_permit(desk, actor, "open_addition", added, act)
    return open_on_permit(desk, actor, "open_change", ChangeOfEmployer(**known, ends=leaves, **scans), act)


def of_own_worker(desk: Desk, actor: Actor, permit: Case, step: str, employer: str, act: Act) -> Performed:
    """Open the renewal or the substitute of a worker for one of the worker's employers."""
    kind = {"open_renewal": Renewal, "open_substitute": Substitution}[step]
    stated = kind(permit=permit.subject, worker=permit.worker, employer=employer)
    return open_on_permit(desk, actor, step, stated, act)
