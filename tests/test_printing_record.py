"""The frozen record of a paper: all that the paper prints, nothing else of the rules, the signer as he signed."""

import json
from dataclasses import replace

import pytest
from record_sample import for_paper, long_names

import pdf
from pdf.composing import WEIGHTY, compose
from pdf.noted import Noted
from tests.driving import against, does, one, order, papers, propose, record
from workflow.demonstration import Season
from workflow.domain.documents import DOCUMENTS
from workflow.verification import verify

MOST_OF_THE_RULES = 3000
"""The longest lists that a paper prints whole (undertakings, attachments) are about 2,000 bytes."""


@pytest.mark.parametrize("key", DOCUMENTS)
@pytest.mark.parametrize(
    "sample", [for_paper, lambda key: for_paper(key, long_names())], ids=["sample", "long"]
)
def test_what_is_kept_of_a_record_sets_the_same_paper(key, sample):
    whole = sample(key)
    lacks, kept = pdf.settle(key, whole)
    assert lacks == []
    assert compose(key, kept)[0] == compose(key, whole)[0]
    assert pdf.settle(key, kept) == ([], kept)
    assert set(kept) == set(whole)


def test_a_word_of_the_rules_is_kept_where_a_value_names_it():
    whole = for_paper("bt46")
    whole["terms"]["nationalities"]["LAO"] = {"th": "ลาว"}
    assert pdf.settle("bt46", whole)[1]["terms"]["nationalities"] == {"KHM": {"th": "กัมพูชา"}}


def test_a_part_that_is_asked_only_whether_it_is_there_stays_there():
    noted = Noted({"there": {"a": 1}, "empty": {}, "read": {"b": 2, "c": 3}, "never": 4})
    assert bool(noted["there"])
    assert not noted["empty"]
    assert noted["read"]["b"] == 2
    assert noted["read"].get("lacking") is None
    assert noted.kept() == {"there": {"a": 1}, "empty": {}, "read": {"b": 2}}


def test_the_papers_of_a_case_hold_little_of_the_rules(season: Season) -> None:
    subject = one(season, "granted")
    for paper in papers(season, subject):
        facts = record(season, paper.subject).history[0].evidence.facts
        assert len(json.dumps(facts["terms"], ensure_ascii=False).encode()) < MOST_OF_THE_RULES, paper.key
        assert pdf.settle(paper.key, facts) == ([], facts)
        assert WEIGHTY & facts.keys() >= {"application", "terms"}
    assert verify(season.desk).sound


def test_a_corrected_order_names_whom_the_first_signer_acted_for(season: Season) -> None:
    registrar = season.cast["registrar"]
    season.cast.actors["registrar"] = replace(registrar, acting_for="จัดหางานจังหวัดจันทบุรี")
    subject = one(season, "assessed")
    does(season, "registrar", subject, "decide", order())
    season.cast.actors["registrar"] = registrar
    (first,) = papers(season, subject, "permit_order")
    until = record(season, subject).last("decide").evidence.valid_until
    propose(season, subject, "decide", valid_until=until.replace(day=1).isoformat())
    assert against(season, "registrar", subject, "confirm_correction") is None
    _, anew = papers(season, subject, "permit_order")
    signers = [record(season, paper.subject).history[0].evidence.facts["actor"] for paper in (first, anew)]
    assert signers[0]["acting_for"] == "จัดหางานจังหวัดจันทบุรี"
    assert signers[0]["office"]["name_th"]
    assert signers[1] == signers[0]
