"""What `vaani engine` hears in a loud room, and recordings of it that are played again."""

import asyncio
import base64
import contextlib
import json
import signal
import wave

import numpy
import pytest
import websockets.asyncio.client

from gateway import BUILD, FIXTURES, ROOT, free_port

RATE = 24_000
SENSITIVE = {"type": "server_vad", "silence_duration_ms": 500}


@contextlib.asynccontextmanager
async def engine(*arguments):
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(BUILD / "vaani"), "engine", "--listen", f"127.0.0.1:{port}", "--loops", "1", *map(str, arguments), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(20):
            assert b"Realtime engine at" in await process.stdout.readline()
        yield f"ws://127.0.0.1:{port}/v1/realtime?model=m"
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 15)


def in_noise(name, decibels):
    """A question among the fixtures, in white noise that was there before it, so far below it."""
    with wave.open(str(FIXTURES / name)) as file:
        question = numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    level = numpy.sqrt((question[abs(question) > 200] ** 2).mean())
    sound = numpy.concatenate([numpy.zeros(3 * RATE), question, numpy.zeros(2 * RATE)]) * (2_000 / level)
    noise = numpy.random.default_rng(1).standard_normal(len(sound)) * 2_000 * 10 ** (-decibels / 20)
    return (sound + noise).clip(-32_768, 32_767).astype("<i2").tobytes()


class Talk:
    def __init__(self, socket):
        self.socket, self.events = socket, []

    async def until(self, kind):
        while True:
            event = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
            self.events.append(event)
            if event["type"] == kind:
                return event

    async def begin(self, output="audio/pcm", **detection):
        await self.until("session.created")
        audio = {"input": {"turn_detection": {**SENSITIVE, **detection}}, "output": {"format": {"type": output}}}
        await self.socket.send(json.dumps({"type": "session.update", "session": {"type": "realtime", "audio": audio}}))
        await self.until("session.updated")

    async def says(self, pcm):
        # Odd pieces: a sample is cut in two now and then.
        for start in range(0, len(pcm), 3_333):
            audio = base64.b64encode(pcm[start:start + 3_333]).decode()
            await self.socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))

    def turns(self):
        """Where speech began and ended, in milliseconds of all audio."""
        return [event.get("audio_start_ms", event.get("audio_end_ms")) for event in self.events
                if event["type"].startswith("input_audio_buffer.speech")]

    async def everything_is_heard(self):
        await self.socket.send(json.dumps({"type": "conversation.item.retrieve", "item_id": "nothing"}))
        await self.until("error")


@contextlib.asynccontextmanager
async def talk(url):
    async with websockets.asyncio.client.connect(url, max_size=None) as socket:
        yield Talk(socket)


@pytest.mark.parametrize("name", ["question-hi.wav", "question-en.wav"])
@pytest.mark.parametrize("decibels", [20, 5])
async def test_a_question_in_noise_is_one_turn(name, decibels):
    async with engine() as url, talk(url) as client:
        await client.begin(create_response=False)
        await client.says(in_noise(name, decibels))
        await client.everything_is_heard()
    began, ended = client.turns()
    assert 2_500 < began < 3_500 and 4_500 < ended < 7_000


@pytest.mark.parametrize("detector, begins_falsely", [("combined", False), ("level", True), ("speex", True)])
async def test_the_setting_chooses_who_listens(detector, begins_falsely):
    """Where noise is there from the first sample on, all but the usual one take it for speech at first."""
    async with engine("--engine-vad", detector) as url, talk(url) as client:
        await client.begin(create_response=False)
        await client.says(in_noise("question-hi.wav", 5))
        await client.everything_is_heard()
    assert (client.turns()[0] < 1_000) == begins_falsely


@pytest.mark.parametrize("output", ["audio/pcm", "audio/pcmu"])
@pytest.mark.parametrize("audio", [["--record-audio"], []], ids=["with-audio", "without"])
async def test_a_recording_is_played_to_the_same_events(tmp_path, output, audio):
    async with engine("--record", tmp_path, *audio) as url, talk(url) as client:
        await client.begin(output)
        await client.says(in_noise("question-hi.wav", 20))
        await client.until("response.output_audio.delta")
        await client.says(in_noise("question-en.wav", 20))
        await client.until("response.done")
        await client.until("response.done")
    file = next(tmp_path.iterdir())
    text = file.read_text()
    assert ('"audio_bytes":' in text) == (not audio) and '"judged":' in text

    async def replay():
        process = await asyncio.create_subprocess_exec(
            str(BUILD / "vaani"), "engine", "--replay", str(file), stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        return process.returncode, said

    code, said = await replay()
    assert code == 0 and b"all the same" in said, said
    if not audio:
        return
    lines = text.splitlines()
    index = max(number for number, line in enumerate(lines) if "response.output_audio.delta" in line)
    lines[index] = lines[index].replace('"delta":"', '"delta":"AAAA', 1)
    file.write_text("\n".join(lines))
    code, said = await replay()
    assert code == 1 and f"line {index + 1}:".encode() in said
