"""The dialects of clients that can never be updated: what they are sent is held against transcripts that must not change.

A golden file holds the script of a conversation and every frame of the answer, field by field, with audio as its format
and length. Fields may be added to the protocol; those that a golden file names stay as they are, and no frame comes or goes.
"""

import base64
import json
import pathlib

import pytest

from gateway import Phone

GOLDEN = sorted((pathlib.Path(__file__).parent / "golden").glob("*.json"))


def described(message):
    """A frame without what differs from one run to the next."""
    shown = {key: value for key, value in message.items() if key not in ("response_id", "server_t")}
    if "audio" in shown:
        audio = base64.b64decode(shown["audio"], validate=True)
        shown["audio"] = f"{'RIFF' if audio[:4] == b'RIFF' else 'PCM16'} of {len(audio)} bytes"
    return shown


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_a_client_of_the_field_is_answered_as_ever(gateway, question, path):
    golden = json.loads(path.read_text())
    url = f"ws://127.0.0.1:{gateway.port}{golden['path']}"
    async with Phone(url) as phone:
        for step in golden["conversation"]:
            for frame in step["client"]:
                if frame.get("audio") == "QUESTION":
                    frame = {**frame, "audio": base64.b64encode(question).decode()}
                await phone.socket.send(json.dumps(frame))
            for expected in step["server"]:
                shown = described(await phone.receive())
                assert {key: shown.get(key) for key in expected} == expected
        # Nothing follows but the answer to this.
        await phone.send(type="ping", t="the end")
        assert (await phone.receive())["type"] == "pong"
