"""Builds the compiled hot paths along with the package; without a C compiler all runs in Python."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_BUILDER = "airflow_adbsync/engine/build_hot.py"


class HotPathHook(BuildHookInterface[Any]):
    """Runs for the wheel and for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the wheel as one for this interpreter and platform."""
        if self.target_name != "wheel":
            return
        # By its path: the package itself can't be imported while it is built.
        spec = importlib.util.spec_from_file_location("build_hot", Path(self.root, _BUILDER))
        if spec is None or spec.loader is None:
            raise FileNotFoundError(_BUILDER)
        builder = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(builder)
        try:
            modules = builder.build()
        except RuntimeError as error:
            self.app.display_warning(f"The hot paths stay in Python, which is slower: {error}")
            return
        build_data["artifacts"] += [str(module.relative_to(self.root)) for module in modules]
        if version != "editable":
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
