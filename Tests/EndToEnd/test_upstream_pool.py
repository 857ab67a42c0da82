"""Connections to the model that are dialled ahead: handed out once, replaced, aged out, never in the way."""

import asyncio
import statistics
import time

from gateway import MOHIT, TINA, Gateway, eventually

ONE_LOOP = {"VAANI_LOOPS": "1"}


async def spare(gateway):
    return await gateway.metric("vaani_upstream_spare")


async def has_spare(gateway, count=1):
    return await spare(gateway) == count


async def seconds_to_acknowledge(gateway, rounds=5, before=None):
    """The median time from `config` to `config_ack` of users who come one after the other."""
    times = []
    for number in range(rounds):
        if before:
            await before()
        async with gateway.connect(f"user-{number}") as phone:
            start = time.monotonic()
            await phone.choose(TINA)
            times.append(time.monotonic() - start)
    return statistics.median(times)


async def test_a_persona_is_ready_much_sooner_where_the_connection_was_dialled_ahead(double):
    double.faults.begin_pause_s = 0.3
    async with Gateway(upstream=double, environment=ONE_LOOP) as gateway:
        without = await seconds_to_acknowledge(gateway)
    async with Gateway(upstream=double, environment={**ONE_LOOP, "VAANI_UPSTREAM_POOL": "1"}) as gateway:
        async def filled():
            await eventually(lambda: has_spare(gateway), "a connection is ready")

        ahead = await seconds_to_acknowledge(gateway, before=filled)
        assert await gateway.metric("vaani_upstream_ready_seconds_count") == 5
        _, text = await gateway.get("/metrics")
        assert 'vaani_upstream_ready_seconds_count{pooled="true"} 5' in text
    assert ahead < without / 2, f"{ahead:.3f} s with and {without:.3f} s without"


async def test_a_switch_takes_a_ready_connection_and_each_is_used_once(double):
    async with Gateway(upstream=double, environment={**ONE_LOOP, "VAANI_UPSTREAM_POOL": "1"}) as gateway:
        await eventually(lambda: has_spare(gateway), "a connection is ready")
        async with gateway.connect() as phone:
            await phone.greeted(TINA)
            await eventually(lambda: has_spare(gateway), "it was replaced")
            await phone.greeted(MOHIT)
            await eventually(lambda: has_spare(gateway), "it was replaced again")
            used = [connection for connection in double.connections if connection.events]
            assert len(used) == 2 and len(double.connections) == 3
            assert used[0].instructions != used[1].instructions
        await eventually(lambda: len(double.open) == 1, "only the spare one is left")
    assert not double.open, "the end of the gateway closes it"


async def test_a_connection_that_nobody_takes_is_replaced_at_its_age(double):
    environment = {**ONE_LOOP, "VAANI_UPSTREAM_POOL": "1", "VAANI_UPSTREAM_POOL_AGE": "5s"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        await eventually(lambda: has_spare(gateway), "a connection is ready")
        await eventually(lambda: len(double.connections) == 2, "it is replaced", seconds=10)
        await eventually(lambda: len(double.open) == 1, "the old one is closed")
        assert not any(connection.events for connection in double.connections)


async def test_a_spare_connection_that_the_model_closes_is_replaced_and_no_user_notices(double):
    async with Gateway(upstream=double, environment={**ONE_LOOP, "VAANI_UPSTREAM_POOL": "1"}) as gateway:
        await eventually(lambda: has_spare(gateway), "a connection is ready")
        await double.close_all()
        await eventually(lambda: len(double.connections) == 2 and len(double.open) == 1, "it is replaced")
        async with gateway.connect() as phone:
            await phone.greeted(TINA)


async def test_a_refused_key_is_dialled_ahead_once_and_told_in_the_log_once(double):
    double.faults.refuse_status = 401
    async with Gateway(upstream=double, environment={**ONE_LOOP, "VAANI_UPSTREAM_POOL": "1"}) as gateway:
        await asyncio.sleep(1.5)
        assert double.refused == 1
        assert gateway.logs.count("model cannot be reached") == 1
        for number in range(3):
            async with gateway.connect(f"user-{number}") as phone:
                await phone.send(type="config", astrologer_id=TINA)
                assert (await phone.until("error"))["code"] == "upstream_auth"
        assert gateway.logs.count("model cannot be reached") == 1
        assert double.refused == 1


async def test_nothing_is_dialled_ahead_while_the_gateway_drains(double):
    environment = {**ONE_LOOP, "VAANI_UPSTREAM_POOL": "2", "VAANI_DRAIN_TIMEOUT": "5s"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        await eventually(lambda: has_spare(gateway, 2), "two are ready")
        async with gateway.connect() as phone:
            await phone.greeted(TINA)
            await eventually(lambda: has_spare(gateway, 2), "two are ready again")
            double.faults.reply_ms, double.faults.delta_pause_s = 2_000, 0.1
            await phone.send(type="text", text="tell me more")
            await eventually(lambda: double.connections[0].replies == 2, "the reply has begun")
            count = len(double.connections)
            gateway.process.terminate()
            await eventually(lambda: len(double.open) == 1, "the ready ones are closed")
            await phone.until("audio_response")
        assert len(double.connections) == count
