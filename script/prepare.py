"""Make a bare machine ready for Saphan: system libraries, tools, Python packages, style sheet, catalogues.

Standard library only, because it runs before anything is installed. All it makes lies in .tool, .venv,
node_modules and static/dist. Each stage keeps a stamp of what it was made from and is passed over while that
still holds; two scripts started at once take turns.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / ".tool"
VENV = ROOT / ".venv"
DIST = ROOT / "static" / "dist"
OLDEST_PYTHON = (3, 11)
# The interpreter itself, also when called through a link or from within a virtual environment.
PYTHON = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


class NotReady(Exception):
    """The machine cannot be made ready; the message says what a person must do."""


# --- system libraries: (Debian package, is it there?) ---------------------------------------------------


def has_library(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_program(name: str) -> bool:
    return shutil.which(name, path=search_path()) is not None


def search_path() -> str:
    """The caller's PATH, then the system's own places, which cron and service managers may leave out."""
    return os.pathsep.join(
        [os.environ.get("PATH", os.defpath), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
    )


TO_RUN: dict[str, Callable[[], bool]] = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "libpangoft2-1.0-0": lambda: has_library("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": lambda: has_library("libharfbuzz-subset.so.0"),
}
TO_TEST: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: (
        has_program("pg_virtualenv") and any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    ),
    "chromium": lambda: has_program("chromium"),
    "poppler-utils": lambda: has_program("pdftoppm"),
    "libatomic1": lambda: has_library("libatomic.so.1"),
}


def install_system(needs: dict[str, Callable[[], bool]]) -> None:
    missing = [package for package, is_there in needs.items() if not is_there()]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    by_hand = (
        f"Ask the machine's administrator to install: {' '.join(missing)}\n  {shlex.join(['sudo', *command])}"
    )
    if not has_program("apt-get"):
        raise NotReady(
            f"This machine has no apt. These Debian packages, or their like, are needed: {' '.join(missing)}"
        )
    as_root = root_prefix()
    if as_root is None:
        raise NotReady(f"Installing system packages needs root or sudo. {by_hand}")
    with stage(f"system packages {' '.join(missing)}"):
        run([*as_root, "apt-get", "update", "--quiet"], otherwise=by_hand)
        run([*as_root, "env", "DEBIAN_FRONTEND=noninteractive", *command], otherwise=by_hand)
    importlib.invalidate_caches()
    if still := [package for package in missing if not needs[package]()]:
        raise NotReady(f"Installed, but still not usable by {PYTHON}: {' '.join(still)}")


def root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if not has_program("sudo"):
        return None
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "--non-interactive"]


# --- stages ---------------------------------------------------------------------------------------------


def install_tools() -> None:
    lock = ROOT / "requirements" / "tool.txt"
    if is_ready("tools", digest([lock])):
        return
    with stage("tools (uv, node)"):
        run([PYTHON, "-m", "venv", "--clear", str(TOOL / "env")])
        run(
            [
                str(TOOL / "env/bin/pip"),
                "install",
                "--quiet",
                "--require-hashes",
                "--no-deps",
                "--requirement",
                str(lock),
            ]
        )
    mark_ready("tools", digest([lock]))


def install_packages(level: str) -> None:
    """Install the packages of `run` or `test`; a test installation already holds all that running needs."""
    stamps = {name: digest([ROOT / "requirements" / f"{name}.txt"]) for name in ("run", "test")}
    enough = {stamps["test"], stamps[level]}
    if any(is_ready("packages", stamp) for stamp in enough) and (VENV / "bin/python").exists():
        return
    with stage(f"Python packages ({level})"):
        if not is_ready("interpreter", digest([])):
            run([uv(), "venv", "--quiet", "--clear", "--python", PYTHON, str(VENV)])
            mark_ready("interpreter", digest([]))
        lock = ROOT / "requirements" / f"{level}.txt"
        run(
            [
                uv(),
                "pip",
                "sync",
                "--quiet",
                "--require-hashes",
                "--python",
                str(VENV / "bin/python"),
                str(lock),
            ]
        )
    mark_ready("packages", stamps[level])


def install_assets() -> None:
    packages = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    styles = sorted((ROOT / "static/scss").rglob("*.scss"))
    if not is_ready("front-end", digest(packages)):
        with stage("front-end packages"):
            run([str(TOOL / "env/bin/npm"), "ci", "--omit=optional", "--no-progress", "--loglevel=error"])
        mark_ready("front-end", digest(packages))
    if not is_ready("style", digest([*packages, *styles, Path(__file__)])):
        with stage("style sheet and fonts"):
            copy_assets()
            compile_style()
        mark_ready("style", digest([*packages, *styles, Path(__file__)]))


FONTS = {"sarabun": ("thai", "latin", "latin-ext"), "noto-sans-khmer": ("khmer", "latin", "latin-ext")}
WEIGHTS = (400, 700)


def copy_assets() -> None:
    """Lay the fonts, for screen and paper alike, and the components' script where pages find them."""
    for family, subsets in FONTS.items():
        target = DIST / "fonts" / family
        target.mkdir(parents=True, exist_ok=True)
        for name in (f"{family}-{subset}-{weight}-normal.woff2" for subset in subsets for weight in WEIGHTS):
            shutil.copyfile(ROOT / "node_modules/@fontsource" / family / "files" / name, target / name)
    shutil.copyfile(
        ROOT / "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js", DIST / "govuk-frontend.min.js"
    )


def compile_style() -> None:
    sass = [
        str(TOOL / "env/bin/node"),
        "node_modules/sass/sass.js",
        "--no-source-map",
        "--style=compressed",
        "--quiet-deps",
    ]
    run([*sass, "--load-path=node_modules", "static/scss/app.scss", "static/dist/app.css"])


def compile_catalogues() -> None:
    catalogues = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    made = [catalogue.with_suffix(".mo") for catalogue in catalogues]
    if not catalogues or is_ready("catalogues", digest(catalogues)) and all(path.exists() for path in made):
        return
    with stage("catalogues"):
        for catalogue, mo in zip(catalogues, made, strict=True):
            run(
                [
                    str(VENV / "bin/pybabel"),
                    "compile",
                    "--input-file",
                    str(catalogue),
                    "--output-file",
                    str(mo),
                ]
            )
    mark_ready("catalogues", digest(catalogues))


def uv() -> str:
    return str(TOOL / "env/bin/uv")


# --- stamps, turns and progress -------------------------------------------------------------------------


def digest(paths: Iterable[Path]) -> str:
    """One hash over these files, this interpreter and this place: environments do not survive a move."""
    total = hashlib.sha256(f"{sys.version}|{PYTHON}|{ROOT}".encode())
    for path in paths:
        total.update(f"|{path.name}|".encode() + path.read_bytes())
    return total.hexdigest()


def is_ready(name: str, stamp: str) -> bool:
    try:
        return (TOOL / "ready" / name).read_text() == stamp
    except FileNotFoundError:
        return False


def mark_ready(name: str, stamp: str) -> None:
    (TOOL / "ready").mkdir(exist_ok=True)
    (TOOL / "ready" / name).write_text(stamp)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    TOOL.mkdir(exist_ok=True)
    with (TOOL / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another script that is preparing this machine")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def stage(what: str) -> Iterator[None]:
    print(f"saphan: {what} ...", end=" ", file=sys.stderr, flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", file=sys.stderr, flush=True)
        raise
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def say(sentence: str) -> None:
    print(f"saphan: {sentence}", file=sys.stderr, flush=True)


def run(command: list[str], otherwise: str = "") -> None:
    """Run one command quietly; when it fails, show the end of what it said."""
    path = f"{TOOL / 'env/bin'}{os.pathsep}{search_path()}"
    env = {**os.environ, "PATH": path, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=None,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-30:])
        raise NotReady(
            f"This command failed ({done.returncode}): {shlex.join(command)}\n{said}\n{otherwise}".rstrip()
        )


# --- what the scripts call ------------------------------------------------------------------------------


def prepare(tests: bool = False) -> None:
    """Bring this machine to where Saphan runs (or its tests do); takes a moment when it is there already."""
    try:
        if sys.version_info < OLDEST_PYTHON:
            oldest, this = ".".join(map(str, OLDEST_PYTHON)), sys.version.split()[0]
            raise NotReady(f"Saphan needs Python {oldest} or newer; this is {this}.")
        with one_at_a_time():
            install_system({**TO_RUN, **TO_TEST} if tests else TO_RUN)
            install_tools()
            install_packages("test" if tests else "run")
            install_assets()
            compile_catalogues()
    except NotReady as reason:
        sys.exit(f"saphan: {reason}")
    except PermissionError as reason:
        sys.exit(f"saphan: cannot write {reason.filename}: run this as the user whom {ROOT} belongs to")
    except KeyboardInterrupt:
        sys.exit(130)


def environment() -> dict[str, str]:
    """The environment in which Saphan's own programs run."""
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{search_path()}", "VIRTUAL_ENV": str(VENV)}


def become(*command: str | Path) -> NoReturn:
    """Go on as this program, in Saphan's environment and the project's folder."""
    os.chdir(ROOT)
    os.execvpe(str(command[0]), [str(part) for part in command], environment())
