"""What the simulated phones say and hear, on real UDP sockets and real prompts."""

import asyncio
import io
import struct
import wave
from pathlib import Path

import pytest
import soundfile

from callcenter.demo.citizens import INTO_RECORDER, KNOWN
from callcenter.demo.ear import Ear, learn, learn_prompts
from callcenter.demo.sip import Media
from callcenter.demo.talk import load_talk
from callcenter.demo.voice import (
    FRAME_SAMPLES,
    KEY_FRAMES,
    SILENCE,
    BadClip,
    Line,
    load_clip,
    loudness,
)
from callcenter.sounds import PACKAGED


def write_wav(path: Path, samples: list[int], rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


def frames(clip: bytes) -> list[bytes]:
    return [clip[at : at + FRAME_SAMPLES] for at in range(0, len(clip), FRAME_SAMPLES)]


def test_alaw_decodes_to_within_half_a_step_in_another_decoder(tmp_path: Path) -> None:
    samples = list(range(-32768, 32768, 3))
    clip = load_clip(write_wav(tmp_path / "a.wav", samples))
    assert len(clip) % FRAME_SAMPLES == 0
    raw = io.BytesIO(clip[: len(samples)])
    heard, _ = soundfile.read(
        raw, samplerate=8000, channels=1, subtype="ALAW", format="RAW", dtype="int16"
    )
    # a step of A-law is 16 near zero and a sixteenth of the segment above (ITU-T G.711)
    assert all(
        abs(int(back) - said) <= max(16, abs(said) / 31)
        for said, back in zip(samples, heard, strict=True)
    )


def test_clip_of_another_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadClip, match="8 kHz"):
        load_clip(write_wav(tmp_path / "b.wav", [0], rate=16000))


def test_each_prompt_is_known_again_once_and_no_other_is_taken_for_it() -> None:
    shapes = learn_prompts((PACKAGED,), KNOWN)
    assert set(shapes) == set(KNOWN)
    for name in KNOWN:
        told: list[str] = []
        ear = Ear(shapes, told.append)
        for frame in [SILENCE] * 30 + frames(load_clip(PACKAGED / f"{name}.wav")):
            ear.hear(frame)
        # those that begin alike are answered alike: by speaking
        same = set(INTO_RECORDER) if name in INTO_RECORDER else {name}
        assert set(told) <= same and told[:1] and (len(told) == 1 or name == "fallback_message")


def test_prompt_heard_twice_is_told_twice() -> None:
    told: list[str] = []
    ear = Ear(learn_prompts((PACKAGED,), ["survey"]), told.append)
    for frame in frames(load_clip(PACKAGED / "survey.wav")) * 2:
        ear.hear(frame)
    assert told == ["survey", "survey"]


def test_silence_has_no_shape() -> None:
    assert learn(SILENCE * 200) is None


def test_later_folder_replaces_a_prompt(tmp_path: Path) -> None:
    loud = [20000 if at // 40 % 2 else -20000 for at in range(16000)]
    write_wav(tmp_path / "survey.wav", loud)
    packaged = learn_prompts((PACKAGED,), ["survey"])
    replaced = learn_prompts((PACKAGED, tmp_path), ["survey"])
    assert replaced["survey"] != packaged["survey"]


def test_talk_is_speech_even_without_clips(tmp_path: Path) -> None:
    talk = load_talk("lawyer", tmp_path)
    assert max(map(loudness, frames(talk.clips[0]))) > loudness(SILENCE)


class Recorder(asyncio.DatagramProtocol):
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.enough = asyncio.Event()
        self.wanted = 40

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.packets.append(data)
        if len(self.packets) >= self.wanted:
            self.enough.set()


async def test_line_speaks_and_presses_keys_as_rfc_4733_says() -> None:
    loop = asyncio.get_running_loop()
    transport, recorder = await loop.create_datagram_endpoint(Recorder, local_addr=("127.0.0.1", 0))
    line = Line()
    await line.open("127.0.0.1")
    speech = bytes(range(256)) * 5  # eight frames
    line.say(speech)
    line.press("5#")
    line.start(Media("127.0.0.1", transport.get_extra_info("sockname")[1], event_type=96))
    await recorder.enough.wait()
    line.close()
    transport.close()
    sequences = [struct.unpack("!H", packet[2:4])[0] for packet in recorder.packets]
    assert sequences == [(sequences[0] + n) & 0xFFFF for n in range(len(sequences))]
    keys = [packet for packet in recorder.packets if packet[1] & 0x7F == 96]
    events = [struct.unpack("!BBH", packet[12:]) for packet in keys]
    assert [event for event, _, _ in events] == [5] * (KEY_FRAMES + 2) + [11] * (KEY_FRAMES + 2)
    first = events[: KEY_FRAMES + 2]
    assert [held for _, _, held in first] == [160, 320, 480, 640, 800, 960, 960, 960]
    assert [flags >> 7 for _, flags, _ in first] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert [packet[1] >> 7 for packet in keys[: KEY_FRAMES + 2]] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert len({packet[4:8] for packet in keys[: KEY_FRAMES + 2]}) == 1
    spoken = b"".join(packet[12:] for packet in recorder.packets if packet[1] & 0x7F == 8)
    assert spoken.startswith(speech)
    assert spoken[len(speech) : len(speech) + FRAME_SAMPLES] == SILENCE


async def test_line_hears_audio_and_nothing_else() -> None:
    heard: list[bytes] = []
    line = Line(heard.append)
    for data in (
        b"",
        b"\x80",
        bytes(12),
        b"\x80\x08" + bytes(10) + SILENCE,
        b"\x80\x65" + bytes(14),
    ):
        line.datagram_received(data, ("127.0.0.1", 1))
    assert heard == [SILENCE]
    assert line.heard_frames == 1


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="substring"):
        Line().press("x")
