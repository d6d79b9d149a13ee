import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def imports(path):
    """Modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nothing_but_its_script_imports_the_explorer():
    files = [path for folder in ("custom", "scripts", "benchmarks", "deploy") for path in (ROOT / folder).rglob("*.py")]
    outside = [path for path in files if ".venv" not in path.parts and path.parent != ROOT / "custom" / "explorer"]
    assert {path.name for path in outside if any(name.startswith("custom.explorer") for name in imports(path))} == {
        "explore.py"
    }


def test_gradio_is_imported_by_the_page_alone():
    files = (ROOT / "custom" / "explorer").glob("*.py")
    assert {path.name for path in files if "gradio" in set(imports(path))} == {"page.py"}
    # The package itself imports neither the page nor its server.
    assert not {"custom.explorer.page", "custom.explorer.server"} & set(imports(ROOT / "custom/explorer/__init__.py"))
