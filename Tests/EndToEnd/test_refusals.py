"""What is refused before the upgrade, and hostile bytes: a real status or close code, and the gateway goes on."""

import asyncio
import base64
import json
import os
import struct

import pytest

from gateway import TINA, Gateway

KEY = base64.b64encode(os.urandom(16)).decode()


def has_close(received):
    """Whether a close frame with a code has come, after the answer to an upgrade."""
    head, _, frames = received.partition(b"\r\n\r\n")
    return b" 101 " in head and len(frames) >= 4 and frames[0] == 0x88


async def raw(gateway, data, seconds=12, half_close=False):
    """Sends bytes and returns everything up to the end of the connection (or what came until the time is up)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    received = b""
    try:
        writer.write(data)
        await writer.drain()
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(seconds):
            # Who has read the close frame knows enough; the gateway would wait for the answer to it.
            while not has_close(received) and (piece := await reader.read(65_536)):
                received += piece
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return received


def upgrade(path="/ws-mobile/user-1", **changed):
    headers = {
        "Host": "127.0.0.1", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY, **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return (f"GET {path} HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


def status_of(reply):
    return int(reply.split(b" ", 2)[1]) if reply.startswith(b"HTTP/1.1 ") else None


def body_of(reply):
    return json.loads(reply.split(b"\r\n\r\n", 1)[1])


async def still_serves(gateway):
    status, _ = await gateway.get("/livez")
    assert status == 200 and gateway.process.returncode is None, gateway.logs[-2_000:]


@pytest.mark.parametrize("path, status", [
    ("/ws-mobile/", 400), ("/ws-mobile/a%2Fb", 400), ("/ws-mobile/%00", 400), ("/ws-mobile/a%20b", 400),
    ("/ws-mobile/" + "x" * 129, 400), ("/ws-mobile/%C3%A9", 400), ("/ws-mobile/..%2f..%2fetc", 400),
    ("/nowhere/user-1", 404), ("/ws-mobile/../admin", 404), ("/ws-mobile/a/b", 404),
])
async def test_a_bad_user_or_path_is_refused_before_the_upgrade(gateway, path, status):
    reply = await raw(gateway, upgrade(path))
    assert status_of(reply) in {status, 400}, reply[:200]
    assert body_of(reply)["message"]
    await still_serves(gateway)


async def test_a_plain_request_for_a_voice_endpoint_is_told_to_upgrade(gateway):
    status, reply = await gateway.get("/ws-mobile/user-1")
    assert status == 426, reply


@pytest.mark.parametrize("version", ["8", "12", "14", None])
async def test_another_websocket_version_gets_426_and_the_right_one(gateway, version):
    reply = await raw(gateway, upgrade(Sec_WebSocket_Version=version))
    assert status_of(reply) in {426, 400}, reply[:200]
    await still_serves(gateway)


@pytest.mark.parametrize("origin, status", [
    (None, 101), ("http://127.0.0.1", 101), ("null", 403), ("http://evil.example", 403),
    ("http://127.0.0.1.evil.example", 403),
])
async def test_only_allowed_origins_may_open_a_socket(gateway, origin, status):
    reply = await raw(gateway, upgrade(Origin=origin), seconds=1)
    assert status_of(reply) == status, reply[:300]


@pytest.mark.parametrize("request_bytes", [
    b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foobarbaz\r\n\r\n",
    b"GET /ws-mobile/u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /api/personas/reload HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/personas/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n",
    b"POST /api/personas/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/personas/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200),
    os.urandom(4_096),
    upgrade(Sec_WebSocket_Key=None), upgrade(Sec_WebSocket_Key="short"), upgrade(Host=None),
    upgrade(Sec_WebSocket_Protocol=", ".join(f"p{n}" for n in range(1_000))),
    upgrade(Sec_WebSocket_Protocol="token." + "x" * 8_000),
    upgrade(Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=99"),
    b"POST /ws-mobile/u HTTP/1.1\r\n" + upgrade().split(b"\r\n", 1)[1],
])
async def test_hostile_requests_do_no_harm(gateway, request_bytes):
    await raw(gateway, request_bytes, seconds=1.5, half_close=True)
    await still_serves(gateway)


async def test_an_unknown_subprotocol_is_accepted_without_the_header_or_refused_with_an_answer(gateway):
    reply = await raw(gateway, upgrade(Sec_WebSocket_Protocol="unheard.of"), seconds=1)
    assert status_of(reply) in {101, 400}, reply[:200]


async def test_a_body_over_the_limit_is_refused_before_it_is_read(gateway):
    head = b"POST /api/astrologers/match HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
    reply = await raw(gateway, head + b"x" * 1_000, seconds=3)
    assert status_of(reply) == 413, reply[:200]


async def test_silent_and_slow_connections_are_dropped_within_ten_seconds_and_others_are_served(gateway):
    started = asyncio.get_running_loop().time()
    silent = [asyncio.create_task(raw(gateway, b"", seconds=15)) for _ in range(50)]
    slow = [asyncio.create_task(raw(gateway, b"GET / HTTP/1.1\r\nHost: a\r\nX-", seconds=15)) for _ in range(50)]
    await still_serves(gateway)
    await asyncio.gather(*silent, *slow)
    assert asyncio.get_running_loop().time() - started < 12


async def test_beyond_the_connection_limit_there_is_503_with_retry_after(double):
    async with Gateway(upstream=double, environment={"VAANI_MAX_CONNECTIONS": "5"}) as gateway:
        phones = [gateway.connect(f"user-{number}") for number in range(5)]
        for phone in phones:
            await phone.__aenter__()
        reply = await raw(gateway, upgrade("/ws-mobile/one-more"), seconds=2)
        assert status_of(reply) == 503 and b"retry-after" in reply.lower(), reply[:300]
        for phone in phones:
            await phone.__aexit__()


# Frames

def frame(opcode, payload=b"", fin=True, masked=True, reserved=0, length=None):
    """One client frame; every part of it can be wrong."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = b"\x01\x02\x03\x04"
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


async def close_code(gateway, frames, seconds=12):
    """The close code that these frames earn; None where the connection just ended."""
    received = await raw(gateway, upgrade() + frames, seconds)
    assert status_of(received) == 101
    at = received.rfind(b"\x88")
    return struct.unpack(">H", received[at + 2:at + 4])[0] if at > 0 and len(received) >= at + 4 else None


PING_JSON = json.dumps({"type": "ping"}).encode()


@pytest.mark.parametrize("frames, codes", [
    (frame(1, PING_JSON, reserved=4), {1002}), (frame(1, PING_JSON, reserved=1), {1002}),
    (frame(3, b"x"), {1002}), (frame(11, b"x"), {1002}), (frame(0, b"x"), {1002}),
    (frame(1, b"a", fin=False) + frame(1, b"b"), {1002}), (frame(9, b"x", fin=False), {1002, None}),
    (frame(9, b"x" * 126), {1002, None}), (frame(1, b"\xff\xfe"), {1007}), (frame(1, b"\xed\xa0\x80"), {1007}),
    (frame(1, b"\xc0\xaf"), {1007}), (frame(1, b"", length=1 << 62), {1009, 1002, None}),
    (frame(1, b"", length=1 << 40) + b"x" * 1_000, {1009, 1002, None}),
    (frame(8, b"\x03"), {1002, None}), (frame(8, struct.pack(">H", 1000)), {1000}),
])
async def test_hostile_frames_get_their_close_code(gateway, frames, codes):
    assert await close_code(gateway, frames) in codes
    await still_serves(gateway)


async def test_a_million_empty_fragments_are_cut_off(gateway):
    flood = frame(1, b"{", fin=False) + frame(0, b"", fin=False) * 100_000
    assert await close_code(gateway, flood) in {1008, 1002, None}
    await still_serves(gateway)


async def test_a_message_over_the_limit_is_closed_with_1009(double):
    async with Gateway(upstream=double, environment={"VAANI_MAX_MESSAGE_BYTES": "65536"}) as gateway:
        assert await close_code(gateway, frame(1, b"x" * 65_537)) == 1009


# Events

HOSTILE_TEXTS = [
    "", " ", "null", "[]", "1", '"x"', "{", "{}", '{"type":null}', '{"type":7}', '{"type":"ping"} {"type":"ping"}',
    '{"type":"config"}', '{"type":"config","astrologer_id":{}}', '{"type":"config","astrologer_id":"../../etc/passwd"}',
    '{"type":"config","astrologer_id":"' + "x" * 300 + '"}', '{"type":"' + "x" * 10_000 + '"}',
    '{"type":"__proto__"}', '{"type":"session.created"}', '{"type":"response.done"}',
    '{"type":"text","text":7}', '{"type":"text"}', '{"type":"text","text":""}', '{"type":"audio"}',
    '{"type":"audio","audio":7}', '{"type":"audio","audio":"####"}', '{"type":"audio","audio":"QUJ"}',
    '{"type":"audio","audio":"QU JD"}', '{"type":"audio_chunk","audio":"!!!!"}', '{"type":"ping","t":1e999}',
    '{"type":"ping","t":123456789012345678901234567890}', '{"type":"ping","type":"ping"}',
    '{"type":"config","astrologer_id":"%n%s${jndi:ldap://x}"}', '{"type":"ping","t":"\\ud800"}',
    '{"a":' + "[" * 100_000 + "]" * 100_000 + "}", '{"a":' * 5_000 + "1" + "}" * 5_000,
    "{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}", "\ufeff" + '{"type":"ping"}',
]


async def test_hostile_events_are_answered_or_ignored_and_the_session_lives(gateway):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        await phone.until("text_response")
        for text in HOSTILE_TEXTS:
            await phone.socket.send(text)
            await phone.send(type="ping", t="alive")
            while True:
                message = await phone.receive()
                assert message["type"] in {"error", "warning", "pong"}, (text[:80], message)
                if message["type"] == "pong" and message.get("t") == "alive":
                    break
                assert text[:40] not in message.get("message", "") or len(text) < 40, "errors do not echo input"
    await still_serves(gateway)


async def test_a_binary_frame_to_a_legacy_session_is_refused_with_words_or_a_close(gateway):
    import websockets

    async with gateway.connect() as phone:
        await phone.socket.send(b"\x00\x01\x02")
        try:
            await phone.send(type="ping")
            assert (await phone.receive())["type"] in {"error", "warning", "pong"}
        except websockets.exceptions.ConnectionClosed as closed:
            assert closed.rcvd.code in {1003, 4400}
    await still_serves(gateway)


async def test_a_flood_of_messages_is_ended_with_4429(gateway):
    import websockets

    async with gateway.connect() as phone:
        reader = asyncio.create_task(drain(phone))
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            for _ in range(200):
                await asyncio.gather(*(phone.socket.send('{"type":"ping"}') for _ in range(200)))
            await reader
        with pytest.raises(websockets.exceptions.ConnectionClosed) as ended:
            await asyncio.wait_for(reader, 10)
        assert ended.value.rcvd.code == 4429
    await still_serves(gateway)


async def drain(phone):
    while True:
        await phone.socket.recv()
