"""What every application of a test process would make again just the same is made once: templates, addresses, hashes.

None of it is looked at less: a template that changed has another checksum, an address is still bound to its own map,
and what a password costs in the office is tested with the office's own hasher.
"""

from collections.abc import Callable

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from workflow.store import passwords

OFFICE_HASHER = passwords.HASHER
"""How the office keeps passwords; everywhere else the tests use a hasher that costs next to nothing."""


class CompiledTemplates(BytecodeCache):
    """Keeps the code of each template for as long as its text is the same."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(Rule):
    """An address whose builder is compiled once for all maps; it depends on the text of the address alone."""

    builders: dict[object, Callable[..., tuple[str, str]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = self.rule, tuple(self._trace), repr(self.defaults), append_unknown
        if key not in self.builders:
            self.builders[key] = super()._compile_builder(append_unknown)
        return self.builders[key]


def be_thrifty() -> None:
    """Let every application of this process share what is the same in all."""
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    Flask.url_rule_class = CompiledRule
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
