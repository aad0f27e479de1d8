"""Measure what is named: `script/bench measure clocks` prints one JSON object a line, `script/bench --help` the names.

Each is run in a process of its own, so that its memory is its own.
"""

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def benches() -> dict[str, str]:
    """Name what can be measured, each with the first line of what it says of itself."""
    modules = sorted(path for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    said = {path.stem: ast.parse(path.read_text("utf-8")) for path in modules}
    return {
        name: (ast.get_docstring(tree) or "").partition("\n")[0] for name, tree in said.items() if _runs(tree)
    }


def _runs(tree: ast.Module) -> bool:
    """A bench is run by its name; what only lends a hand to others is not."""
    return any(isinstance(node, ast.If) and "__main__" in ast.unparse(node.test) for node in tree.body)


def main(asked: list[str]) -> int:
    """Run what was asked for, one after the other; give the worst of their exits."""
    known, helps = benches(), asked[:1] in (["-h"], ["--help"])
    unknown = [name for name in asked if name not in known]
    if helps or unknown or not asked:
        print("\n".join(f"{name:10}{what}" for name, what in known.items()))
        return 0 if helps else 2
    return max(subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode for name in asked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
