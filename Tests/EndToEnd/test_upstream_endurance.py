"""Users who interrupt without end and users who come and go: one response at a time, and nothing is left behind."""

import asyncio
import base64
import time

from gateway import TINA, Gateway, eventually
from streaming import Streamer, tone

LOUD = base64.b64encode(tone(300, 24_000, seconds=0.05).tobytes()).decode()


async def test_200_interruptions_in_10_s_leave_one_response_and_nothing_behind(gateway, double):
    double.faults.reply_ms, double.faults.delta_pause_s = 3_000, 0.02
    async with Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        model, start = double.sessions[0], time.monotonic()
        for number in range(200):
            await model.send("input_audio_buffer.speech_started", item_id=f"item_x{number}", audio_start_ms=0)
            await client.send(type="audio_chunk", audio=LOUD)
            await model.send("input_audio_buffer.committed", item_id=f"item_x{number}", previous_item_id=None)
            await asyncio.sleep(max(0, start + (number + 1) * 0.05 - time.monotonic()))
        assert time.monotonic() - start >= 10
        connection = double.connections[0]
        assert connection.collisions == 0 and connection.cancels > 20
        double.faults.reply_ms = 200
        await client.send(type="cancel")
        await eventually(lambda: model.response.done(), "the last response ends")
        await asyncio.sleep(1)
        count = len(client.of_type("audio_end"))
        await client.send(type="text", text="hello")
        await client.event("audio_end", count)
        assert len(double.connections) == 1 and connection.collisions == 0
        # No frame of a generation that was cleared comes after the word that it was.
        for event in client.of_type("clear"):
            assert all(frame.generation >= event["generation"] for frame in client.frames[event["frames_before"]:])
        assert not client.of_type("error")
    await eventually(lambda: not double.open, "the model's connection is closed", seconds=70)
    assert await gateway.metric("vaani_sessions_active") == await gateway.metric("vaani_upstreams_open") == 0


async def test_an_interruption_in_the_second_item_of_a_reply_cuts_it_there(gateway, double):
    double.faults.items, double.faults.reply_ms, double.faults.delta_pause_s = 2, 1_000, 0.01
    async with Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        await client.send(type="text", text="hello")
        start = await client.event("audio_start")
        await asyncio.sleep(1.4)
        await client.send(type="played", response_id=start["response_id"], item_id=start["item_id"], ms=1_300)
        await client.send(type="cancel")
        connection = double.connections[0]
        await eventually(lambda: connection.of_type("conversation.item.truncate"), "the second item is cut")
        cuts = connection.of_type("conversation.item.truncate")
        assert [(cut["item_id"], cut["audio_end_ms"]) for cut in cuts] == [("item_0_1_1", 300)]
        assert not connection.of_type("conversation.item.delete")


async def visit(gateway, number, question):
    """A phone or a page that comes, talks, and goes: politely, in mid-reply or without a word."""
    if number % 2:
        async with gateway.connect(f"user-{number}") as phone:
            await phone.choose(TINA, greet=False)
            await phone.send(type="text", text="hello")
            if number % 4 == 1:
                await phone.until("audio_response")
            elif number % 8 == 3:
                await phone.speak(question)
        return
    async with Streamer(gateway.connect(f"user-{number}").url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        await client.send(type="audio_chunk", audio=LOUD)
        await client.send(type="text", text="hello")
        await client.event("audio_start")
        if number % 4 == 0:
            await client.event("audio_end")
        else:
            client.socket.transport.abort()


async def rounds(gateway, numbers, question, at_a_time=20):
    gate = asyncio.Semaphore(at_a_time)

    async def one(number):
        async with gate:
            await visit(gateway, number, question)

    await asyncio.gather(*(one(number) for number in numbers))


LIVE = ["vaani_sessions_active", "vaani_sessions_waiting", "vaani_upstreams_open", "vaani_upstream_spare"]


async def figures(gateway):
    names = [*LIVE, "process_open_fds", "process_resident_memory_bytes"]
    return {name: await gateway.metric(name) for name in names}


async def test_after_500_visits_everything_is_as_it_was(double, question):
    double.faults.delta_pause_s = 0.005
    # Nobody waits for clients that may come back: what is open now is all there is.
    environment = {"VAANI_UPSTREAM_POOL": "1", "VAANI_LOOPS": "2", "VAANI_RESUME_GRACE": "0s", "VAANI_MAX_HANDSHAKES": "0"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        async def is_quiet():
            now = await figures(gateway)
            return [now[name] for name in LIVE] == [0, 0, 0, 2] and len(double.open) == 2

        # Enough for buffers, helpers and the allocator to have their working size.
        await rounds(gateway, range(150), question)
        await eventually(is_quiet, "all sessions have ended", seconds=10)
        before = await figures(gateway)
        await rounds(gateway, range(500), question)
        await eventually(is_quiet, "all sessions have ended", seconds=10)
        after = await figures(gateway)
        print(before, after)
        assert after["process_open_fds"] == before["process_open_fds"]
        growth = after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
        assert growth < 8 << 20, f"{growth / 2**20:.1f} MiB more after 500 visits"
