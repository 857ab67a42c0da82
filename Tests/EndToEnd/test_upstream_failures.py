"""The model refuses, stalls, breaks off or fails: the phone is told by class, nothing hangs, nothing leaks."""

import asyncio

import pytest

from gateway import TINA, Gateway, eventually, is_tone_of


@pytest.mark.parametrize("status, code", [(401, "upstream_auth"), (403, "upstream_auth"), (500, "upstream_unavailable")])
async def test_a_refusal_is_told_by_its_class(gateway, double, status, code):
    double.faults.refuse_status = status
    async with gateway.connect() as phone:
        await phone.send(type="config", astrologer_id=TINA)
        assert (await phone.until("error", seconds=15))["code"] in {code, "switch_failed"}


async def test_an_unreachable_model_is_unavailable(gateway, double):
    double.server.close()
    await double.server.wait_closed()
    async with gateway.connect() as phone:
        await phone.send(type="config", astrologer_id=TINA)
        assert (await phone.until("error", seconds=15))["code"] == "upstream_unavailable"


@pytest.mark.parametrize("fault", ["say_nothing", "never_acknowledge"])
async def test_a_model_that_says_nothing_is_given_up_within_ten_seconds(gateway, double, fault):
    setattr(double.faults, fault, True)
    async with gateway.connect() as phone:
        await phone.send(type="config", astrologer_id=TINA)
        assert (await phone.until("error", seconds=20))["code"] == "upstream_timeout"
        await eventually(lambda: not double.open, "the silent connection is closed")


@pytest.mark.parametrize("error, code", [("insufficient_quota", "upstream_quota"), ("invalid_api_key", "upstream_auth")])
async def test_an_error_as_first_event_is_told_by_its_class_and_not_retried(gateway, double, error, code):
    double.faults.first_error = {"type": "invalid_request_error", "code": error, "message": "secret details"}
    async with gateway.connect() as phone:
        await phone.send(type="config", astrologer_id=TINA)
        refusal = await phone.until("error")
        assert refusal["code"] == code and "secret details" not in str(refusal)
        await asyncio.sleep(1)
        assert len(double.connections) == 1


async def test_a_failed_response_is_told(gateway, double):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.fail_response = "rate_limit_exceeded"
        await phone.send(type="text", text="hello")
        assert (await phone.until("error"))["code"]


@pytest.mark.parametrize("code", [1000, 1011, 1012, 4000])
async def test_a_connection_lost_in_mid_reply_is_replaced_or_told(gateway, double, code):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.close_mid_delta = code
        await phone.send(type="text", text="hello")
        await eventually(lambda: not double.connections[0].open, "the double closed")
        double.faults.close_mid_delta = None
        await asyncio.sleep(1.5)
        await phone.send(type="text", text="are you there?")
        message = await phone.until("audio_response", "error", seconds=15)
        if message["type"] == "error":
            assert message["code"].startswith("upstream_")
        else:
            assert is_tone_of(double.connections[-1], message)


async def test_a_failed_switch_keeps_the_old_persona(gateway, double, question):
    from gateway import MOHIT

    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.refuse_status = 401
        await phone.send(type="config", astrologer_id=MOHIT)
        assert (await phone.until("error", seconds=15))["code"] == "switch_failed"
        reply = await phone.ask(question)
        assert is_tone_of(double.connections[0], reply)
