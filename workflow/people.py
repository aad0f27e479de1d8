"""Who an account stands for: the person who acts through it, with office and province."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.actor import Actor, OfficeKind, Role
from workflow.store.projections import Account, RegisterEntry


def actor_of(session: Session, account: Account) -> Actor:
    """Give the person who acts through an account, with the kind and province of the office."""
    office = _office(session, account.office)
    kind = office.get("kind_of")
    return Actor(
        person=account.person,
        account=account.reference,
        role=Role(account.role),
        name=account.name,
        position=account.position,
        office=account.office,
        office_kind=OfficeKind(str(kind)) if kind else None,
        province=str(office["province"]) if office else None,
        employer=account.employer,
        hospital=account.hospital,
        gate=account.gate,
        acting_for=account.acting_for,
    )


def actor_named(session: Session, user_name: str) -> Actor:
    """Give the person who acts under a user name; raises LookupError when there is none."""
    account = session.scalar(select(Account).where(Account.user_name == user_name))
    if account is None:
        raise LookupError(user_name)
    return actor_of(session, account)


def _office(session: Session, office: str | None) -> dict[str, object]:
    if office is None:
        return {}
    stated = session.scalar(select(RegisterEntry.stated).where(RegisterEntry.subject == office))
    return stated or {}
