"""Starts the built program on loopback and talks to it as clients in the field do."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import struct
import tempfile
import time
import urllib.error
import urllib.request

import jsonschema
import numpy
import websockets.asyncio.client

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VAANI_BUILD", ROOT / ".build/debug"))
FIXTURES = ROOT / "audio-fixtures"
TINA, MOHIT = "tina_kulkarni_vedic_marriage", "mohit_vedic_marriage"
PRIYANKA, HARSH = "priyanka_vedic_love", "harsh_dubey_vedic_love"



def schema(name):
    """Judges messages by the public schema, which is thereby kept true."""
    document = json.loads((ROOT / f"docs/schema/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


CLIENT_MESSAGE, SERVER_MESSAGE = schema("client-message"), schema("server-message")


# Below the ports that the system gives to outgoing connections: one of those would be taken by any of the many clients
# here between the look for a free port and the start of the program that is to listen there.
PORTS = itertools.cycle(random.sample(range(20_000, 30_000), 10_000))


def free_port():
    for port in PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Gateway:
    """`async with Gateway(upstream=double) as gateway:`; without an upstream the embedded engine answers."""

    def __init__(self, upstream=None, personas=None, environment=None, arguments=()):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="vaani-data-")
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("VAANI_", "OPENAI_"))},
            "VAANI_LISTEN": f"127.0.0.1:{self.port}",
            "VAANI_DATA_DIR": self.folder.name,
            "VAANI_PERSONAS": str(personas or ROOT / "personas"),
            # Each connection to the double has a tone of its own: a greeting that is played again would have another's.
            "VAANI_GREETING_CACHE": "off",
            **(environment or {}),
        }
        if upstream:
            self.environment["VAANI_UPSTREAM_URL"] = upstream.url
            self.environment.setdefault("VAANI_UPSTREAM_KEY", "sk-canary-0123456789")
            # Tests count connections; those about connections that are dialled ahead ask for them.
            self.environment.setdefault("VAANI_UPSTREAM_POOL", "0")
        self.arguments = arguments

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            str(BUILD / "vaani"), "serve", *self.arguments, env=self.environment, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        self.output = {"stdout": bytearray(), "stderr": bytearray()}
        self.readers = [
            asyncio.create_task(self.collect(name, getattr(self.process, name))) for name in self.output]
        await eventually(self.is_ready, "the gateway becomes ready", seconds=20)
        return self

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
                raise AssertionError("the gateway did not end within 15 s of SIGTERM")
        await asyncio.gather(*self.readers)
        self.folder.cleanup()

    async def collect(self, name, stream):
        while piece := await stream.read(65_536):
            self.output[name] += piece

    @property
    def logs(self):
        return bytes(self.output["stdout"] + self.output["stderr"]).decode(errors="replace")

    async def is_ready(self):
        assert self.process.returncode is None, f"the gateway ended: {self.logs}"
        status, _ = await self.get("/readyz")
        return status == 200

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    async def get(self, path, method="GET", body=None):
        """Status and JSON (or text) of a route; status 0 where nobody listens."""
        return await asyncio.to_thread(self.fetch, path, method, body)

    def fetch(self, path, method, body):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url(path), data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                status, text = reply.status, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return 0, None
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    async def metric(self, name):
        """The sum of a metric over its labels."""
        _, text = await self.get("/metrics")
        lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, user="user-1", path="ws-mobile", query="", **options):
        return Phone(f"ws://127.0.0.1:{self.port}/{path}/{user}{query}", **options)


class Phone:
    """A legacy client: JSON text frames, one whole utterance per message."""

    def __init__(self, url, **options):
        self.url = url
        self.options = {"max_size": None, "compression": None, **options}

    async def __aenter__(self):
        self.socket = await websockets.asyncio.client.connect(self.url, **self.options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, **message):
        CLIENT_MESSAGE.validate(message)
        await self.socket.send(json.dumps(message))

    async def receive(self, seconds=10):
        frame = await asyncio.wait_for(self.socket.recv(), seconds)
        assert isinstance(frame, str), "legacy clients parse every frame as JSON: a binary one breaks them"
        message = json.loads(frame)
        SERVER_MESSAGE.validate(message)
        return message

    async def until(self, *kinds, seconds=10):
        """The next message of one of these types; an error that nobody waits for fails the test."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.receive(seconds)
                if message["type"] in kinds:
                    return message
                assert message["type"] != "error", message

    async def choose(self, persona, **fields):
        await self.send(type="config", astrologer_id=persona, **fields)
        return await self.until("config_ack")

    async def greeted(self, persona, **fields):
        """Chooses a persona and waits for the spoken greeting."""
        await self.choose(persona, **fields)
        return await self.until("audio_response")

    async def speak(self, fixture, key="audio", **fields):
        await self.send(type="audio", **{key: base64.b64encode(fixture).decode()}, **fields)

    async def ask(self, fixture, **fields):
        await self.speak(fixture, **fields)
        return await self.until("audio_response")


def wav_samples(message):
    """The samples of a legacy reply; checks the header that a phone's player relies on."""
    assert message["format"] == "wav" and message["text"] == ""
    data = base64.b64decode(message["audio"], validate=True)
    riff, size, wave, fmt, fmt_size, codec, channels, rate, _, align, bits, tag, length = struct.unpack(
        "<4sI4s4sIHHIIHH4sI", data[:44])
    assert (riff, wave, fmt, tag) == (b"RIFF", b"WAVE", b"fmt ", b"data")
    assert (fmt_size, codec, channels, rate, align, bits) == (16, 1, 1, 24_000, 2, 16)
    assert size == len(data) - 8 and length == len(data) - 44
    return numpy.frombuffer(data[44:], "<i2")


def dominant_frequency(samples):
    """In hertz, over the whole clip."""
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples))))
    return float(numpy.argmax(spectrum)) * 24_000 / len(samples)


def is_tone_of(connection, message):
    return abs(dominant_frequency(wav_samples(message)) - connection.frequency) < 8


class Stopwatch:
    """How long something takes on a machine that has a processor to spare.

    What this process itself had to wait for a processor does not count: the gateway beside it waits in the same queue.
    """

    STEP = 0.01

    async def __aenter__(self):
        self.start, self.starved = time.monotonic(), 0.0
        self.watcher = asyncio.create_task(self.watch())
        return self

    async def __aexit__(self, *_):
        self.watcher.cancel()

    async def watch(self):
        while True:
            before = time.monotonic()
            await asyncio.sleep(self.STEP)
            self.starved += max(0, time.monotonic() - before - self.STEP)

    @property
    def seconds(self):
        return time.monotonic() - self.start - self.starved


async def eventually(check, what, seconds=5.0):
    """Waits until `check` is true; it may be a coroutine function."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        outcome = check()
        if asyncio.iscoroutine(outcome):
            outcome = await outcome
        if outcome:
            return
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.02)
