"""Clients whose connection breaks, and who come back."""

import asyncio

import numpy
import pytest
import pytest_asyncio

from gateway import TINA, Gateway, eventually
from streaming import DISCONTINUITY, FIRST, Streamer, frequency

REPLAYED = 16


def streamer(gateway):
    return Streamer(gateway.connect("user-1").url)


def cut(client):
    """The network is gone: no close frame, no FIN."""
    client.socket.transport.abort()


async def back(client, token, last, response=None, ms=0, features=()):
    resume = {"token": token, "last_seq": last}
    if response:
        resume["played"] = {"response_id": response, "ms": ms}
    await client.send(type="hello", v="1.0", features=list(features), resume=resume)
    return await client.event("welcome")


@pytest_asyncio.fixture(params=["1", "2"], ids=["one loop", "two loops"])
async def gateway(request, double):
    async with Gateway(upstream=double, environment={"VAANI_LOOPS": request.param}) as gateway:
        yield gateway


@pytest.mark.parametrize("features", [[], ["binary"]], ids=["json", "binary"])
async def test_a_reply_that_the_network_cut_is_heard_to_its_end(gateway, double, features):
    double.faults.reply_ms = 2_000
    async with streamer(gateway) as client:
        welcome = await client.hello(features, out=[{"codec": "pcm16"}])
        await client.ready(TINA)
        await client.send(type="text", text="hello")
        start = await client.event("audio_start")
        await client.send(type="played", response_id=start["response_id"], ms=100)
        await eventually(lambda: sum(map(len, client.payloads(start))) >= 300 * 48, "some of it is heard")
        cut(client)
        first = client.samples(start)
        last = client.events[-1]["seq"]
        assert len(double.open) == 1
    heard_ms = min(300, len(first) // 24)
    async with streamer(gateway) as client:
        again = await back(client, welcome["resume_token"], last, start["response_id"], heard_ms, features)
        assert again["resumed"] == "resumed" and again["session_id"] == welcome["session_id"]
        assert again["persona"]["id"] == TINA and again["resume_token"] != welcome["resume_token"]
        restart = await client.event("audio_start")
        assert (restart["response_id"], restart["from_ms"]) == (start["response_id"], heard_ms)
        end = await client.event("audio_end")
        assert (end["total_ms"], end["reason"]) == (2_000, "done")
        rest = client.samples(restart)
        whole = numpy.concatenate([first[:heard_ms * 24], rest])
        assert len(whole) == 48_000, "each sample once"
        assert abs(frequency(whole, 24_000) - double.open[0].frequency) < 2
        steps = numpy.abs(numpy.diff(whole.astype(int)))
        assert steps[heard_ms * 24 - 1] <= steps[1_000:2_000].max() + 1, "no click at the seam"
        if features:
            flags = client.frames[0].flags
            assert flags & REPLAYED and flags & FIRST and flags & DISCONTINUITY
            assert client.frames[0].media_ts == heard_ms * 24
        assert len(double.connections) == 1
        # And the conversation goes on.
        double.faults.reply_ms = 400
        assert len(await client.answer(number=1)) == 9_600


async def test_what_was_missed_is_told_once_and_in_order(gateway, double):
    double.faults.delta_pause_s = 0.2
    async with streamer(gateway) as client:
        welcome = await client.hello()
        await client.ready(TINA)
        await client.send(type="text", text="hello")
        await client.send(type="ping")
        await client.event("pong")
        last = client.events[-1]["seq"]
        cut(client)
    await eventually(lambda: double.open[0].finished == 1, "the model answers nobody")
    assert await gateway.metric("vaani_sessions_waiting") == 1
    async with streamer(gateway) as client:
        await back(client, welcome["resume_token"], last)
        await client.event("audio_end")
        await client.event("text_response")
        types = [event["type"] for event in client.events]
        assert types.count("transcript") == 1 and types.count("text_response") == 1 and "error" not in types
        sequences = [event["seq"] for event in client.events]
        assert sequences == sorted(set(sequences)) and sequences[0] > last
        start = client.of_type("audio_start")[0]
        assert start.get("from_ms", 0) * 24 + len(client.samples(start)) == 9_600


async def test_nobody_comes_back_after_the_grace(double):
    async with Gateway(upstream=double, environment={"VAANI_RESUME_GRACE": "1s"}) as gateway:
        async with streamer(gateway) as client:
            welcome = await client.hello()
            assert welcome["expires_in_s"] == 1
            await client.ready(TINA)
            cut(client)
        assert await gateway.metric("vaani_sessions_waiting") == 1
        await eventually(lambda: not double.open, "the model is let go", 5)
        async with streamer(gateway) as client:
            assert (await back(client, welcome["resume_token"], 0))["resumed"] == "expired"
            await client.ready(TINA)
        assert await gateway.metric("vaani_sessions_waiting") <= 1


async def test_without_grace_there_is_no_token(double):
    async with Gateway(upstream=double, environment={"VAANI_RESUME_GRACE": "0s"}) as gateway:
        async with streamer(gateway) as client:
            welcome = await client.hello()
            assert "resume_token" not in welcome and welcome["limits"]["grace_s"] == 0
            await client.ready(TINA)
            cut(client)
        await eventually(lambda: not double.open, "the model is let go at once")


async def test_the_live_microphone_goes_on_after_the_break(gateway, double):
    async with streamer(gateway) as client:
        welcome = await client.hello()
        await client.ready(TINA)
        cut(client)
    async with streamer(gateway) as client:
        await back(client, welcome["resume_token"], 99)
        for _ in range(10):
            await client.send(type="audio_chunk", seq=1, audio="AAAA" * 240)
        await eventually(lambda: double.open[0].appended_bytes == 7_200, "the model hears it")


async def test_twenty_breaks_in_a_row_leave_one_model(gateway, double):
    async with streamer(gateway) as client:
        token = (await client.hello())["resume_token"]
        await client.ready(TINA)
        cut(client)
    for _ in range(20):
        async with streamer(gateway) as client:
            welcome = await back(client, token, 0)
            assert welcome["resumed"] == "resumed"
            token = welcome["resume_token"]
            cut(client)
    async with streamer(gateway) as client:
        await back(client, token, 0)
        assert len(double.connections) == 1
        await client.send(type="bye")
        await asyncio.wait_for(client.socket.wait_closed(), 5)
    await eventually(lambda: not double.open, "the model is let go")
    assert await gateway.metric("vaani_sessions_active") == 0
