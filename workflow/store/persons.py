"""Who a registered worker is now: entries that were joined lead to the one that stayed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.store.projections import Worker


def entry_now(session: Session, worker: str) -> str:
    """Give the entry under which a worker stands now: the own one, or the one that it was joined with."""
    return session.scalar(select(Worker.joined).where(Worker.subject == worker)) or worker
