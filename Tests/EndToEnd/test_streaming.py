"""The formats of a streaming session, both ways, in front of the double whose tone tells whose audio is heard."""

import asyncio
import base64

import numpy
import pytest
import websockets.exceptions

from gateway import TINA, MOHIT, Gateway, eventually
from streaming import (
    ALAW, DISCONTINUITY, FIRST, LAST, MULAW, Frame, OpusEncoder, Streamer, companded, cut, frequency, tone)

FORMATS = [
    {"codec": "pcm16", "rate": 24_000}, {"codec": "pcm16", "rate": 8_000}, {"codec": "pcm16", "rate": 16_000},
    {"codec": "pcm16", "rate": 48_000}, {"codec": "mulaw"}, {"codec": "alaw"}, {"codec": "opus"},
    {"codec": "opus", "rate": 48_000, "frame_ms": 60},
]


def streamer(gateway, user="user-1"):
    return Streamer(gateway.connect(user).url)


def name(value):
    return "-".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize("features", [[], ["binary"]], ids=["json", "binary"])
@pytest.mark.parametrize("offer", FORMATS, ids=name)
async def test_the_answer_arrives_whole_and_at_its_pitch_in_every_codec(gateway, double, offer, features):
    async with streamer(gateway) as client:
        welcome = await client.hello(features, out=[{"codec": "codec-of-tomorrow"}, offer])
        granted = welcome["audio"]["out"]
        assert granted["codec"] == offer["codec"] and welcome["features"] == features
        await client.ready(TINA)
        samples = await client.answer()
        start = client.of_type("audio_start")[0]
        assert (start["codec"], start["rate"]) == (granted["codec"], granted["rate"])
        rate = 24_000 if granted["codec"] == "opus" else granted["rate"]
        assert abs(frequency(samples, rate) - double.open[0].frequency) < 8
        expected = 0.4 * rate
        slack = 2 * granted["frame_ms"] * rate / 1_000 if granted["codec"] == "opus" else 2
        assert expected - 2 <= len(samples) <= expected + slack
        assert client.of_type("audio_end")[0]["total_ms"] == 400
        assert bool(client.frames) == bool(features) and bool(client.of_type("audio_delta")) != bool(features)


async def test_frames_count_and_say_where_a_reply_begins_and_ends(gateway, double):
    double.faults.reply_ms = 330
    async with streamer(gateway) as client:
        await client.hello(["binary"], out=[{"codec": "pcm16", "rate": 16_000, "frame_ms": 40}])
        await client.ready(TINA)
        for number in range(3):
            await client.answer(number=number)
        assert [frame.seq for frame in client.frames] == list(range(1, len(client.frames) + 1))
        for start in client.of_type("audio_start"):
            frames = [frame for frame in client.frames if frame.stream == start["stream"]]
            assert {frame.generation for frame in frames} == {start["generation"]}
            assert [frame.media_ts for frame in frames] == [640 * n for n in range(len(frames))]
            assert frames[0].flags & FIRST and frames[-1].flags & LAST
            assert not any(frame.flags & (FIRST | LAST) for frame in frames[1:-1])
            assert all(len(frame.payload) == 1_280 for frame in frames[:-1])
            assert sum(len(frame.payload) for frame in frames) // 2 == 330 * 16
        assert len({start["stream"] for start in client.of_type("audio_start")}) == 3


@pytest.mark.parametrize("codec", ["pcm16", "opus"])
async def test_no_more_than_the_window_is_sent_ahead(gateway, double, codec):
    double.faults.reply_ms = 1_500
    async with streamer(gateway) as client:
        await client.hello(["binary"], out=[{"codec": codec}])
        await client.ready(TINA)
        # No audio can have begun before it was asked for: a reader that is late makes nothing look early.
        begin = asyncio.get_running_loop().time()
        await client.answer()
        frames = [frame for frame in client.frames if frame.payload]
        for number, frame in enumerate(frames[:-1]):
            # What may come late, on a busy machine, may not come early.
            assert (number + 1) * 20 <= 400 + (frame.at - begin) * 1_000 + 25, number
        assert frames[-1].at - begin > 0.9


async def test_a_cancel_stops_the_reply_within_a_frame(gateway, double):
    double.faults.reply_ms = 3_000
    async with streamer(gateway) as client:
        await client.hello(["binary"], out=[{"codec": "opus"}])
        await client.ready(TINA)
        await client.send(type="text", text="hello")
        await eventually(lambda: len(client.frames) >= 20, "the reply begins")
        await client.send(type="cancel")
        clear = await client.event("clear")
        assert (await client.event("audio_end"))["reason"] == "interrupted"
        await asyncio.sleep(0.4)
        assert len(client.frames) == clear["frames_before"] and len(client.frames) < 50
        double.faults.reply_ms = 400
        samples = await client.answer(number=1)
        first = next(frame for frame in client.frames if frame.stream == client.of_type("audio_start")[1]["stream"])
        assert first.flags == FIRST | DISCONTINUITY and first.generation >= clear["generation"]
        assert abs(frequency(samples, 24_000) - double.open[0].frequency) < 8


async def test_nobody_hears_what_another_is_told(gateway, double):
    async def call(number):
        async with streamer(gateway, f"user-{number}") as client:
            await client.hello(["binary"], out=[{"codec": "opus"}])
            await client.ready(TINA if number % 2 else MOHIT)
            return frequency(await client.answer(), 24_000)

    heard = await asyncio.gather(*(call(number) for number in range(8)))
    assert sorted(round(hertz / 37) for hertz in heard) == sorted(
        round(connection.frequency / 37) for connection in double.connections)


async def heard(double, seconds):
    """What the model got, once it is as much as was said; a resampler keeps its last few milliseconds."""
    [connection] = double.open
    await eventually(lambda: connection.appended_bytes >= (seconds - 0.05) * 48_000, "the model hears it")
    return numpy.frombuffer(bytes(connection.heard), "<i2")


@pytest.mark.parametrize("features", [[], ["binary"]], ids=["json", "binary"])
@pytest.mark.parametrize("microphone", [
    {"codec": "pcm16", "rate": 24_000}, {"codec": "pcm16", "rate": 8_000}, {"codec": "pcm16", "rate": 44_100},
    {"codec": "pcm16", "rate": 48_000, "channels": 2}, {"codec": "mulaw"}, {"codec": "alaw"}, {"codec": "opus"},
], ids=name)
async def test_the_microphone_is_heard_at_its_pitch_however_it_is_cut(gateway, double, microphone, features):
    rate, channels = microphone.get("rate", 8_000), microphone.get("channels", 1)
    if microphone["codec"] == "opus":
        encoder, samples = OpusEncoder(), tone(610, 48_000)
        pieces = [encoder.encode(samples[start:start + 960]) for start in range(0, 48_000, 960)]
    elif microphone["codec"] == "pcm16":
        pieces = cut(tone(610, rate, channels=channels).tobytes(), [1, 1_921, 3, 960, 2, 4_001])
    else:
        pieces = cut(companded(tone(610, 8_000), MULAW if microphone["codec"] == "mulaw" else ALAW), [1, 161, 320])
    async with streamer(gateway) as client:
        welcome = await client.hello(features, **{"in": microphone})
        assert welcome["audio"]["in"]["codec"] == microphone["codec"]
        await client.ready(TINA)
        await say(client, pieces, features)
        samples = await heard(double, 1)
        assert len(samples) <= 24_001
        assert abs(frequency(samples, 24_000) - 610) < 2
        assert not client.of_type("error")


async def say(client, pieces, features):
    for number, piece in enumerate(pieces):
        if features:
            await client.socket.send(Frame.encode(piece, seq=number))
        else:
            await client.send(type="audio_chunk", seq=number, audio=base64.b64encode(piece).decode())
        # As a microphone does it, more or less: a gateway may close on 120 messages a second.
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("sizes", [[1, 2, 700], [1_000], [5, 4_096]], ids=str)
async def test_a_browsers_recorder_is_heard_cut_anywhere(gateway, double, web_question, sizes):
    async with streamer(gateway) as client:
        await client.hello(["binary"], **{"in": {"codec": "webm-opus"}})
        await client.ready(TINA)
        await say(client, cut(web_question, sizes), ["binary"])
        samples = await heard(double, 0.5)
        assert numpy.abs(samples).max() > 1_000, "somebody speaks"
        assert not client.of_type("error")


async def test_missing_frames_are_counted_and_strange_ones_ignored(gateway, double):
    async with streamer(gateway) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        for seq in [1, 2, 5, 6]:
            await client.socket.send(Frame.encode(bytes(960), seq=seq))
        await client.socket.send(Frame.encode(bytes(960), seq=7, kind=77))
        await client.socket.send(Frame.encode(bytes(960), seq=7, stream=3))
        await heard(double, 0.13)
        await client.socket.send(b"short")
        assert (await client.event("error"))["code"] == "bad_message"
        assert double.open[0].appended_bytes == 4 * 960
        assert await gateway.metric("vaani_microphone_gaps_total") == 1


async def test_broken_packets_are_told_and_the_next_one_is_heard(gateway, double):
    encoder = OpusEncoder()
    async with streamer(gateway) as client:
        await client.hello(["binary"], **{"in": {"codec": "opus"}})
        await client.ready(TINA)
        await client.socket.send(Frame.encode(b"\xff\xff\xff"))
        assert (await client.event("error"))["code"] == "bad_audio"
        for seq in range(10):
            await client.socket.send(Frame.encode(encoder.encode(tone(610, 48_000, 0.02)), seq=seq + 1))
        await heard(double, 0.2)


async def test_what_cannot_be_granted_is_said_and_may_be_asked_for_otherwise(gateway):
    async with streamer(gateway) as client:
        await client.send(type="hello", v="1.0", audio={"out": [{"codec": "mp3"}, {"codec": "pcm16", "rate": 11_025}]})
        assert (await client.event("error"))["code"] == "unsupported_format"
        welcome = await client.hello()
        assert welcome["features"] == []
        assert welcome["audio"]["out"] == {"codec": "pcm16", "rate": 24_000, "channels": 1}


async def test_without_the_feature_a_binary_frame_closes_with_1003(gateway):
    async with streamer(gateway) as client:
        await client.hello()
        await client.socket.send(Frame.encode(bytes(960)))
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            await asyncio.wait_for(client.socket.wait_closed(), 5)
            await client.socket.send("{}")
        assert client.socket.close_code == 1003


async def test_who_asked_for_text_alone_gets_no_audio(gateway):
    async with streamer(gateway) as client:
        await client.hello()
        await client.ready(TINA)
        await client.send(type="state", output="text")
        await client.send(type="text", text="hello")
        assert (await client.event("text_response"))["text"]
        assert not client.of_type("audio_start")
        await client.send(type="state", output="audio")
        assert len(await client.answer()) == 9_600


async def test_marks_and_metrics_come_to_who_asked_for_them(gateway):
    async with streamer(gateway) as client:
        assert (await client.hello(["marks", "metrics"]))["features"] == ["marks", "metrics"]
        await client.ready(TINA)
        await client.answer()
        mark = await client.event("mark")
        assert mark["response_id"] == client.of_type("audio_start")[0]["response_id"]
        await client.send(type="mark_ack", name=mark["name"])
        metrics = await client.event("metrics")
        parts = sum(metrics[part] for part in ("endpoint_ms", "upstream_first_ms", "gateway_ms"))
        assert metrics["turn_id"] == "turn_1" and metrics["first_audio_ms"] == parts
        assert {"agent": "idle", "user": "silent", "cause": "waiting"}.items() <= client.of_type("state")[-1].items()


async def test_opus_is_encoded_as_the_operator_wants_it(double):
    sizes = {}
    for mode, bitrate in [("lowdelay", "48000"), ("voip", "16000")]:
        environment = {"VAANI_OPUS_MODE": mode, "VAANI_OPUS_BITRATE": bitrate, "VAANI_OPUS_COMPLEXITY": "5"}
        async with Gateway(upstream=double, environment=environment) as gateway, streamer(gateway) as client:
            await client.hello(["binary"], out=[{"codec": "opus"}])
            await client.ready(TINA)
            samples = await client.answer()
            assert abs(frequency(samples, 24_000) - double.open[-1].frequency) < 8
            sizes[mode] = sum(len(frame.payload) for frame in client.frames)
    assert sizes["voip"] * 2 < sizes["lowdelay"], sizes
