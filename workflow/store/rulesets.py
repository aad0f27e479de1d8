"""Each text of the law that was ever loaded, kept by its digest, which every decision made under it names."""

from hashlib import sha256

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.store.database import must_write
from workflow.store.truth import RulesetTextRow

TEXTS = RulesetTextRow.__table__


def keep_text(session: Session, text: str) -> str:
    """Keep a ruleset's text; give its digest."""
    must_write(session)
    digest = sha256(text.encode()).hexdigest()
    if text_of(session, digest) is None:
        session.execute(insert(TEXTS), {"digest": digest, "text": text})
    return digest


def text_of(session: Session, digest: str) -> str | None:
    """Find the text of a digest."""
    return session.execute(select(TEXTS.c.text).where(TEXTS.c.digest == digest)).scalar_one_or_none()
