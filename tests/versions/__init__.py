"""PostgreSQL of other major versions than the embedded ones, and the tests on each of them."""

from tests.versions.installed import programs
from tests.versions.named import DEFAULTS, SOURCE_VARIABLE, TARGET_VARIABLE, Role, named, version_to_start

__all__ = ["DEFAULTS", "SOURCE_VARIABLE", "TARGET_VARIABLE", "Role", "named", "programs", "version_to_start"]
