"""A conversation outlives the sessions of its model: each is left before it ends, unnoticed."""

import asyncio
import base64
import time

import pytest

from gateway import TINA, Gateway, eventually, wav_samples
from streaming import Streamer, tone


async def moved(double, count=2, seconds=15):
    """Waits until the newest of `count` connections is the only one."""
    await eventually(
        lambda: len(double.connections) == count and len(double.open) == 1 and double.connections[-1].open,
        "the conversation has moved", seconds=seconds)


@pytest.mark.parametrize("how", ["as the provider says", "as configured"])
async def test_a_conversation_moves_before_the_providers_end_and_goes_on(double, how):
    environment = {}
    if how == "as configured":
        environment["VAANI_UPSTREAM_SESSION_LIMIT"] = "5s"
    else:
        double.faults.expires_in_s = 6
    async with Gateway(upstream=double, environment=environment) as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        await phone.send(type="text", text="my name is Asha")
        await phone.until("audio_response")
        await moved(double)
        old, new = double.connections
        assert not old.expired and new.instructions == old.instructions and new.voice == old.voice
        await eventually(lambda: new.of_type("conversation.item.create"), "it is told what was said")
        items = [event["item"] for event in new.of_type("conversation.item.create")]
        assert [item["role"] for item in items] == ["system"]
        assert "my name is Asha" in items[0]["content"][0]["text"]
        assert not new.of_type("response.create"), "nobody is greeted again"
        await phone.send(type="text", text="what is my name?")
        await phone.until("audio_response")
        assert new.replies == 1
        assert await gateway.metric("vaani_upstream_rotations_total") >= 1
        assert await gateway.metric("vaani_upstream_reconnects_total") == 0


async def test_the_next_connection_comes_from_the_pool(double):
    double.faults.expires_in_s = 12
    environment = {"VAANI_UPSTREAM_POOL": "1", "VAANI_LOOPS": "1"}
    async with Gateway(upstream=double, environment=environment) as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        await eventually(lambda: not double.connections[0].open, "it has moved", seconds=15)
        _, text = await gateway.get("/metrics")
        assert 'vaani_upstream_ready_seconds_count{pooled="true"} 2' in text


async def test_no_reply_is_cut_by_it(double):
    double.faults.expires_in_s = 8
    double.faults.reply_ms, double.faults.delta_pause_s = 4_000, 0.2
    async with Gateway(upstream=double) as gateway, Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        # Speaking from the fourth to the eighth second, of about nine.
        await asyncio.sleep(3.7)
        samples = await client.answer()
        assert len(samples) == 4_000 * 24
        await moved(double)
        assert not client.of_type("error") and not client.of_type("clear")


async def test_who_stops_sending_in_mid_sentence_is_moved_before_the_end(double):
    """The model waits for the end of the sentence; neither `commit` nor `mute` ever tells it."""
    double.faults.expires_in_s = 10
    async with Gateway(upstream=double) as gateway, Streamer(gateway.connect().url) as client:
        await client.hello()
        await client.ready(TINA)
        sentence = tone_bytes(48_000)
        await client.send(type="audio_chunk", audio=base64.b64encode(sentence[:9_600]).decode())
        await eventually(lambda: double.connections[0].heard, "the model hears the microphone")
        await double.sessions[0].send("input_audio_buffer.speech_started", item_id="item_x", audio_start_ms=0)
        await eventually(
            lambda: "listening" in [state["agent"] for state in client.of_type("state")], "the sentence begins")
        await client.send(type="audio_chunk", audio=base64.b64encode(sentence[9_600:]).decode())
        await moved(double)
        assert not double.connections[0].expired and not client.of_type("error")
        await eventually(lambda: bytes(double.connections[1].heard) == sentence, "the sentence goes along, whole")


async def test_what_the_microphone_hears_meanwhile_reaches_the_next_connection(double):
    environment = {"VAANI_UPSTREAM_SESSION_LIMIT": "5s"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        async with Streamer(gateway.connect().url) as client:
            await client.hello()
            await client.ready(TINA)
            double.faults.begin_pause_s = 1
            sent, start = 0, time.monotonic()
            while len(double.open) < 2 or not double.open[-1].session:
                sent = await self_paced(client, sent, start)
            while double.connections[0].open or time.monotonic() - start < 7:
                sent = await self_paced(client, sent, start)
            old, new = double.connections[:2]
            # All that the old one did not hear, after a moment that both heard.
            whole = tone_bytes(sent)
            await eventually(
                lambda: len(old.heard) + len(new.heard) >= sent and whole.endswith(new.heard), "every sample arrives")
            overlap = len(old.heard) + len(new.heard) - sent
            assert overlap <= 48 * 700
            assert whole.startswith(old.heard)
            assert len(new.heard) > 48 * 900


async def test_a_conversation_with_the_built_in_engine_moves_too(question):
    async with Gateway(environment={"VAANI_UPSTREAM_SESSION_LIMIT": "5s"}) as gateway, gateway.connect() as phone:
        async def has_moved():
            return await gateway.metric("vaani_upstream_rotations_total") >= 1

        await phone.greeted(TINA)
        # A phone that does not say what it has played is taken to play all of it, and is not disturbed.
        await eventually(has_moved, "the conversation has moved", seconds=25)
        assert len(wav_samples(await phone.ask(question))) > 12_000
        assert await gateway.metric("vaani_upstream_reconnects_total") == 0


def tone_bytes(length):
    return tone(440, 24_000, seconds=20).tobytes()[:length]


async def self_paced(client, sent, start):
    """Sends 100 ms of a tone in real time; returns the bytes sent so far."""
    piece = tone_bytes(sent + 4_800)[sent:]
    await client.send(type="audio_chunk", audio=base64.b64encode(piece).decode())
    sent += len(piece)
    await asyncio.sleep(max(0, start + sent / 48_000 - time.monotonic()))
    return sent
