"""Rulesets for tests of pure rules: those that are shipped, by their names."""

from functools import cache

from workflow.domain import rulesets
from workflow.domain.rulesets import Ruleset


@cache
def shipped_rules(name: str) -> Ruleset:
    """Give a shipped ruleset by its name."""
    return next(ruleset for ruleset in rulesets.shipped() if ruleset.id == name)


def demo_rules() -> Ruleset:
    """Give the invented ruleset of the demonstration."""
    return shipped_rules("DEMO")
