"""Set-up: locks are whole and name no address, scripts run anywhere, style and floors are kept."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont
from pysqlite3 import dbapi2 as sqlite

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("bench", "flask", "lock", "serve", "test", "words")
# A character class stands in each, so that this file does not name what it forbids.
FORBIDDEN = re.compile(
    rb"pypi\.or[g]|pythonhosted\.or[g]|npmjs\.(or[g]|co[m])|yarnpkg\.co[m]|deb\.debian\.or[g]"
    rb"|(?<![\w.])/wor[k]/|\.\./share[d]"
)
MADE = re.compile(
    r"\.git/?|\.venv/|\.tool/|node_modules/|static/dist/|var/|(.*/)?(__pycache__|\..*_cache|\.hypothesis)/"
)


@pytest.fixture
def prepare() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "script/prepare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*command: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def kept() -> Iterator[Path]:
    """Every file of the project itself: what set-up makes, and what the office keeps, is left out."""
    for folder, folders, files in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [name for name in folders if not MADE.fullmatch(f"{here / name}/")]
        yield from (ROOT / here / name for name in files if not MADE.fullmatch(str(here / name)))


def locked(name: str) -> dict[str, str]:
    """Each requirement of a lock with the rest of its entry: version, marker and hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entry = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==((?:.*\\\n)*.*)", re.MULTILINE)
    return {match[1]: match[2] for match in entry.finditer(text)}


def test_no_file_names_a_registry_or_a_place_outside():
    named = {str(path.relative_to(ROOT)) for path in kept() if FORBIDDEN.search(path.read_bytes())}
    assert named == set()


@pytest.mark.parametrize("name", ["tool", "run", "test"])
def test_every_locked_requirement_carries_hashes(name):
    requirements = locked(name)
    assert len(requirements) > 1
    assert [each for each, rest in requirements.items() if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("name", ["tool", "run", "test"])
def test_a_lock_holds_nothing_but_requirements_hashes_and_comments(name):
    line = re.compile(
        r"[a-z0-9-]+(\[[a-z,]+\])?==[^ ]+( ;[^\\]*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?| *#.*"
    )
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert [each for each in text.splitlines() if not line.fullmatch(each)] == []


def test_every_front_end_package_carries_its_integrity_and_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    del packages[""]  # ourselves
    assert [path for path, package in packages.items() if not package.get("integrity")] == []
    assert [path for path, package in packages.items() if "resolved" in package] == []


def test_what_is_tested_is_what_serves():
    tested = locked("test")
    assert {name: rest for name, rest in locked("run").items() if name not in tested} == {}
    assert [name for name, rest in locked("run").items() if rest.split()[0] != tested[name].split()[0]] == []


@pytest.mark.parametrize("script", [*(f"script/{name}" for name in SCRIPTS), ".ci/run"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("made", [".venv", ".tool", "node_modules", "static/dist", "var"])
def test_what_is_made_is_not_kept_by_git(made):
    assert f"/{made}/" in (ROOT / ".gitignore").read_text().splitlines()


def test_sqlite_is_new_enough_and_finds_khmer():
    assert sqlite.sqlite_version_info >= (3, 51, 3)
    store = sqlite.connect(":memory:")
    store.execute("create virtual table name using fts5(words, tokenize='trigram')")
    store.execute("insert into name values ('ស្ពាន សុខា')")
    assert store.execute("select count(*) from name where name match 'សុខា'").fetchone() == (1,)
    store.close()


@pytest.mark.parametrize(
    ("face", "text"),
    [("sarabun/sarabun-thai", "สะพานน้ำ๒๕๖๙"), ("noto-sans-khmer/noto-sans-khmer-khmer", "ស្ពាន០១២")],
)
@pytest.mark.parametrize("weight", [400, 700])
def test_fonts_are_laid_out_and_hold_their_script(face, text, weight):
    with TTFont(ROOT / f"static/dist/fonts/{face}-{weight}-normal.woff2") as font:
        assert [letter for letter in text if ord(letter) not in font.getBestCmap()] == []


def test_preparing_again_does_nothing():
    again = run(
        sys.executable, "-c", "import sys; sys.path.insert(0, 'script'); import prepare; prepare.prepare()"
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_without_root_it_says_which_packages_to_ask_for(prepare, monkeypatch):
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prepare, "has_program", lambda name: name == "apt-get")
    with pytest.raises(prepare.NotReady, match=r"sudo apt-get install .* libone libtwo"):
        prepare.install_system({"libone": lambda: False, "here": lambda: True, "libtwo": lambda: False})


def test_without_apt_it_names_the_packages(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "has_program", lambda name: False)
    with pytest.raises(prepare.NotReady, match=r"no apt.* libone"):
        prepare.install_system({"libone": lambda: False})


def test_a_failing_command_shows_what_it_said(prepare):
    with pytest.raises(prepare.NotReady, match=r"(?s)failed \(3\).*the reason"):
        prepare.run(["sh", "-c", "echo the reason; exit 3"])


def test_a_stamp_holds_only_for_the_same_files(prepare, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "TOOL", tmp_path)
    lock = tmp_path / "lock.txt"
    lock.write_text("one")
    prepare.mark_ready("packages", prepare.digest([lock]))
    assert prepare.is_ready("packages", prepare.digest([lock]))
    lock.write_text("two")
    assert not prepare.is_ready("packages", prepare.digest([lock]))


def test_serve_refuses_a_taken_port_at_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = run(sys.executable, "script/serve", "--port", str(taken.getsockname()[1]))
    assert said.returncode == 1
    assert "choose another with --port" in said.stderr


def test_style_is_kept():
    checked = run(sys.executable, "-m", "ruff", "check", "--output-format=concise", ".")
    assert checked.returncode == 0, checked.stdout


def test_imports_go_down_the_floors_only():
    checked = run(str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache")
    assert checked.returncode == 0, checked.stdout
