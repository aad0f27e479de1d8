"""What a signed token says, in the words of one language: for the public page and for who checks without a network."""

from flask_babel import gettext

from workflow.domain import rulesets
from workflow.domain.documents import DOCUMENTS, PAPER_SIGNS
from workflow.domain.masking import masked
from workflow.domain.provinces import place_name
from workflow.roadside import Judged
from workflow.tokens import Token
from workflow.web.shown import language, show_date


def lines_of(judged: Judged) -> list[tuple[str, str]]:
    """List what stands in a token or file; nothing of one that is not genuine."""
    token = judged.token
    if token is None:
        lines = [
            (gettext("Number"), judged.number),
            (gettext("Replaced by"), judged.replaced_by),
            (gettext("Signed by"), judged.signer),
        ]
        return [(label, value) for label, value in lines if value]
    lines = [
        (gettext("Paper"), gettext(_title(token))),
        (gettext("Number"), token.number),
        (gettext("Replaced by"), judged.replaced_by),
        (gettext("Name (first letters)"), masked(token.name)),
        (gettext("Employer"), ", ".join(token.employers)),
        (gettext("Place of work"), _place(token.place)),
        (gettext("Work"), token.job),
        (gettext("Permit from"), show_date(token.valid_from)),
        (gettext("Permit until"), show_date(token.valid_until)),
    ]
    return [(label, value) for label, value in lines if value]


def _title(token: Token) -> str:
    return next(paper.title for paper in DOCUMENTS.values() if PAPER_SIGNS.get(paper.series) == token.kind)


def _place(code: str) -> str:
    """Name a district with its province, or a province alone, from the lists that come with the system."""
    district = next((terms[code] for terms in _districts() if code in terms), None)
    if district is None:
        return place_name(code, language())
    return f"{district[language()]}, {place_name(district['province'], language())}"


def _districts() -> list[dict[str, dict[str, str]]]:
    return [ruleset.get("districts", {}) for ruleset in rulesets.shipped()]
