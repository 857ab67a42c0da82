"""What goes wrong in the field, row by row, where no other file shows it."""

import asyncio
import signal
import socket

import pytest

from gateway import TINA, Gateway, eventually
from streaming import Streamer


def streamer(gateway, user="user-1", **options):
    return Streamer(gateway.connect(user).url, **options)


def sent(double, kind):
    return [event for event in double.open[0].events if event["type"] == kind]


@pytest.mark.parametrize("played, truncated, deleted", [(0, [], 1), (250, [250], 0)], ids=["nothing", "a part"])
async def test_the_model_remembers_what_was_heard_and_no_more(gateway, double, played, truncated, deleted):
    double.faults.reply_ms, double.faults.delta_pause_s = 4_000, 0.1
    async with streamer(gateway) as client:
        await client.hello()
        await client.ready(TINA)
        await client.send(type="text", text="hello")
        start = await client.event("audio_start")
        await eventually(lambda: len(b"".join(client.payloads(start))) >= 300 * 48, "some of it is sent")
        await client.send(type="played", response_id=start["response_id"], ms=played)
        await client.send(type="cancel")
        assert (await client.event("clear"))["heard_ms"] == played
        await eventually(lambda: sent(double, "response.cancel"), "the model is stopped")
        await eventually(
            lambda: [event["audio_end_ms"] for event in sent(double, "conversation.item.truncate")] == truncated
            and len(sent(double, "conversation.item.delete")) == deleted, "the model is told")


async def test_of_a_reply_that_was_heard_to_its_end_the_model_is_told_nothing(gateway, double):
    async with streamer(gateway) as client:
        await client.hello()
        await client.ready(TINA)
        await client.answer()
        await client.send(type="played", response_id=client.of_type("audio_start")[0]["response_id"], ms=400)
        await client.send(type="cancel")
        await client.send(type="ping")
        await client.event("pong")
        kinds = {"response.cancel", "conversation.item.truncate", "conversation.item.delete"}
        assert not [event for event in double.open[0].events if event["type"] in kinds]


async def test_a_drain_lets_fifty_calls_finish_their_sentence(double):
    double.faults.reply_ms, double.faults.delta_pause_s = 1_500, 0.05
    async with Gateway(upstream=double) as gateway:
        clients = [streamer(gateway, f"user-{number}") for number in range(50)]
        for client in clients:
            await client.__aenter__()
            await client.hello()
            await client.ready(TINA)
        for client in clients:
            await client.send(type="text", text="hello")
        await asyncio.gather(*(client.event("audio_start") for client in clients))
        gateway.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*(client.socket.wait_closed() for client in clients)), 20)
        for client in clients:
            assert len(client.of_type("goaway")) == 1
            assert client.of_type("audio_end")[0]["reason"] == "done"
            assert len(client.samples(client.of_type("audio_start")[0])) == 1_500 * 24, "nobody is cut off"
            assert client.socket.close_code == 1012
        assert await asyncio.wait_for(gateway.process.wait(), 20) == 0


async def test_who_does_not_read_costs_no_more_than_a_queue_and_is_let_go(double):
    double.faults.reply_ms = 60_000
    environment = {"VAANI_MAX_QUEUED_BYTES": "256KiB", "VAANI_RESUME_GRACE": "0s"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        narrow = socket.create_connection(("127.0.0.1", gateway.port))
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client = gateway.connect("user-1", sock=narrow, max_queue=1)
        async with client:
            await client.send(type="hello", v="1.0")
            await client.send(type="config", persona_id=TINA, greet=False)
            await client.until("config_ack")
            before = await gateway.metric("process_resident_memory_bytes")
            # Nothing is read from here on.
            await client.send(type="text", text="hello")

            async def is_over():
                return await gateway.metric("vaani_sessions_active") == 0

            await eventually(is_over, "the session is closed", 40)
            # A minute of audio waits in the session, the queue's quarter of a mebibyte beside it.
            assert await gateway.metric("process_resident_memory_bytes") - before < 24 << 20
            assert await gateway.metric("vaani_errors_total") >= 1
            await eventually(lambda: not double.open, "the model is let go")
