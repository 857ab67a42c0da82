"""A conversation with a realtime server through the openai SDK, every event validated strictly.

usage: openai_sdk_check.py ws://HOST:PORT/v1
"""

import asyncio
import base64
import math
import struct
import sys
import typing

import openai
import pydantic
from openai import AsyncOpenAI
from openai.types.realtime.realtime_server_event import RealtimeServerEvent

ORDER = [
    "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
    "response.output_audio.delta", "response.output_audio_transcript.done", "response.content_part.done",
    "response.output_item.done", "response.done",
]


def classes():
    """The SDK's class for each event type."""
    union = typing.get_args(RealtimeServerEvent)[0]
    return {typing.get_args(c.model_fields["type"].annotation)[0]: c for c in typing.get_args(union)}


def tone(milliseconds, level=0.3):
    samples = (int(32767 * level * math.sin(2 * math.pi * 440 * n / 24000)) for n in range(24 * milliseconds))
    return b"".join(struct.pack("<h", s) for s in samples)


def silence(milliseconds):
    return bytes(48 * milliseconds)


class Call:
    """One connection; keeps and validates what it receives."""

    types = classes()

    def __init__(self, connection):
        self.connection = connection
        self.ids = set()

    async def send(self, type, **fields):
        await self.connection.send({"type": type, **fields})

    async def append(self, audio):
        await self.send("input_audio_buffer.append", audio=base64.b64encode(audio).decode())

    async def recv(self):
        raw = await asyncio.wait_for(self.connection.recv_bytes(), 10)
        event = pydantic.TypeAdapter(dict).validate_json(raw)
        model = self.types[event["type"]].model_validate_json(raw, strict=True)
        assert event["event_id"] not in self.ids, "event_id repeats"
        self.ids.add(event["event_id"])
        assert_nothing_extra(model, event["type"])
        return event

    async def until(self, *types):
        events = []
        while not events or events[-1]["type"] not in types:
            events.append(await self.recv())
        return events

    async def ask(self, type, answer, **fields):
        await self.send(type, **fields)
        return (await self.until(answer, "error"))[-1]

    async def error(self, type, **fields):
        event = await self.ask(type, "error", event_id="mine", **fields)
        assert event["error"]["event_id"] == "mine", event
        return event["error"]

    async def update(self, **session):
        return await self.ask("session.update", "session.updated", session={"type": "realtime", **session})

    async def respond(self, **response):
        await self.send("response.create", response=response)
        return await self.until("response.done", "error")


def assert_nothing_extra(model, where):
    """No field that the SDK does not know, anywhere."""
    known_extra = {"object", "id", "expires_at", "output_index", "cached_tokens_details", "image_tokens"}
    for key in (model.model_extra or {}):
        assert key in known_extra, f"{where} has an unknown field {key}"
    for key, value in model:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, pydantic.BaseModel):
                assert_nothing_extra(part, f"{where}.{key}")


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def user(text, **fields):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


@check
async def session_update_merges_and_echoes(call):
    updated = await call.update(instructions="शान्त\u2028रहो", audio={"input": {"turn_detection": None}})
    session = updated["session"]
    assert session["instructions"] == "शान्त\u2028रहो"
    assert session["audio"]["input"]["turn_detection"] is None
    updated = await call.update(audio={"output": {"voice": "cedar"}})
    assert updated["session"]["audio"]["output"]["voice"] == "cedar"
    assert updated["session"]["audio"]["input"]["turn_detection"] is None
    assert updated["session"]["instructions"] == session["instructions"]


@check
async def a_refused_update_changes_nothing(call):
    error = await call.error(
        "session.update", session={"type": "realtime", "instructions": "x", "audio": {"output": {"voice": "nova"}}})
    assert (error["code"], error["param"]) == ("invalid_value", "session.audio.output.voice")
    assert (await call.update())["session"]["instructions"] != "x"
    assert (await call.error("session.update", session={}))["code"] == "missing_required_parameter"
    assert (await call.error("session.update", session={"type": "realtime", "voice": "ash"}))["code"] == "unknown_parameter"


@check
async def every_voice_and_format_is_taken(call):
    for voice in "alloy ash ballad coral echo sage shimmer verse marin cedar".split():
        assert (await call.update(audio={"output": {"voice": voice}}))["session"]["audio"]["output"]["voice"] == voice
    for format in ({"type": "audio/pcmu"}, {"type": "audio/pcma"}, {"type": "audio/pcm", "rate": 24000}):
        assert (await call.update(audio={"output": {"format": format}}))["session"]["audio"]["output"]["format"] == format
    for eagerness in ("low", "medium", "high", "auto"):
        detection = {"type": "semantic_vad", "eagerness": eagerness}
        session = (await call.update(audio={"input": {"turn_detection": detection}}))["session"]
        assert session["audio"]["input"]["turn_detection"]["eagerness"] == eagerness


@check
async def a_spoken_response_comes_in_order(call):
    events = await call.respond(metadata={"topic": "order"})
    types = [e["type"] for e in events]
    assert [t for t in dict.fromkeys(types) if t in ORDER] == ORDER, types
    response = events[-1]["response"]
    assert response["status"] == "completed" and response["metadata"] == {"topic": "order"}
    usage = response["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    audio = b"".join(base64.b64decode(e["delta"]) for e in events if e["type"] == "response.output_audio.delta")
    assert len(audio) > 24000 and len(audio) % 2 == 0 and any(audio)
    words = "".join(e["delta"] for e in events if e["type"] == "response.output_audio_transcript.delta")
    done = next(e for e in events if e["type"] == "response.output_audio_transcript.done")
    assert words == done["transcript"] == response["output"][0]["content"][0]["transcript"]


@check
async def the_voice_is_locked_by_its_first_audio(call):
    await call.respond()
    error = await call.error("session.update", session={"type": "realtime", "audio": {"output": {"voice": "ash"}}})
    assert error["code"] == "cannot_update_voice"
    assert (await call.update(instructions="still"))["session"]["instructions"] == "still"


@check
async def text_and_out_of_band_responses(call):
    events = await call.respond(output_modalities=["text"], conversation="none", input=[user("hello")])
    assert "conversation.item.added" not in [e["type"] for e in events]
    assert events[-1]["response"]["conversation_id"] is None
    assert "hello" in events[-1]["response"]["output"][0]["content"][0]["text"]


@check
async def an_exact_line_is_said_exactly(call):
    line = "नमस्ते, मैं टीना हूँ।"
    events = await call.respond(input=[], instructions=f'Say exactly the line below, once.\n"{line}"')
    done = next(e for e in events if e["type"] == "response.output_audio_transcript.done")
    assert done["transcript"] == line


@check
async def a_second_response_waits_and_a_cancelled_one_ends(call):
    await call.send("response.create")
    await call.until("response.output_audio.delta")
    assert (await call.error("response.create"))["code"] == "conversation_already_has_active_response"
    done = await call.ask("response.cancel", "response.done")
    assert done["response"]["status"] == "cancelled"
    assert done["response"]["status_details"]["reason"] == "client_cancelled"
    assert (await call.error("response.cancel"))["code"] == "response_cancel_not_active"


@check
async def items_are_chained_retrieved_and_deleted(call):
    await call.ask("conversation.item.create", "conversation.item.done", item=user("one", id="one"))
    await call.ask("conversation.item.create", "conversation.item.done", item=user("three", id="three"))
    added = await call.ask(
        "conversation.item.create", "conversation.item.added", item=user("two", id="two"), previous_item_id="one")
    assert added["previous_item_id"] == "one"
    await call.until("conversation.item.done")
    root = await call.ask(
        "conversation.item.create", "conversation.item.added", item=user("zero", id="zero"), previous_item_id="root")
    assert root["previous_item_id"] is None
    await call.until("conversation.item.done")
    item = (await call.ask("conversation.item.retrieve", "conversation.item.retrieved", item_id="two"))["item"]
    assert item["content"] == [{"type": "input_text", "text": "two"}]
    await call.ask("conversation.item.delete", "conversation.item.deleted", item_id="two")
    assert (await call.error("conversation.item.delete", item_id="two"))["code"] == "item_delete_invalid_item_id"
    assert (await call.error("conversation.item.create", item=user("x", id="one")))["code"] == "item_create_duplicate_item_id"
    assert "maximum length 32" in (await call.error("conversation.item.create", item=user("x", id="x" * 33)))["message"]


@check
async def audio_is_committed_and_comes_back(call):
    await call.update(audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}})
    assert (await call.error("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"
    audio = tone(500)
    await call.append(audio)
    committed = await call.ask("input_audio_buffer.commit", "input_audio_buffer.committed")
    events = await call.until("conversation.item.input_audio_transcription.completed")
    assert events[-1]["item_id"] == committed["item_id"] and events[-1]["transcript"] == "(speech, 0.5 s)"
    item = (await call.ask("conversation.item.retrieve", "conversation.item.retrieved", item_id=committed["item_id"]))["item"]
    assert base64.b64decode(item["content"][0]["audio"]) == audio
    await call.append(audio)
    await call.ask("input_audio_buffer.clear", "input_audio_buffer.cleared")
    assert (await call.error("input_audio_buffer.append", audio="@@"))["code"] == "invalid_value"


@check
async def speech_is_a_turn_and_interrupts(call):
    for _ in range(10):
        await call.append(silence(100))
    for _ in range(10):
        await call.append(tone(100))
    await call.append(silence(400))
    started = (await call.until("input_audio_buffer.speech_started"))[-1]
    assert 600 <= started["audio_start_ms"] <= 800
    events = await call.until("response.output_audio.delta")
    item = next(e for e in events if e["type"] == "conversation.item.done")["item"]
    assert item["id"] == started["item_id"]
    await call.append(tone(200))
    events = await call.until("response.done")
    assert events[-1]["response"]["status_details"]["reason"] == "turn_detected"


@check
async def what_was_heard_is_kept_and_the_rest_is_cut(call):
    item = (await call.respond())[-1]["response"]["output"][0]["id"]
    cut = dict(item_id=item, content_index=0)
    assert "already shorter" in (await call.error("conversation.item.truncate", audio_end_ms=999999, **cut))["message"]
    await call.ask("conversation.item.truncate", "conversation.item.truncated", audio_end_ms=300, **cut)


@check
async def a_function_makes_its_round_trip(call):
    tool = {
        "type": "function", "name": "chart", "description": "d",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    session = (await call.update(tools=[tool], tool_choice="auto"))["session"]
    assert session["tools"] == [tool]
    events = await call.respond(tool_choice={"type": "function", "name": "chart"})
    output = events[-1]["response"]["output"][0]
    assert output["type"] == "function_call" and output["arguments"] == '{"city":""}'
    result = {"type": "function_call_output", "call_id": output["call_id"], "output": "{}"}
    await call.ask("conversation.item.create", "conversation.item.done", item=result)
    assert (await call.respond())[-1]["response"]["status"] == "completed"
    assert (await call.error("conversation.item.create", item={**result, "call_id": "nobody"}))["code"]


@check
async def nonsense_is_an_error_event(call):
    assert (await call.error("nope"))["code"] == "invalid_value"
    await call.connection.send_raw("{nonsense")
    assert (await call.recv())["type"] == "error"
    assert (await call.error("response.create", response={"max_output_tokens": 0}))["code"] == "integer_below_min_value"


async def secret_check(client, base_url):
    """A browser's key: made over HTTP, used once the usual way."""
    made = await client.realtime.client_secrets.create(
        session={"type": "realtime", "instructions": "secret", "audio": {"output": {"voice": "sage"}}})
    type(made).model_validate_json(made.model_dump_json(), strict=True)
    browser = AsyncOpenAI(api_key=made.value, websocket_base_url=base_url)
    async with browser.realtime.connect(model="gpt-realtime") as connection:
        session = (await Call(connection).recv())["session"]
        assert session["instructions"] == "secret" and session["audio"]["output"]["voice"] == "sage"


async def main(base_url):
    http_url = base_url.replace("ws", "http", 1)
    client = AsyncOpenAI(api_key="any", base_url=http_url, websocket_base_url=base_url)
    await secret_check(client, base_url)
    failed = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        try:
            async with client.realtime.connect(model="gpt-realtime") as connection:
                call = Call(connection)
                first = await call.recv()
                assert first["type"] == "session.created", first
                await function(call)
                print(f"ok    {name}")
        except Exception as error:
            failed += 1
            print(f"FAIL  {name}: {type(error).__name__}: {str(error)[:1500]}")
    print(f"openai-sdk {openai.__version__}: {len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    return 1 if failed else 0


sys.exit(asyncio.run(main(sys.argv[1])))
