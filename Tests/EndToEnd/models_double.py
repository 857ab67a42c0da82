"""A double of a server with OpenAI's API of chat completions and audio transcriptions, for tests: it is not a model, it
understands nothing, and it says so in its Server header.

It answers every chat with the text that the test gave it, streamed in pieces or whole, writes down every recording as the
words that the test gave it, and records what it was asked. Faults are switched on through `Faults`.
"""

import asyncio
import io
import json
import wave
from dataclasses import dataclass, field

from aiohttp import web

KEY = "sk-models-canary-0123456789"
SERVER = "vaani-test-double (not a model)"


@dataclass
class Faults:
    """What goes wrong; everything is off by default."""

    chat_status: int | None = None
    failures: int = 0
    retry_after: str | None = None
    garbage: bool = False
    first_piece_pause_s: float = 0.0
    piece_pause_s: float = 0.0
    break_off_after: int | None = None
    refused_field: str | None = None
    transcription_status: int | None = None
    transcription_pause_s: float = 0.0


@dataclass
class Recording:
    """One recording as the double got it."""

    milliseconds: int
    rate: int
    fields: dict


class ModelsDouble:
    """`async with ModelsDouble() as models:` listens on 127.0.0.1 and a port of its own."""

    def __init__(self):
        self.faults = Faults()
        self.answer = "बसंत में आपका विवाह होगा। चिंता मत कीजिए।"
        self.words = "मेरी शादी कब होगी?"
        self.chats = []
        self.recordings = []
        self.keys = set()
        self.given_up = 0

    async def __aenter__(self):
        application = web.Application(client_max_size=32 << 20)
        application.router.add_post("/v1/chat/completions", self.chat)
        application.router.add_post("/v1/audio/transcriptions", self.transcribe)
        application.on_response_prepare.append(self.sign)
        # A client that leaves ends its handler, so that the tests see transfers that are cancelled.
        self.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    async def sign(self, _, response):
        response.headers["Server"] = SERVER

    def configuration(self, **roles):
        """A models.json that names this double."""
        return {
            "endpoints": {"double": {"url": self.url, "key_env": "VAANI_KEY_DOUBLE"}},
            "roles": {
                "reply": {"endpoint": "double", "model": "double-chat", "temperature": 0.7, "max_tokens": 200},
                "transcription": {"endpoint": "double", "model": "double-speech"},
                **roles,
            },
        }

    def refusal(self, status, code, message):
        headers = {"Retry-After": self.faults.retry_after} if self.faults.retry_after else {}
        return web.json_response({"error": {"message": message, "code": code}}, status=status, headers=headers)

    async def chat(self, request):
        self.keys.add(request.headers.get("Authorization"))
        body = await request.json()
        self.chats.append(body)
        if self.faults.failures > 0:
            self.faults.failures -= 1
            return self.refusal(503, "overloaded", "the double is told to fail")
        if self.faults.chat_status:
            return self.refusal(self.faults.chat_status, "told_to", f"you asked: {body['messages'][-1]['content']}")
        if self.faults.refused_field in body:
            return self.refusal(400, "unsupported_parameter", f"Unsupported parameter: {self.faults.refused_field}")
        if self.faults.garbage:
            return web.Response(text="data: {\"choices\": [[]]\n\n<html>what is this</html>\n\n")
        if not body.get("stream"):
            await asyncio.sleep(self.faults.first_piece_pause_s)
            return web.json_response({
                "model": "double-chat", "choices": [{"message": {"content": self.answer}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5}})
        return await self.stream(request)

    async def stream(self, request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await asyncio.sleep(self.faults.first_piece_pause_s)
            for number, word in enumerate(self.answer.split(" ")):
                if number == self.faults.break_off_after:
                    request.transport.abort()
                    return response
                piece = word if number == 0 else " " + word
                await self.event(response, choices=[{"index": 0, "delta": {"content": piece}}])
                await asyncio.sleep(self.faults.piece_pause_s)
            await self.event(response, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
            await self.event(response, choices=[], usage={"prompt_tokens": 10, "completion_tokens": 5})
            await response.write(b"data: [DONE]\n\n")
        except (asyncio.CancelledError, ConnectionError):
            self.given_up += 1
            raise
        return response

    async def event(self, response, **fields):
        await response.write(f"data: {json.dumps({'model': 'double-chat', **fields})}\n\n".encode())

    async def transcribe(self, request):
        self.keys.add(request.headers.get("Authorization"))
        form = await request.post()
        with wave.open(io.BytesIO(form["file"].file.read())) as recording:
            rate, frames = recording.getframerate(), recording.getnframes()
            assert recording.getnchannels() == 1 and recording.getsampwidth() == 2
        fields = {key: value for key, value in form.items() if key != "file"}
        self.recordings.append(Recording(frames * 1000 // rate, rate, fields))
        await asyncio.sleep(self.faults.transcription_pause_s)
        if self.faults.transcription_status:
            return self.refusal(self.faults.transcription_status, "told_to", "the double is told to fail")
        return web.json_response({"text": self.words})
