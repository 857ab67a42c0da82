"""Opens the talk page in Chromium, with a file for a microphone and an ear on the loudspeaker."""

import asyncio
import base64
import json
import shutil
import struct

import numpy
from playwright.async_api import Error, async_playwright

from gateway import FIXTURES, eventually

RATE = 24_000

# Runs before the page's own scripts: keeps what goes to the loudspeaker, and what the content policy refuses.
EAR = """
(() => {
    const connect = AudioNode.prototype.connect;
    window.heard = { pieces: [], now: () => 0 };
    window.violations = [];
    let hasEar = false;
    async function listen(track) {
        const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 3000 }).readable.getReader();
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
            const samples = new Float32Array(next.value.numberOfFrames);
            next.value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
            next.value.close();
            window.heard.pieces.push(samples);
            window.heard.count = (window.heard.count ?? 0) + samples.length;
        }
    }
    AudioNode.prototype.connect = function (target, ...rest) {
        if (target instanceof AudioDestinationNode && !hasEar) {
            hasEar = true;
            const ear = new MediaStreamAudioDestinationNode(this.context, { channelCount: 1 });
            const start = this.context.currentTime;
            window.heard.now = () => Math.round((this.context.currentTime - start) * this.context.sampleRate);
            connect.call(this, ear);
            listen(ear.stream.getAudioTracks()[0]);
        }
        return connect.call(this, target, ...rest);
    };
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
})();
"""
HEARD = """
(() => {
    const samples = new Float32Array(window.heard.count);
    let at = 0;
    for (const piece of window.heard.pieces) {
        samples.set(piece, at);
        at += piece.length;
    }
    const bytes = new Uint8Array(samples.buffer);
    let text = "";
    for (let start = 0; start < bytes.length; start += 8192) {
        text += String.fromCharCode.apply(null, bytes.subarray(start, start + 8192));
    }
    return btoa(text);
})()
"""


class Browser:
    """`async with Browser() as browser:` one process for all tests; each page is a stranger to the others."""

    async def __aenter__(self):
        program = shutil.which("chromium")
        assert program, "the talk page is tested in Chromium, which is not installed: .ci/install-packages installs it"
        self.driver = await async_playwright().start()
        microphone = FIXTURES / "question-hi.wav"
        try:
            self.chromium = await self.driver.chromium.launch(executable_path=program, args=[
                "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}%noloop",
            ])
        except Error as error:
            await self.driver.stop()
            raise AssertionError(f"{program} is installed and cannot start here: {error}") from None
        return self

    async def __aexit__(self, *_):
        await self.chromium.close()
        await self.driver.stop()

    def open(self, gateway, path="/", **options):
        return TalkPage(self.chromium, gateway, path, options)


class TalkPage:
    """One tab. Closing it checks that the page broke no rule."""

    def __init__(self, chromium, gateway, path, options):
        self.chromium, self.gateway, self.path = chromium, gateway, path
        self.script = options.pop("script", "")
        self.options = {"viewport": {"width": 1280, "height": 860}, **options}
        self.complaints, self.received, self.sent, self.sockets, self.addresses = [], [], [], [], []

    async def __aenter__(self):
        self.context = await self.chromium.new_context(**self.options)
        await self.context.add_init_script(EAR + self.script)
        self.page = await self.context.new_page()
        self.page.set_default_timeout(8_000)
        self.page.on("console", self.on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.on_request)
        self.page.on("websocket", self.on_websocket)
        await self.page.goto(self.gateway.url(self.path))
        return self

    async def __aexit__(self, kind, *_):
        try:
            if kind is None:
                assert await self.page.evaluate("window.violations") == []
                assert not self.complaints, f"the browser complains: {self.complaints}"
        finally:
            await self.context.close()

    def on_console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def on_request(self, request):
        self.addresses.append(request.url)
        if not request.url.startswith(self.gateway.url("/")):
            self.complaints.append(f"asked for {request.url}")

    def on_websocket(self, socket):
        self.sockets.append(socket)
        self.addresses.append(socket.url)
        socket.on("framereceived", lambda frame: self.received.append(parsed(frame)))
        socket.on("framesent", lambda frame: self.sent.append(parsed(frame)))

    def got(self, name, **fields):
        return [message for message in self.received if message["type"] == name and fields.items() <= message.items()]

    async def choose(self, persona):
        """Clicks on somebody and waits until they are heard."""
        before = len(self.got("audio_start"))
        await self.page.locator(f"label.card[data-id={persona}]").click()
        await eventually(lambda: len(self.got("audio_start")) > before, "the greeting begins", seconds=10)
        await eventually(lambda: self.played(), "the greeting is heard")

    async def choose_and_hear(self, persona):
        """Also waits for the end of the greeting."""
        await self.choose(persona)
        await eventually(lambda: self.got("audio_end"), "the greeting has come")
        total = self.got("audio_end")[-1]["total_ms"]
        await eventually(lambda: self.played()[-1]["ms"] >= total, "the greeting is heard to its end")
        await self.page.locator("body[data-agent=idle]").wait_for()

    def played(self):
        """What the page reported of the newest reply."""
        newest = self.got("audio_start")[-1]["response_id"]
        return [message for message in self.sent if message["type"] == "played" and message["response_id"] == newest]

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    # What the loudspeaker was given, at 24 kHz.

    async def heard(self):
        data = base64.b64decode(await self.page.evaluate(HEARD))
        return numpy.frombuffer(data, "<f4")

    def position(self):
        """Where in `heard` the present is."""
        return self.page.evaluate("window.heard.now()")

    async def listen(self, seconds):
        """Until so much more has gone to the loudspeaker, and has been heard."""
        wanted = await self.position() + seconds * RATE

        async def is_enough():
            return await self.page.evaluate("window.heard.count ?? 0") >= wanted

        await eventually(is_enough, f"{seconds} s of output", seconds=seconds + 8)

    def received_audio(self):
        pieces = [message["payload"] for message in self.got("frame")]
        pieces += [base64.b64decode(message["audio"]) for message in self.got("audio_delta")]
        return numpy.frombuffer(b"".join(pieces), "<i2") / 32_768


def parsed(frame):
    """A message, or a binary frame in the same shape."""
    if isinstance(frame, str):
        return json.loads(frame)
    fields = ["kind", "flags", "stream", "seq", "media_ts", "generation"]
    return {"type": "frame", "payload": frame[16:], **dict(zip(fields, struct.unpack("!BBHIII", frame[:16])))}


def tone_level(samples, frequency, window=480):
    """The share of one frequency in each window of 20 ms, as an amplitude."""
    count = len(samples) // window
    frames = samples[:count * window].reshape(count, window) * numpy.hanning(window)
    wave = numpy.exp(-2j * numpy.pi * frequency * numpy.arange(window) / RATE)
    return numpy.abs(frames @ wave) / window * 4


class Wire:
    """A network between the browser and the gateway, which can be cut."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.ends = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.join, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.cut()
        self.server.close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def cut(self):
        for end in self.ends:
            end.transport.abort()

    async def join(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)
        self.ends |= {writer, far_writer}
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))
        self.ends -= {writer, far_writer}

    async def carry(self, reader, writer):
        try:
            while piece := await reader.read(65_536):
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
