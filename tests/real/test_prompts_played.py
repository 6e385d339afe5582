"""Asterisk plays of a prompt its samples and nothing else: no click of the AI mark behind them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr_flows.prompts.sound import read_mark
from ivr_flows.prompts.texts import LANGUAGE, PACKAGED
from tests.real.asterisk_node import AsteriskNode

FOLDER = PACKAGED / LANGUAGE
RAW = {"wav": "sln", "wav16": "sln16"}
"""Asterisk's endings for bare samples at the same rate."""


@pytest.fixture
def converting_node(start_node: Callable[..., AsteriskNode]) -> AsteriskNode:
    node = start_node()
    for module in ("res_convert", "format_wav", "format_sln"):
        node.cli(f"module load {module}.so", check=False)
    return node


@pytest.mark.parametrize("prompt", ["greeting", "main_menu", "digit_1"])
@pytest.mark.parametrize("ending", RAW)
def test_asterisk_reads_the_samples_and_nothing_else(
    converting_node: AsteriskNode, tmp_path: Path, prompt: str, ending: str
) -> None:
    file = FOLDER / f"{prompt}.{ending}"
    assert read_mark(file) is not None
    raw = tmp_path / f"{prompt}.{RAW[ending]}"
    said = converting_node.cli(f"file convert {file} {raw}", check=False)
    assert raw.is_file(), said
    written, _ = soundfile.read(file, dtype="int16")
    played = np.fromfile(raw, "<i2")
    # What is lost is the silence that write_wav puts there to be lost.
    assert len(written) - 22 <= len(played) <= len(written)
    assert np.array_equal(played, written[: len(played)])
    assert not written[-22:].any()
