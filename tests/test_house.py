"""House rules that a machine can hold: what modules, names, signatures and routes look like."""

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from workflow.domain.actor import Role
from workflow.web.access import ANYONE

ROOT = Path(__file__).parent.parent
PACKAGES = ("workflow", "forms", "pdf")
Function = ast.FunctionDef | ast.AsyncFunctionDef

DOCSTRING_ONLY = ("workflow", "workflow/domain")
UNSORTED = {"utils", "util", "helpers", "helper", "managers", "manager", "services", "service", "common", "misc", "info"}
FORBIDDEN = re.compile(r"helper|util(s|ity)?$|manager|service|misc|^(handle|process|do|manage)_", re.IGNORECASE)
CALLED_FROM_OUTSIDE = {"handle_starttag", "handle_endtag", "handle_data", "process_bind_param", "process_result_value",
                       "process_formdata", "process_data", "process"}  # fmt: skip
"""Names that a base class of a library gives."""
OURS = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
each_module = pytest.mark.parametrize("path", OURS, ids=[str(path.relative_to(ROOT)) for path in OURS])


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def defined(path: Path) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Give every class, function and method of a module with its dotted name; what is inside a function is its own."""

    def within(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield f"{prefix}{child.name}", child
                if isinstance(child, ast.ClassDef):
                    yield from within(child, f"{prefix}{child.name}.")
            elif isinstance(child, (ast.If, ast.Try, ast.With)):
                yield from within(child, prefix)

    return within(tree(path), "")


def functions() -> Iterator[tuple[Path, str, Function]]:
    for path in OURS:
        for name, node in defined(path):
            if not isinstance(node, ast.ClassDef):
                yield path, name, node


# modules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", DOCSTRING_ONLY)
def test_a_package_holds_its_map_and_no_code(package: str) -> None:
    body = tree(ROOT / package / "__init__.py").body
    assert len(body) == 1
    assert ast.get_docstring(tree(ROOT / package / "__init__.py"))


@each_module
def test_a_module_is_named_for_what_it_holds_and_opens_with_what_it_is_for(path: Path) -> None:
    assert path.stem not in UNSORTED
    said = ast.get_docstring(tree(path)) or ""
    assert said.endswith((".", "?")) or "\n" in said, "a module opens with a sentence"


@each_module
def test_names_say_what_is_meant(path: Path) -> None:
    for name, node in defined(path):
        last = name.rpartition(".")[2]
        assert last in CALLED_FROM_OUTSIDE or not FORBIDDEN.search(last), name
        assert not (isinstance(node, ast.ClassDef) and re.search(r"(Data|Info|Handler)$", last)), name


@each_module
def test_what_is_public_says_in_a_sentence_what_it_is(path: Path) -> None:
    silent = [
        name
        for name, node in defined(path)
        if not any(part.startswith("_") for part in name.split("."))
        and not ast.get_docstring(node)
        and not said_by_its_base(path, name)
        and not decorated(node, "overload", "setter")
    ]
    assert silent == []


def said_by_its_base(path: Path, name: str) -> bool:
    """A method of a private or inherited class that a library calls is said there; short properties speak alone."""
    owner, _, last = name.rpartition(".")
    if not owner:
        return False
    node = dict(defined(path))[owner]
    method = dict(defined(path))[name]
    inherits = isinstance(node, ast.ClassDef) and bool(node.bases)
    return (inherits and last in CALLED_FROM_OUTSIDE | LIBRARY) or lines(method) <= 4


LIBRARY = {"emit", "fetch", "getattr", "error", "read", "outcome", "validate", "pre_validate", "post_validate"}


def decorated(node: ast.AST, *names: str) -> bool:
    return any(ast.unparse(each).endswith(names) for each in getattr(node, "decorator_list", ()))


# functions ------------------------------------------------------------------------------------


def lines(node: ast.AST) -> int:
    """Count the lines of a body, its docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    lengths = sorted(lines(node) for _, _, node in functions())
    median, ninth = statistics.median(lengths), lengths[int(len(lengths) * 0.9)]
    print(f"{len(lengths)} functions: median {median:.0f} lines, nine of ten within {ninth}")
    assert median <= 8
    assert ninth <= 25


def test_every_signature_is_typed() -> None:
    untyped = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, name, node in functions()
        if (node.returns is None and node.name != "__init__")
        or any(given.annotation is None for given in asked_of(node) if given.arg not in ("self", "cls"))
    ]
    assert untyped == []


def asked_of(node: Function) -> list[ast.arg]:
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [*named, *(given for given in (node.args.vararg, node.args.kwarg) if given)]


def test_the_domain_looks_at_no_clock_and_no_chance() -> None:
    looks = re.compile(r"datetime\.now|date\.today|time\.time|utcnow|random\.|secrets\.|os\.environ")
    found = [str(path) for path in OURS if "domain" in path.parts and looks.search(path.read_text("utf-8"))]
    assert found == []


def all_tests() -> list[Path]:
    return [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    ours = [*OURS, *all_tests(), *(ROOT / "templates").rglob("*.html")]
    assert [path.name for path in ours if later.search(path.read_text("utf-8"))] == []


def test_no_test_is_passed_over() -> None:
    passed_over = re.compile(r"pytest\.(mark\.)?(skip|xfail)|@unittest")
    found = [path.name for path in all_tests() if passed_over.search(path.read_text("utf-8"))]
    assert found == []


def test_no_exception_is_swallowed_unseen() -> None:
    """An `except` that catches everything raises again, or says on its line why not."""
    silent = []
    for path in OURS:
        text = path.read_text("utf-8").splitlines()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and wide(node):
                again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                silent += [] if again or "#" in text[node.lineno - 1] else [f"{path.name}:{node.lineno}"]
    assert silent == []


def wide(node: ast.ExceptHandler) -> bool:
    return node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")


def test_only_casework_and_its_kin_begin_to_write() -> None:
    """Truth is committed by the verbs; the store writes what is no truth (visits, attempts, proofs) itself."""
    may = {"casework.py", "employers.py"}  # slips of employers are no truth of the process
    found = {
        path.name
        for path in OURS
        if path.parent == ROOT / "workflow" and re.search(r"\.commit\(\)", path.read_text("utf-8"))
    }
    assert found <= may, found - may


# routes ---------------------------------------------------------------------------------------


def test_every_route_says_who_may_see_it(app: Flask) -> None:
    unmarked = [name for name, view in app.view_functions.items() if not hasattr(view, "allowed")]
    assert unmarked == ["static"]
    marked = [view.allowed for name, view in app.view_functions.items() if name != "static"]
    assert all(roles == ANYONE or roles <= set(Role) for roles in marked)
    print(f"{len(marked)} views; {sum(roles == ANYONE for roles in marked)} public")


PUBLIC = {
    "health.healthz", "signin.sign_in", "signin.second_factor", "signin.set_up_second_factor", "signin.sign_out",
    "first.by_link", "first.by_slip", "first.choose_password", "verify.ask", "verify.show",
    "verify.answer", "verify.withdrawn", "verify.keys", "worker.ask",
    "worker.show", "worker.enter", "worker.close", "worker.rules", "deadlines.fetch",
}  # fmt: skip


def test_what_is_public_is_named_here(app: Flask) -> None:
    public = {name for name, view in app.view_functions.items() if getattr(view, "allowed", None) == ANYONE}
    assert public == PUBLIC


def test_no_address_names_a_row_of_a_database(app: Flask) -> None:
    """Addresses carry references and signs; a whole number in one is a row of an employer's own sheet."""
    numbers = [rule.rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule and "/list/" not in rule.rule]
    assert numbers == []


def test_views_are_short(app: Flask) -> None:
    """A view is guard, form, one verb, and a page or another address."""
    views = [
        (path.name, name, lines(node))
        for path, name, node in functions()
        if "web" in path.parts and decorated_as_route(node)
    ]
    long = [view for view in views if view[2] > 25]
    print(f"{len(views)} views, the longest of {max(view[2] for view in views)} lines")
    assert long == []


def decorated_as_route(node: Function) -> bool:
    return any(re.search(r"\.(get|post|route)\(", ast.unparse(each)) for each in node.decorator_list)
