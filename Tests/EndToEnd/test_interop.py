"""Clients that others wrote, each with its own idea of a WebSocket."""

import asyncio
import base64
import json

import aiohttp
import pytest
import websocket
import websockets.sync.client

from gateway import MOHIT, SERVER_MESSAGE, TINA, wav_samples


def config(persona):
    return json.dumps({"type": "config", "astrologer_id": persona})


async def test_aiohttp_holds_a_conversation(gateway, question):
    async with aiohttp.ClientSession() as http, http.ws_connect(gateway.url("/ws-mobile/aio"), max_msg_size=0) as socket:
        await socket.send_str(config(TINA))
        types = []
        while "text_response" not in types:
            message = json.loads((await socket.receive(10)).data)
            SERVER_MESSAGE.validate(message)
            types.append(message["type"])
        assert types == ["config_ack", "audio_response", "text_response"]
        await socket.send_json({"type": "audio", "audio": base64.b64encode(question).decode()})
        reply = await socket.receive_json(timeout=10)
        assert reply["type"] == "audio_response" and len(wav_samples(reply)) > 0
        await socket.close(code=1000)
        assert socket.close_code == 1000


async def test_aiohttp_reads_the_rest_routes(gateway):
    async with aiohttp.ClientSession(gateway.url("/")) as http:
        async with http.get("/api/personas", params={"language": "हिन्दी"}) as reply:
            assert reply.status == 200 and (await reply.json())["total"] == 0
        async with http.head("/livez") as reply:
            assert reply.status == 200 and await reply.read() == b""
        async with http.get("/ws-mobile/aio") as reply:
            assert reply.status == 426 and reply.headers["Upgrade"] == "websocket"


async def test_aiohttp_is_told_why_it_is_refused(gateway):
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(gateway.url("/ws-mobile/not%20a%20user"))
        assert refusal.value.status == 400


async def test_aiohttp_with_compression_on_offer_is_served_without(gateway):
    async with aiohttp.ClientSession() as http, http.ws_connect(gateway.url("/ws-mobile/aio"), compress=15) as socket:
        assert not socket.compress
        await socket.send_str('{"type":"ping","t":1}')
        assert (await socket.receive_json(timeout=5))["t"] == 1


async def test_the_blocking_client_of_websockets(gateway):
    def converse():
        with websockets.sync.client.connect(gateway.url("/ws-mobile/sync").replace("http", "ws"), max_size=None) as socket:
            socket.send(config(MOHIT))
            while (message := json.loads(socket.recv(10)))["type"] != "audio_response":
                SERVER_MESSAGE.validate(message)
            socket.ping().wait(5)
            return wav_samples(message)

    assert len(await asyncio.to_thread(converse)) > 0


async def test_websocket_client_which_sends_an_origin_of_its_own(gateway):
    def converse():
        socket = websocket.create_connection(gateway.url("/ws-mobile/wsclient").replace("http", "ws"), timeout=10)
        try:
            socket.send(config(MOHIT))
            while (message := json.loads(socket.recv()))["type"] != "audio_response":
                SERVER_MESSAGE.validate(message)
            return wav_samples(message)
        finally:
            socket.close()

    assert len(await asyncio.to_thread(converse)) > 0


async def test_fragments_of_any_size_are_one_message(gateway):
    async with gateway.connect() as phone:
        text = json.dumps({"type": "ping", "t": "नमस्ते 🙏" * 50}, ensure_ascii=False)
        await phone.socket.send(text[start:start + 7] for start in range(0, len(text), 7))
        assert (await phone.until("pong"))["t"] == "नमस्ते 🙏" * 50
