"""The connection to the model is lost and the conversation goes on: nothing is asked of the user, nothing said is forgotten."""

import asyncio
import base64

import pytest

from gateway import TINA, Gateway, Stopwatch, eventually, is_tone_of, wav_samples
from streaming import Streamer, frequency, tone


def told(connection):
    """What a connection was told in system items."""
    items = [event["item"] for event in connection.of_type("conversation.item.create")]
    return "\n".join(item["content"][0]["text"] for item in items if item["role"] == "system")


def asked(connection):
    items = [event["item"] for event in connection.of_type("conversation.item.create")]
    return [item["content"][0]["text"] for item in items if item["role"] == "user"]


def loses_in_mid_reply(double, how):
    if how == "abort":
        double.faults.abort_mid_delta = True
    else:
        double.faults.close_mid_delta = how


def is_well_again(double):
    double.faults.abort_mid_delta, double.faults.close_mid_delta = False, None


@pytest.mark.parametrize("how", [1000, 1001, 1011, 1012, 1013, 4999, "abort"])
async def test_a_reply_that_breaks_off_is_given_again_within_two_seconds(gateway, double, how):
    double.faults.reply_ms, double.faults.delta_pause_s = 1_000, 0.1
    async with Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        loses_in_mid_reply(double, how)
        await client.send(type="text", text="will I travel?")
        await eventually(lambda: not double.connections[0].open, "the model breaks off")
        is_well_again(double)
        async with Stopwatch() as watch:
            second = await client.event("audio_start", 1)
            assert watch.seconds < 2
        await client.event("audio_end", 1)
        assert not client.of_type("error")
        assert [event["reason"] for event in client.of_type("audio_end")] == ["failed", "done"]
        assert "reconnecting" in [event["agent"] for event in client.of_type("state")]
        clear = client.of_type("clear")[0]
        assert clear["generation"] == second["generation"]
        samples = client.samples(second)
        assert len(samples) == 24_000 and abs(frequency(samples, 24_000) - double.connections[1].frequency) < 8
        assert asked(double.connections[1]) == ["will I travel?"]
        assert "will I travel?" not in told(double.connections[1])
        assert len(double.connections) == 2 and len(double.open) == 1


async def test_what_was_heard_of_it_is_told_to_the_next_connection(gateway, double):
    double.faults.reply_ms, double.faults.delta_pause_s = 3_000, 0.2
    async with Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        await client.send(type="text", text="my name is Asha")
        first = await client.event("audio_start")
        await client.event("audio_end")
        await client.send(type="played", response_id=first["response_id"], item_id=first["item_id"], ms=3_000)
        await client.send(type="text", text="will I travel?")
        second = await client.event("audio_start", 1)
        await eventually(lambda: len(client.samples(second)) >= 24_000, "a second of the answer comes")
        await client.send(type="played", response_id=second["response_id"], item_id=second["item_id"], ms=800)
        # By then it has been read, and about two thirds of what came have been heard: one word of two.
        await client.send(type="ping", t=1)
        await client.event("pong")
        await double.close_all(1011)
        await client.event("audio_start", 2)
        recap = told(double.connections[1])
        assert "Caller: my name is Asha\nYou: reply 0_1" in recap
        assert "You, cut off: reply" in recap and "reply 0_2" not in recap
        assert client.of_type("clear")[0]["heard_ms"] == 800


async def test_a_recording_that_was_committed_is_answered_by_the_next_connection(gateway, double, question):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.close_before_created = 1011
        await phone.speak(question)
        await eventually(lambda: not double.connections[0].open, "the model breaks off")
        async with Stopwatch() as watch:
            reply = await phone.until("audio_response")
            assert watch.seconds < 2
        assert is_tone_of(double.connections[1], reply)
        assert double.connections[1].heard == double.connections[0].heard
        assert len(double.connections[1].of_type("input_audio_buffer.commit")) == 1


async def test_live_speech_that_was_committed_is_answered_by_the_next_connection(gateway, double):
    async with Streamer(gateway.connect().url) as client:
        await client.hello(["binary"])
        await client.ready(TINA)
        await speak(client, 0.3)
        await double.sessions[0].send("input_audio_buffer.speech_started", item_id="item_x", audio_start_ms=0)
        await client.event("state", 0)
        await speak(client, 1)
        await eventually(lambda: len(double.connections[0].heard) == 48_000 * 1.3, "the model heard it")
        double.faults.close_before_created = 1011
        await double.sessions[0].send("input_audio_buffer.committed", item_id="item_x", previous_item_id=None)
        await client.event("audio_end")
        assert bytes(double.connections[1].heard) == bytes(double.connections[0].heard)
        assert len(double.connections[1].of_type("input_audio_buffer.commit")) == 1
        assert not client.of_type("error")


async def test_a_sentence_during_which_the_connection_breaks_is_heard_whole(gateway, double):
    async with Streamer(gateway.connect().url) as client:
        await client.hello()
        await client.ready(TINA)
        await double.sessions[0].send("input_audio_buffer.speech_started", item_id="item_x", audio_start_ms=0)
        await client.event("state", 0)
        await speak(client, 1)
        await eventually(lambda: len(double.connections[0].heard) == 48_000, "the model heard it")
        double.faults.begin_pause_s = 0.5
        await double.close_all(1012)
        await speak(client, 1, start=1)
        await eventually(lambda: len(double.connections) == 2 and len(double.connections[1].heard) == 96_000, "it is heard")
        assert bytes(double.connections[1].heard) == sound(2)
        assert not client.of_type("error")


async def test_a_model_that_restarts_is_waited_for(gateway, double):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.refuse_status = 503
        await double.close_all(1012)
        await eventually(lambda: double.refused >= 2, "it is tried again")
        double.faults.refuse_status = None
        await phone.send(type="text", text="are you there?")
        reply = await phone.until("audio_response")
        assert is_tone_of(double.connections[-1], reply)


@pytest.mark.parametrize("status, code", [(401, "upstream_auth"), (402, "upstream_quota"), (400, "upstream_unavailable")])
async def test_what_trying_again_does_not_mend_is_told_once(gateway, double, status, code):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        double.faults.refuse_status = status
        await double.close_all(1011)
        assert (await phone.until("error"))["code"] == code
        with pytest.raises(TimeoutError):
            await phone.until("error", seconds=1.5)
        assert double.refused == 1


async def test_a_session_that_expires_in_mid_reply_is_replaced(double):
    double.faults.expires_in_s = 5
    double.faults.reply_ms, double.faults.delta_pause_s = 9_000, 0.1
    async with Gateway(upstream=double) as gateway, gateway.connect() as phone:
        await phone.choose(TINA, greet=False)
        # Speaks when it should move, and until it expires.
        await asyncio.sleep(3)
        await phone.send(type="text", text="tell me all")
        await eventually(lambda: double.connections[0].replies, "it speaks")
        double.faults.reply_ms, double.faults.expires_in_s = 400, None
        await eventually(lambda: double.connections[0].expired, "it expires", seconds=8)
        reply = await phone.until("audio_response")
        assert is_tone_of(double.connections[1], reply) and len(wav_samples(reply)) == 9_600


def sound(seconds, start=0.0):
    return tone(440, 24_000, seconds=10).tobytes()[int(start * 48_000):int((start + seconds) * 48_000)]


async def speak(client, seconds, start=0.0):
    data = sound(seconds, start)
    for offset in range(0, len(data), 9_600):
        await client.send(type="audio_chunk", audio=base64.b64encode(data[offset:offset + 9_600]).decode())
        await asyncio.sleep(0.05)
