"""Recordings as clients make them, and recordings that mean harm."""

import json
import random
import struct

import pytest

from gateway import FIXTURES, MOHIT, Gateway

MANIFEST = json.loads((FIXTURES / "MANIFEST.json").read_text())
ENTRIES = MANIFEST["files"] if isinstance(MANIFEST, dict) else MANIFEST


def of_path(entry):
    return entry["path"]


def heard_ms(double):
    """Milliseconds of PCM16 24 kHz that the newest model connection was given."""
    return double.connections[-1].appended_bytes / 48


@pytest.mark.parametrize("entry", [e for e in ENTRIES if not e["path"].startswith("hostile")], ids=of_path)
async def test_every_format_reaches_the_model_at_its_length(gateway, double, entry):
    async with gateway.connect() as phone:
        await phone.choose(MOHIT, greet=False)
        hint = entry.get("hint") or {}
        fields = {"format": hint["format"]} if "format" in hint else {}
        if "sample_rate" in hint:
            fields["sample_rate"] = hint["sample_rate"]
        if hint.get("channels", 1) != 1:
            fields["channels"] = hint["channels"]
        await phone.ask((FIXTURES / entry["path"]).read_bytes(), **fields)
    assert abs(heard_ms(double) - entry["duration_ms"]) < 60


def wav(rate, channels=1, bits=16, claimed=None, data=b"\0\0" * 100):
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, channels, rate,
                       rate * channels * bits // 8 & 0xFFFFFFFF, channels * bits // 8 & 0xFFFF, bits, b"data",
                       len(data) if claimed is None else claimed)
    return head + data


HOSTILE = {
    "nothing": b"", "one byte": b"\0", "zeroes": bytes(65_536), "ones": b"\xff" * 65_536,
    "noise": random.Random(1).randbytes(65_536), "1 Hz": wav(1, data=bytes(100_000)), "0 Hz": wav(0),
    "4 GHz": wav(0xFFFFFFFF), "65535 channels": wav(24_000, channels=65_535), "0 channels": wav(24_000, channels=0),
    "0 bits": wav(24_000, bits=0), "length lies": wav(24_000, claimed=0x7FFFFFFF, data=b""), "cut header": wav(24_000)[:30],
    "playlist": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "html": b"<!doctype html><html></html>",
    "zip": b"PK\x03\x04" + bytes(200), "pdf": b"%PDF-1.7\n", "elf": b"\x7fELF" + bytes(200),
    "ebml and nothing": b"\x1a\x45\xdf\xa3", "ftyp and nothing": b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42",
    "ogg and nothing": b"OggS\0\x02" + bytes(21),
}
# A hint must not make noise of it.
FORMATS = [None, "m4a", "webm", "ogg", "wav", "mp3", "aac"]
TOLD = {"bad_audio", "unsupported_format", "too_large", "no_speech", "bad_message"}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_recording_is_told_and_never_reaches_the_model(gateway, double, name):
    async with gateway.connect() as phone:
        await phone.choose(MOHIT, greet=False)
        for kind in FORMATS:
            await phone.speak(HOSTILE[name], **({"format": kind} if kind else {}))
            while (message := await phone.receive(10))["type"] != "error":
                pass
            assert message["code"] in TOLD, message
        await phone.send(type="ping", t=1)
        await phone.until("pong")
    assert heard_ms(double) == 0


@pytest.mark.parametrize("fixture", ["question-en.m4a", "question-en.webm", "question-en.ogg", "question-en.mp3", "question-en.wav"])
async def test_mutated_recordings_do_no_harm(double, fixture):
    original = (FIXTURES / fixture).read_bytes()
    dice = random.Random(fixture)
    async with Gateway(upstream=double) as gateway, gateway.connect() as phone:
        await phone.choose(MOHIT, greet=False)
        for _ in range(40):
            mutant = bytearray(original[:dice.randrange(1, len(original) + 1)])
            for _ in range(dice.randrange(0, 20)):
                mutant[dice.randrange(len(mutant))] = dice.randrange(256)
            await phone.speak(bytes(mutant))
            message = {"type": None}
            while message["type"] not in {"error", "audio_response"}:
                message = await phone.receive(20)
            assert message["type"] == "audio_response" or message["code"] in TOLD, message
        assert (await gateway.get("/livez"))[0] == 200
