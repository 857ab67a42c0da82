"""A double of a realtime language model, for tests: it is not a model and says so in its server header.

It speaks the GA events of the Realtime protocol over a WebSocket, records what every client sends, and answers each
response with a tone whose frequency belongs to that connection alone (a watermark), so that audio that reaches the
wrong listener is recognised by ear or by Fourier transform. Faults are switched on through `Faults`.
"""

import asyncio
import base64
import json
import time
from dataclasses import dataclass, field

import numpy
import websockets.asyncio.server
import websockets.http11
import websockets.datastructures

RATE = 24_000


def tone(frequency, milliseconds):
    """PCM16 little-endian mono at 24 kHz."""
    time = numpy.arange(RATE * milliseconds // 1000) / RATE
    return (numpy.sin(2 * numpy.pi * frequency * time) * 9_000).astype("<i2").tobytes()


@dataclass
class Faults:
    """What goes wrong; everything is off by default."""

    refuse_status: int | None = None
    retry_after: int | None = None
    never_acknowledge: bool = False
    say_nothing: bool = False
    close_mid_delta: int | None = None
    close_before_created: int | None = None
    abort_mid_delta: bool = False
    fail_response: str | None = None
    reject_voice: bool = False
    delta_pause_s: float = 0.0
    reply_ms: int = 400
    greeting_transcript: str | None = None
    first_error: dict | None = None
    begin_pause_s: float = 0.0
    expires_in_s: int | None = None
    usage: dict | None = None
    items: int = 1
    beta: bool = False


@dataclass
class Connection:
    """One client as the double saw it."""

    number: int
    frequency: int
    headers: dict
    path: str
    events: list = field(default_factory=list)
    session: dict = field(default_factory=dict)
    appended_bytes: int = 0
    heard: bytearray = field(default_factory=bytearray)
    replies: int = 0
    finished: int = 0
    cancels: int = 0
    # Requests for a response while one was active.
    collisions: int = 0
    open: bool = True
    expired: bool = False

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]

    @property
    def instructions(self):
        return self.session.get("instructions", "")

    @property
    def voice(self):
        return self.session.get("audio", {}).get("output", {}).get("voice")


class RealtimeDouble:
    """`async with RealtimeDouble() as double:` listens on 127.0.0.1 and a port of its own."""

    def __init__(self):
        self.faults = Faults()
        self.connections = []
        self.refused = 0
        self.sockets = set()
        # Those of every connection, to let a model say what a test wants.
        self.sessions = []

    async def __aenter__(self):
        self.server = await websockets.asyncio.server.serve(
            self.serve, "127.0.0.1", 0, max_size=None, compression=None, process_request=self.admit,
            server_header="vaani-test-double (not a model)")
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    @property
    def open(self):
        return [connection for connection in self.connections if connection.open]

    async def close_all(self, code=1001, reason=""):
        """Ends every connection, as a provider does that restarts."""
        for socket in list(self.sockets):
            await socket.close(code, reason)

    async def hear_speech(self):
        """Says that somebody began to speak."""
        event = {"type": "input_audio_buffer.speech_started", "item_id": "item_speech", "audio_start_ms": 0}
        for socket in self.sockets:
            await socket.send(json.dumps({"event_id": "event_speech", **event}))

    def admit(self, socket, request):
        if self.faults.refuse_status:
            self.refused += 1
            body = json.dumps({"error": {"message": "refused by the test double", "code": "invalid_api_key"}})
            refusal = socket.respond(self.faults.refuse_status, body)
            if self.faults.retry_after:
                refusal.headers["Retry-After"] = str(self.faults.retry_after)
            return refusal
        return None

    async def serve(self, socket):
        number = len(self.connections)
        connection = Connection(
            number, 400 + 37 * (number % 80), dict(socket.request.headers.raw_items()), socket.request.path)
        self.connections.append(connection)
        session = Session(socket, connection, self.faults)
        self.sessions.append(session)
        self.sockets.add(socket)
        try:
            await session.run()
        except websockets.exceptions.ConnectionClosed:
            pass
        finally:
            connection.open = False
            self.sockets.discard(socket)
            session.stop()


class Session:
    """The protocol's state for one connection."""

    def __init__(self, socket, connection, faults):
        self.socket = socket
        self.connection = connection
        self.faults = faults
        self.count = 0
        self.response = None
        self.expiry = None
        self.buffered = 0

    def stop(self):
        if self.expiry:
            self.expiry.cancel()
        if self.response:
            self.response.cancel()

    async def send(self, kind, **fields):
        self.count += 1
        if self.faults.beta:
            if kind in {"conversation.item.done"}:
                return
            kind = OLD_NAMES.get(kind, kind)
        event_id = f"event_{self.connection.number}_{self.count}"
        await self.socket.send(json.dumps({"type": kind, "event_id": event_id, **fields}))

    async def run(self):
        if self.faults.say_nothing:
            async for _ in self.socket:
                pass
            return
        if self.faults.first_error:
            await self.send("error", error=self.faults.first_error)
            await self.socket.close(1008, "refused by the test double")
            return
        self.connection.session = {
            "type": "realtime", "object": "realtime.session", "id": f"sess_{self.connection.number}",
            "model": "double", "output_modalities": ["audio"], "instructions": "", "tools": [],
            "audio": {"input": {"turn_detection": {"type": "server_vad"}}, "output": {"voice": "alloy"}},
        }
        if self.faults.beta:
            self.connection.session = {"id": self.connection.session["id"], "voice": "alloy", "turn_detection": None}
        await asyncio.sleep(self.faults.begin_pause_s)
        if self.faults.expires_in_s:
            # Rounded up: the double keeps its promise.
            self.connection.session["expires_at"] = int(time.time()) + self.faults.expires_in_s + 1
            self.expiry = asyncio.create_task(self.expire(self.connection.session["expires_at"] - time.time()))
        await self.send("session.created", session=self.connection.session)
        async for text in self.socket:
            event = json.loads(text)
            if event["type"] == "input_audio_buffer.append":
                audio = base64.b64decode(event["audio"], validate=True)
                size = len(audio)
                self.buffered += size
                self.connection.appended_bytes += size
                self.connection.heard += audio
                event = {"type": event["type"], "bytes": size}
            self.connection.events.append(event)
            handler = getattr(self, "on_" + event["type"].replace(".", "_"), None)
            if handler:
                await handler(event)

    async def expire(self, seconds):
        await asyncio.sleep(seconds)
        self.connection.expired = True
        message = "Your session hit the maximum duration of 60 minutes."
        try:
            await self.send("error", error={
                "type": "invalid_request_error", "code": "session_expired", "message": message})
            await self.socket.close(1001, message)
        except websockets.exceptions.ConnectionClosed:
            pass

    async def on_session_update(self, event):
        if self.faults.never_acknowledge:
            return
        if self.faults.beta:
            self.connection.session |= event["session"]
            await self.send("session.updated", session=self.connection.session)
            return
        update = event["session"]
        voice = update.get("audio", {}).get("output", {}).get("voice")
        if voice and voice not in VOICES:
            await self.error("invalid_value", f"Invalid value: '{voice}'.", "session.audio.output.voice")
            return
        current = self.connection.session
        if voice and self.connection.replies and voice != current["audio"]["output"]["voice"]:
            await self.error("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.")
            return
        for key, value in update.items():
            if key == "audio":
                for side, fields in value.items():
                    current["audio"].setdefault(side, {}).update(fields)
            else:
                current[key] = value
        await self.send("session.updated", session=current)

    async def on_conversation_item_create(self, event):
        item = {"id": f"item_c{self.count}", "object": "realtime.item", "status": "completed", **event["item"]}
        await self.send("conversation.item.added", item=item, previous_item_id=None)
        await self.send("conversation.item.done", item=item, previous_item_id=None)

    async def on_input_audio_buffer_commit(self, event):
        if self.buffered < RATE * 2 // 10:
            await self.error("input_audio_buffer_commit_empty", "buffer too small")
            return
        self.buffered = 0
        item = {"id": f"item_u{self.count}", "type": "message", "role": "user", "status": "completed", "content": []}
        await self.send("input_audio_buffer.committed", item_id=item["id"], previous_item_id=None)
        await self.send("conversation.item.added", item=item, previous_item_id=None)

    async def on_input_audio_buffer_clear(self, event):
        self.buffered = 0
        await self.send("input_audio_buffer.cleared")

    async def on_conversation_item_truncate(self, event):
        await self.send(
            "conversation.item.truncated", item_id=event["item_id"], content_index=0,
            audio_end_ms=event["audio_end_ms"])

    async def on_conversation_item_delete(self, event):
        await self.send("conversation.item.deleted", item_id=event["item_id"])

    async def on_response_create(self, event):
        if self.response and not self.response.done():
            self.connection.collisions += 1
            await self.error(
                "conversation_already_has_active_response",
                "Conversation already has an active response in progress.", event_id=event.get("event_id"))
            return
        self.response = asyncio.create_task(self.reply(event.get("response") or {}))

    async def on_response_cancel(self, event):
        if not self.response or self.response.done():
            await self.error("response_cancel_not_active", "Cancellation failed: no active response found")
            return
        self.connection.cancels += 1
        self.response.cancel()

    async def error(self, code, message, param=None, event_id=None):
        body = {"type": "invalid_request_error", "code": code, "message": message, "param": param,
                "event_id": event_id}
        await self.send("error", error=body)

    async def write(self, response, item, part, text):
        """A response in writing alone."""
        await self.send("response.output_text.delta", delta=text, **part)
        await self.send("response.output_text.done", text=text, **part)
        item |= {"status": "completed"}
        await self.send("conversation.item.done", item=item, previous_item_id=None)
        await self.send("response.output_item.done", response_id=response["id"], output_index=0, item=item)
        await self.send("response.done", response={**response, "status": "completed", "status_details": None})
        self.connection.finished += 1

    async def reply(self, request):
        self.connection.replies += 1
        reply = f"{self.connection.number}_{self.connection.replies}"
        response = {"id": f"resp_{reply}", "object": "realtime.response", "status": "in_progress", "output": [],
                    "metadata": request.get("metadata")}
        item, part = self.new_item(response, reply, 0)
        instructions = request.get("instructions") or ""
        spoken = instructions.split('"')[-2] if instructions.count('"') >= 2 else f"reply {reply}"
        if instructions and self.faults.greeting_transcript:
            spoken = self.faults.greeting_transcript
        if self.faults.close_before_created:
            # Once: whoever comes next is answered.
            code, self.faults.close_before_created = self.faults.close_before_created, None
            await self.socket.close(code, "by the test double")
            return
        try:
            await self.send("response.created", response=response)
            if self.faults.fail_response:
                response |= {"status": "failed", "status_details": {
                    "type": "failed", "error": {"type": "server_error", "code": self.faults.fail_response}}}
                await self.send("response.done", response=response)
                return
            for index in range(self.faults.items):
                if index:
                    await self.end_item(item, part, spoken, "completed")
                    item, part = self.new_item(response, reply, index)
                await self.send("response.output_item.added", item=item, **place(part))
                await self.send("conversation.item.added", item=item, previous_item_id=None)
                if request.get("output_modalities") == ["text"]:
                    await self.write(response, item, part, spoken)
                    return
                await self.send("response.output_audio_transcript.delta", delta=spoken, **part)
                audio = tone(self.connection.frequency, self.faults.reply_ms)
                for number, start in enumerate(range(0, len(audio), 9_600)):
                    if self.faults.abort_mid_delta and number == 1:
                        self.socket.transport.abort()
                        return
                    if self.faults.close_mid_delta and number == 1:
                        await self.socket.close(self.faults.close_mid_delta, "by the test double")
                        return
                    delta = base64.b64encode(audio[start:start + 9_600]).decode()
                    await self.send("response.output_audio.delta", delta=delta, **part)
                    await asyncio.sleep(self.faults.delta_pause_s)
            status, details = "completed", None
        except asyncio.CancelledError:
            status, details = "cancelled", {"type": "cancelled", "reason": "client_cancelled"}
        except websockets.exceptions.ConnectionClosed:
            return
        try:
            await self.end_item(item, part, spoken, "completed" if status == "completed" else "incomplete")
            await self.send("response.done", response={
                **response, "status": status, "status_details": details, "usage": self.faults.usage})
            self.connection.finished += 1
        except websockets.exceptions.ConnectionClosed:
            pass


    def new_item(self, response, reply, index):
        name = f"item_{reply}" + (f"_{index}" if index else "")
        item = {"id": name, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        return item, {"response_id": response["id"], "item_id": name, "output_index": index, "content_index": 0}

    async def end_item(self, item, part, spoken, status):
        await self.send("response.output_audio.done", **part)
        await self.send("response.output_audio_transcript.done", transcript=spoken, **part)
        item |= {"status": status}
        await self.send("conversation.item.done", item=item, previous_item_id=None)
        await self.send("response.output_item.done", item=item, **place(part))


def place(part):
    return {key: part[key] for key in ["response_id", "output_index"]}


OLD_NAMES = {
    "response.output_audio.delta": "response.audio.delta", "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "conversation.item.added": "conversation.item.created",
}
VOICES = {"alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"}
