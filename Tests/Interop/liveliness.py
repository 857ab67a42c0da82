"""Measures what a user feels: a switch of persona, an interruption, a first greeting and an answer.

One client on loopback and the embedded engine, one event loop each for nothing else: what is added by a network comes on top.
Prints the median and the 95th percentile of each in milliseconds; ends with 1 where a target is missed.
"""

import argparse
import asyncio
import sys
import time
import wave

from gateway import FIXTURES, MOHIT, TINA, Gateway
from streaming import Frame, Streamer

# At the 95th percentile, in milliseconds.
TARGETS = {"switch to first audio": 200, "cancel to silence": 60, "interruption to silence": 60}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def talk(client, number=0):
    """Asks for something to say and waits until it is heard."""
    await client.send(type="text", text="Please tell me about my marriage, and take your time.")
    await client.event("audio_start", number)


async def switches(gateway, rounds):
    """From `config` in mid-sentence to the first audio of the other persona, whose greeting was spoken before."""
    times = []
    async with Streamer(gateway.connect("switcher").url) as client:
        await client.hello(["binary", "pause"], out=[{"codec": "pcm16"}])
        for number in range(rounds + 2):
            persona = MOHIT if number % 2 else TINA
            starts = len(client.of_type("audio_start"))
            begun = time.monotonic()
            await client.send(type="config", astrologer_id=persona, history="fresh")
            start = await client.event("audio_start", starts)
            while not any(frame.stream == start["stream"] for frame in client.frames):
                await asyncio.sleep(0.001)
            first = next(frame for frame in client.frames if frame.stream == start["stream"])
            # The first two are spoken for the first time.
            if number >= 2:
                assert start["kind"] == "greeting" and start["cached"], start
                times.append((first.at - begun) * 1_000)
            else:
                await client.event("audio_end", len(client.of_type("audio_end")), 30)
    return times


async def cancels(gateway, rounds):
    """From `cancel` to `clear`, after which no frame of the reply follows."""
    times = []
    async with Streamer(gateway.connect("canceller").url) as client:
        await client.hello(["binary"], out=[{"codec": "opus"}])
        await client.ready(MOHIT)
        for number in range(rounds):
            clears = len(client.of_type("clear"))
            await talk(client, len(client.of_type("audio_start")))
            begun = time.monotonic()
            await client.send(type="cancel")
            clear = await client.event("clear", clears)
            times.append((clear["at"] - begun) * 1_000)
    return times


def speech():
    """20 ms pieces of a spoken question, from its first loud one on, as PCM16 24 kHz."""
    with wave.open(str(FIXTURES / "question-en.wav")) as file:
        rate, samples = file.getframerate(), file.readframes(file.getnframes())
    assert file.getnchannels() == 1
    step = rate // 50 * 2
    pieces = [samples[start:start + step] for start in range(0, len(samples) - step, step)]
    loud = next(n for n, piece in enumerate(pieces) if max(abs(v) for v in memoryview(piece).cast("h")) > 3_000)
    return rate, pieces[loud:]


async def interruptions(gateway, rounds):
    """From the first loud microphone frame that the model takes for speech to `pause` at the client.

    The model's own time to recognise speech is part of it and is taken off: it is the same for every gateway. What is left
    is from the frame in which the model had heard enough; that frame is the last one sent before `pause` came.
    """
    times, heard = [], []
    rate, pieces = speech()
    async with Streamer(gateway.connect("interrupter").url) as client:
        await client.hello(["binary", "pause"], out=[{"codec": "pcm16"}], **{"in": {"codec": "pcm16", "rate": rate}})
        await client.ready(MOHIT)
        sequence = 0
        for number in range(rounds):
            await talk(client, len(client.of_type("audio_start")))
            pauses, clears = len(client.of_type("pause")), len(client.of_type("clear"))
            begun, sent = time.monotonic(), 0
            at = begun
            for piece in pieces:
                sequence += 1
                sent = time.monotonic()
                await client.socket.send(Frame.encode(piece, seq=sequence))
                at += 0.02
                while time.monotonic() < at and len(client.of_type("pause")) == pauses:
                    await asyncio.sleep(0.0005)
                if len(client.of_type("pause")) > pauses:
                    break
            pause = await client.event("pause", pauses, 3)
            times.append((pause["at"] - sent) * 1_000)
            heard.append((pause["at"] - begun) * 1_000)
            await client.send(type="barge_in", verdict="confirm")
            await client.event("clear", clears)
            # Silence, so that the model ends the turn, and its answer is dropped.
            for _ in range(60):
                sequence += 1
                await client.socket.send(Frame.encode(bytes(len(pieces[0])), seq=sequence))
                await asyncio.sleep(0.02)
            await client.send(type="cancel")
            await asyncio.sleep(0.3)
    print(f"{'speech to pause, with the VAD':32} median {percentile(heard, 0.5):7.1f}   p95 {percentile(heard, 0.95):7.1f}")
    return times


async def greetings(gateway, rounds):
    """From `config` of a new connection to the first audio of a greeting that was spoken before."""
    times = []
    for number in range(rounds):
        async with Streamer(gateway.connect(f"caller-{number}").url) as client:
            await client.hello(["binary"], out=[{"codec": "pcm16"}])
            begun = time.monotonic()
            await client.send(type="config", astrologer_id=MOHIT)
            start = await client.event("audio_start")
            times.append((start["at"] - begun) * 1_000)
    return times


async def answers(gateway, rounds):
    """From a typed question to the first audio of the answer, as the client hears it."""
    times = []
    async with Streamer(gateway.connect("asker").url) as client:
        await client.hello(["binary", "metrics"], out=[{"codec": "pcm16"}])
        await client.ready(MOHIT)
        for number in range(rounds):
            begun, starts = time.monotonic(), len(client.of_type("audio_start"))
            await client.send(type="text", text="When shall I marry?")
            start = await client.event("audio_start", starts)
            times.append((start["at"] - begun) * 1_000)
            await client.send(type="cancel")
            await client.event("clear", number)
    return times


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    missed = []
    async with Gateway(environment={"VAANI_GREETING_CACHE": "memory", "VAANI_UPSTREAM_POOL": "2"}) as gateway:
        measures = [
            ("switch to first audio", switches, rounds), ("cancel to silence", cancels, rounds),
            ("interruption to silence", interruptions, max(5, rounds // 5)),
            ("connection to cached greeting", greetings, rounds), ("typed question to answer", answers, rounds),
        ]
        for name, measure, count in measures:
            times = await measure(gateway, count)
            p95 = percentile(times, 0.95)
            target = TARGETS.get(name)
            verdict = "" if target is None else f"   target {target}: {'met' if p95 < target else 'MISSED'}"
            if target is not None and p95 >= target:
                missed.append(name)
            print(f"{name:32} median {percentile(times, 0.5):7.1f}   p95 {p95:7.1f}   of {len(times)}{verdict}", flush=True)
    sys.exit(1 if missed else 0)


asyncio.run(main())
