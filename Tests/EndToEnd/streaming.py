"""A streaming client: `hello`, then audio in the granted codec, as JSON or as binary frames."""

import asyncio
import base64
import ctypes
import ctypes.util
import json
import struct
from dataclasses import dataclass

import numpy

from gateway import SERVER_MESSAGE, Phone, eventually

FIRST, LAST, DISCONTINUITY, CACHED = 1, 2, 4, 8


@dataclass
class Frame:
    """One binary frame from the gateway."""

    type: int
    flags: int
    stream: int
    seq: int
    media_ts: int
    generation: int
    payload: bytes
    at: float

    @staticmethod
    def decode(data, at):
        return Frame(*struct.unpack(">BBHIII", data[:16]), data[16:], at)

    @staticmethod
    def encode(payload, seq=0, media_ts=0, kind=1, stream=0, flags=0):
        return struct.pack(">BBHIII", kind, flags, stream, seq, media_ts, 0) + payload


class Streamer(Phone):
    """Keeps everything that comes: `events`, `frames`, and the audio of each reply in the order of its arrival."""

    async def __aenter__(self):
        await super().__aenter__()
        self.events, self.frames, self.deltas = [], [], []
        self.reader = asyncio.create_task(self.read())
        return self

    async def __aexit__(self, *_):
        self.reader.cancel()
        await super().__aexit__()

    async def read(self):
        loop = asyncio.get_running_loop()
        async for data in self.socket:
            if isinstance(data, bytes):
                self.frames.append(Frame.decode(data, loop.time()))
            else:
                message = json.loads(data)
                SERVER_MESSAGE.validate(message)
                self.events.append({**message, "at": loop.time(), "frames_before": len(self.frames)})

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]

    async def event(self, kind, number=0, seconds=10):
        """The n-th event of a type, waiting for it."""
        await eventually(lambda: len(self.of_type(kind)) > number, f"{kind} number {number} comes", seconds)
        return self.of_type(kind)[number]

    async def hello(self, features=(), **audio):
        await self.send(type="hello", v="1.0", features=list(features), audio=audio)
        return await self.event("welcome")

    async def ready(self, persona):
        await self.send(type="config", astrologer_id=persona, greet=False)
        await self.event("config_ack")

    async def answer(self, text="hello", number=0):
        """Asks something and returns the samples of the answer."""
        await self.send(type="text", text=text)
        await self.event("audio_end", number)
        return self.samples(self.of_type("audio_start")[number])

    def payloads(self, start):
        if "stream" in start:
            return [frame.payload for frame in self.frames if frame.stream == start["stream"]]
        return [
            base64.b64decode(event["audio"], validate=True) for event in self.of_type("audio_delta")
            if event["response_id"] == start["response_id"]]

    def samples(self, start):
        return decoded(self.payloads(start), start["codec"])


def decoded(payloads, codec):
    """Samples at the stream's rate; of Opus at 24 kHz."""
    if codec == "opus":
        decoder = OpusDecoder()
        return numpy.concatenate([decoder.decode(packet) for packet in payloads if packet])
    data = numpy.frombuffer(b"".join(payloads), numpy.uint8)
    if codec == "pcm16":
        return data.view("<i2")
    return (MULAW if codec == "mulaw" else ALAW)[data]


def mulaw_table():
    bits = ~numpy.arange(256, dtype=numpy.int32) & 0xFF
    magnitude = (((bits & 0xF) << 3) + 132 << (bits >> 4 & 7)) - 132
    return numpy.where(bits & 0x80, -magnitude, magnitude)


def alaw_table():
    bits = numpy.arange(256, dtype=numpy.int32) ^ 0x55
    mantissa, exponent = bits & 0xF, bits >> 4 & 7
    magnitude = numpy.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << numpy.maximum(exponent - 1, 0))
    return numpy.where(bits & 0x80, magnitude, -magnitude)


MULAW, ALAW = mulaw_table(), alaw_table()


def companded(samples, table):
    """G.711 by the nearest value of the table, which is what the standard means."""
    order = numpy.argsort(table, kind="stable")
    middles = (table[order][1:] + table[order][:-1]) / 2
    return order[numpy.searchsorted(middles, samples)].astype(numpy.uint8).tobytes()


OPUS = ctypes.CDLL(ctypes.util.find_library("opus") or "libopus.so.0")
OPUS.opus_decoder_create.restype = OPUS.opus_encoder_create.restype = ctypes.c_void_p


class OpusDecoder:
    """libopus itself, at 24 kHz mono."""

    def __init__(self):
        self.state = ctypes.c_void_p(OPUS.opus_decoder_create(24_000, 1, ctypes.byref(ctypes.c_int())))

    def __del__(self):
        OPUS.opus_decoder_destroy(self.state)

    def decode(self, packet):
        samples = (ctypes.c_int16 * 2_880)()
        count = OPUS.opus_decode(self.state, packet, len(packet), samples, 2_880, 0)
        assert count > 0, f"libopus refuses the packet: {count}"
        return numpy.array(samples[:count], "<i2")


class OpusEncoder:
    """libopus itself, 48 kHz mono, 20 ms."""

    def __init__(self):
        self.state = ctypes.c_void_p(OPUS.opus_encoder_create(48_000, 1, 2049, ctypes.byref(ctypes.c_int())))

    def __del__(self):
        OPUS.opus_encoder_destroy(self.state)

    def encode(self, samples):
        assert len(samples) == 960
        packet = ctypes.create_string_buffer(1_500)
        size = OPUS.opus_encode(self.state, (ctypes.c_int16 * 960)(*samples.tolist()), 960, packet, 1_500)
        return packet.raw[:size]


def frequency(samples, rate):
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples))))
    return float(numpy.argmax(spectrum)) * rate / len(samples)


def tone(hertz, rate, seconds=1.0, channels=1):
    time = numpy.arange(int(rate * seconds)) / rate
    return numpy.repeat((numpy.sin(2 * numpy.pi * hertz * time) * 9_000).astype("<i2"), channels)


def cut(data, sizes):
    """Pieces of the given sizes over and over."""
    pieces, start = [], 0
    while start < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[start:start + size])
        start += size
    return pieces
