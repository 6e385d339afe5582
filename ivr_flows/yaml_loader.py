"""The quick reader of YAML where the machine has it: libyaml, ten times as fast."""

from typing import Any, Final

import yaml

Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
