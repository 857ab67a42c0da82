"""A second model where the first does not answer, and how an endpoint that is out of order is left alone."""

import asyncio

import pytest
import pytest_asyncio

from gateway import MOHIT, TINA, Gateway, Stopwatch, eventually, is_tone_of
from realtime_double import RealtimeDouble


@pytest_asyncio.fixture
async def second():
    async with RealtimeDouble() as running:
        yield running


def with_fallback(double, second, **environment):
    return Gateway(upstream=double, environment={"VAANI_UPSTREAM_FALLBACK_URL": second.url, **environment})


@pytest.mark.parametrize("fault", [
    {"refuse_status": 500}, {"refuse_status": 503}, {"refuse_status": 401}, {"refuse_status": 429}, {"say_nothing": True},
    {"first_error": {"type": "invalid_request_error", "code": "insufficient_quota", "message": "no"}},
], ids=lambda fault: "-".join(map(str, [*fault, *fault.values()]))[:30])
async def test_a_second_model_answers_within_two_seconds_where_the_first_does_not(double, second, fault):
    for name, value in fault.items():
        setattr(double.faults, name, value)
    async with with_fallback(double, second) as gateway, gateway.connect() as phone, Stopwatch() as watch:
        await phone.choose(TINA)
        assert watch.seconds < 2
        greeting = await phone.until("audio_response")
        assert is_tone_of(second.connections[0], greeting)
        assert await gateway.metric("vaani_upstream_failovers_total") == 1
        await eventually(lambda: not double.open, "the first model's connection is closed")


async def test_a_second_model_answers_where_nobody_listens_at_the_first(double, second):
    double.server.close()
    await double.server.wait_closed()
    async with with_fallback(double, second) as gateway, gateway.connect() as phone, Stopwatch() as watch:
        await phone.greeted(TINA)
        assert watch.seconds < 2


async def test_the_first_models_key_is_never_sent_to_the_second(double, second):
    double.faults.refuse_status = 500
    settings = {"VAANI_UPSTREAM_FALLBACK_KEY": "sk-other", "VAANI_UPSTREAM_FALLBACK_MODEL": "b"}
    async with with_fallback(double, second, **settings) as gateway:
        async with gateway.connect() as phone:
            await phone.greeted(TINA)
    seen = {key.lower(): value for key, value in second.connections[0].headers.items()}
    assert seen["authorization"] == "Bearer sk-other"
    assert second.connections[0].path.endswith("model=b")


async def test_a_conversation_goes_on_at_the_second_model_when_the_first_dies_in_mid_reply(double, second):
    async with with_fallback(double, second) as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.close_mid_delta = 1011
        double.faults.refuse_status = 503
        async with Stopwatch() as watch:
            await phone.send(type="text", text="hello")
            reply = await phone.until("audio_response")
            assert watch.seconds < 2
        assert is_tone_of(second.connections[0], reply)
        assert second.connections[0].instructions == double.connections[0].instructions


async def test_a_model_that_keeps_failing_is_left_alone_and_found_again(double):
    double.faults.refuse_status = 500
    async with Gateway(upstream=double) as gateway:
        async def is_refused(number):
            async with gateway.connect(f"user-{number}") as phone:
                await phone.send(type="config", astrologer_id=TINA)
                assert (await phone.until("error"))["code"] == "upstream_unavailable"

        await asyncio.gather(*(is_refused(number) for number in range(12)))
        before = double.refused
        await asyncio.gather(*(is_refused(number) for number in range(12)))
        assert double.refused <= before + 1, "one attempt may probe, twelve users may not"
        assert await gateway.metric("vaani_upstream_breaker_open") == 1
        assert gateway.logs.count("model cannot be reached") == 1
        double.faults.refuse_status = None

        async def is_greeted():
            async with gateway.connect("later") as phone:
                await phone.send(type="config", astrologer_id=MOHIT)
                return (await phone.receive())["type"] == "config_ack"

        await eventually(is_greeted, "the model is found again", seconds=5)
        assert await gateway.metric("vaani_upstream_breaker_open") == 0


async def test_a_conversation_in_the_older_protocol(double, question):
    double.faults.beta = True
    async with Gateway(upstream=double, environment={"VAANI_UPSTREAM_DIALECT": "beta"}) as gateway:
        async with gateway.connect() as phone:
            greeting = await phone.greeted(TINA)
            assert is_tone_of(double.connections[0], greeting)
            assert is_tone_of(double.connections[0], await phone.ask(question))
    session = double.connections[0].session
    assert session["modalities"] == ["text", "audio"] and "audio" not in session and "type" not in session
    assert session["voice"] in {"coral", "shimmer", "sage", "marin", "alloy"} and session["instructions"]
    create = double.connections[0].of_type("response.create")[0]["response"]
    assert create["modalities"] == ["text", "audio"] and "output_modalities" not in create
