"""What is heard in a page's telephone: the sound that came in, as a file."""

from __future__ import annotations

import asyncio
import base64
import wave
from collections.abc import Collection
from pathlib import Path

from callcenter.bench.browser import Page
from tests.real.speech_heard import PART_S, who_speaks

RATE = 8000
STEP_S = 0.5
LISTEN_S, TRIES = 5.0, 8
# Resolves with 16-bit samples of the newest connection's sound, in base64.
HEARD = """
new Promise((done) => {{
  const receivers = window.connections.at(-1).getReceivers();
  const from = receivers.find((one) => one.track.kind === "audio");
  const context = new AudioContext({{ sampleRate: {rate} }});
  const tap = context.createScriptProcessor(4096, 1, 1);
  const samples = [];
  tap.onaudioprocess = ({{ inputBuffer }}) => {{
    for (const one of inputBuffer.getChannelData(0)) samples.push(Math.round(one * 32767));
    if (samples.length < {count}) return;
    tap.onaudioprocess = null;
    void context.close();
    const bytes = new Uint8Array(Int16Array.from(samples).buffer);
    done(btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join("")));
  }};
  context.createMediaStreamSource(new MediaStream([from.track])).connect(tap);
  tap.connect(context.destination);
}})
"""


async def heard_at(page: Page, seconds: float, file: Path) -> Path:
    """The next seconds of what this page hears; its connections are kept by `desk_page.EARS`."""
    script = HEARD.format(rate=RATE, count=int(seconds * RATE))
    samples = base64.b64decode(await page.value(script))
    with wave.open(str(file), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(RATE)
        audio.writeframes(samples)
    return file


async def hears(page: Page, speech: Path, among: Collection[Path], folder: Path) -> None:
    """Wait until somebody is heard in the page saying this speech, and nobody over him."""
    heard: list[set[Path]] = []
    for n in range(TRIES):
        file = await heard_at(page, LISTEN_S, folder / f"heard-{speech.stem}-{n}.wav")
        heard.append(await asyncio.to_thread(speakers, file, among))
        if speech in heard[-1]:
            return
    raise AssertionError(f"{speech.stem} was never heard, but {heard}")


def speakers(recording: Path, among: Collection[Path], *, part_s: float = PART_S) -> set[Path]:
    """Whoever is heard alone for `part_s` seconds somewhere in a recording."""
    with wave.open(str(recording), "rb") as audio:
        length_s = audio.getnframes() / audio.getframerate()
    parts = [STEP_S * n for n in range(int((length_s - part_s) / STEP_S) + 1)]
    heard = {who_speaks(recording, at, at + part_s + 0.02, [*among]) for at in parts}
    return {one for one in heard if one is not None}
