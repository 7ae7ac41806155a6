"""The launcher as a module, for its tests and for the processes that they start."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

PORTAL = Path(__file__).resolve().parents[2] / "portal"


def load(path: Path) -> ModuleType:
    """The launcher as a module; it has no suffix, so the usual import does not find it."""
    spec = importlib.util.spec_from_loader("launcher", SourceFileLoader("launcher", str(path)))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
