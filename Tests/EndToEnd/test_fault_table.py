"""Fault script × what the person at the phone hears of it.

Each row is a script in `faults/` that the model plays, and a function below that is the phone. A row holds when the phone
hears what the function says and the script was played to its end, no step missed and no event too many: so each row also
says how the gateway deals with the model. Rows run side by side, each with a gateway of its own.
"""

import asyncio
import json
import re

import jsonschema
import pytest
import pytest_asyncio
import yaml

from gateway import ROOT, TINA, Gateway, dominant_frequency, wav_samples
from scripted_model import FOLDER, ScriptedModel

AT_A_TIME = 6
ROWS = {}


def row(*names, **settings):
    """The phone's part in one script, or in several; `settings` are the gateway's."""
    def add(play):
        for name in names:
            assert name not in ROWS, name
            ROWS[name] = (play, {f"VAANI_{key.upper()}": value for key, value in settings.items()})
        return play
    return add


class Caller:
    """A phone that types."""

    def __init__(self, phone, name):
        self.phone = phone
        self.name = name

    async def choose(self):
        await self.phone.choose(TINA, greet=False)

    async def ask(self, text="How will my week be?"):
        await self.phone.send(type="text", text=text)

    async def hears(self, *, hertz=600, milliseconds=200, text="All is well."):
        """The next answer, whole."""
        reply = await self.phone.until("audio_response")
        samples = wav_samples(reply)
        assert len(samples) == milliseconds * 24
        assert abs(dominant_frequency(samples) - hertz) < 12
        words = await self.phone.until("text_response")
        assert words["text"] == text and words["response_id"] == reply["response_id"]

    async def answered(self, **answer):
        await self.ask()
        await self.hears(**answer)

    async def told(self, code, *, choosing=False):
        """The next error has that code, and says nothing of the provider's."""
        if choosing:
            await self.phone.send(type="config", astrologer_id=TINA, greet=False)
        while (message := await self.phone.receive())["type"] != "error":
            assert message["type"] != "audio_response", "an answer came instead of the error"
        assert message["code"] == code, message
        assert "sk-" not in str(message) and not message.get("fatal")

    async def hears_nothing(self, seconds=0.4):
        with pytest.raises(TimeoutError):
            message = await self.phone.receive(seconds)
            raise AssertionError(f"{message} is one too many")


# Reaching the model

@row("refused-key")
async def _(caller):
    await caller.told("upstream_auth", choosing=True)


@row("refused-busy")
async def _(caller):
    await caller.told("rate_limited", choosing=True)


@row("refused-once", "closes-before-session", "resets-at-once", "slow-to-begin")
async def _(caller):
    await caller.choose()
    await caller.answered()


@row("refused-twice", "redirected", "configuration-refused", "wrong-dialect")
async def _(caller):
    await caller.told("upstream_unavailable", choosing=True)


@row("silent", "never-configured", upstream_setup_timeout="1s")
async def _(caller):
    await caller.told("upstream_timeout", choosing=True)


@row("no-credit-at-first")
async def _(caller):
    await caller.told("upstream_quota", choosing=True)


# Answering

@row("slow-first-word")
async def _(caller):
    await caller.choose()
    await caller.answered(text="I had to think.")


@row("no-first-word", upstream_answer_timeout="1s")
async def _(caller):
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_timeout")
    await caller.answered()


@row(*(f"closes-{code}-mid-answer" for code in (1000, 1001, 1011, 1012, 4999)), "resets-mid-answer",
     "half-closes-mid-answer", "closes-before-answer", "expires-mid-answer")
async def _(caller):
    """The question is asked again on another line, and one whole answer is heard."""
    await caller.choose()
    await caller.answered()
    await caller.hears_nothing()


@row("breaks-twice")
async def _(caller):
    """Not a third time: the user is told, and may ask again."""
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_unavailable")
    await caller.answered()


@row("stalls-mid-answer", upstream_answer_timeout="1s")
async def _(caller):
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_timeout")
    await caller.answered()


@row("text-stalls", upstream_answer_timeout="1s")
async def _(caller):
    await caller.choose()
    await caller.phone.send(type="state", output="text")
    await caller.ask()
    await caller.told("upstream_timeout")
    await caller.ask()
    assert (await caller.phone.until("text_response"))["text"] == "All is well."


@row("error-about-nothing")
async def _(caller):
    await caller.choose()
    await caller.answered()


@row("expires-while-idle")
async def _(caller):
    await caller.choose()
    await caller.answered(hertz=500, text="First.")
    await asyncio.sleep(1)
    await caller.answered()


@row("answer-rate-limited")
async def _(caller):
    await caller.choose()
    await caller.ask()
    await caller.told("rate_limited")
    await caller.answered()


@row("answer-fails", "request-refused")
async def _(caller):
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_unavailable")
    await caller.answered()


@row("answer-no-credit")
async def _(caller):
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_quota")


@row("already-answering")
async def _(caller):
    await caller.choose()
    await caller.answered()


@row("empty-answer", "done-without-created", "beta-unannounced")
async def _(caller):
    """There is nothing to hear: that is told, and the next turn is not held up by it."""
    await caller.choose()
    await caller.ask()
    await caller.told("upstream_unavailable")
    if caller.name != "beta-unannounced":
        await caller.answered()


@row("text-answer")
async def _(caller):
    await caller.choose()
    await caller.ask()
    assert (await caller.phone.until("text_response"))["text"] == "I have lost my voice."
    await caller.answered()


@row("several-items")
async def _(caller):
    """Together they are one answer."""
    await caller.choose()
    await caller.ask()
    samples = wav_samples(await caller.phone.until("audio_response"))
    assert len(samples) == 600 * 24
    assert (await caller.phone.until("text_response"))["text"] == "One. Two. Three."


@row("cancelled-by-the-model")
async def _(caller):
    """What was said so far is heard; the next turn is answered."""
    await caller.choose()
    await caller.ask()
    await asyncio.sleep(0.5)
    await caller.ask()
    reply = await caller.phone.until("audio_response")
    if len(wav_samples(reply)) == 300 * 24:
        reply = await caller.phone.until("audio_response")
    assert abs(dominant_frequency(wav_samples(reply)) - 600) < 12


# Order, and what nobody expects

@row("events-twice")
async def _(caller):
    """Each answer is heard once."""
    await caller.choose()
    await caller.ask()
    await caller.phone.until("audio_response")
    await caller.answered()
    await caller.hears_nothing()


@row("out-of-order")
async def _(caller):
    """Only the answer's own audio is heard."""
    await caller.choose()
    await caller.answered(text="In time.")
    await caller.hears_nothing()


@row("unknown-events", "bad-base64", "garbage-bad-json", "garbage-not-an-object", "garbage-no-type", "garbage-empty-text",
     "garbage-deep-json", "garbage-binary")
async def _(caller):
    """Passed over."""
    await caller.choose()
    await caller.answered()


@row("breaks-rules-invalid-utf8", "breaks-rules-huge-frame", "breaks-rules-masked-frame", "breaks-rules-reserved-bit",
     "breaks-rules-bad-opcode", "breaks-rules-stray-continuation", "breaks-rules-bad-close-code")
async def _(caller):
    """The gateway leaves with the code that RFC 6455 has for it, and the answer comes whole from another line."""
    await caller.choose()
    await caller.answered()


# Life signs

@row("late-pong", upstream_ping_interval="300ms", upstream_hang_up="5s")
async def _(caller):
    await caller.choose()
    await caller.answered(hertz=500, text="First.")
    await asyncio.sleep(2)
    await caller.answered()


@row("no-pong", "cut-frame", upstream_ping_interval="300ms", upstream_hang_up="1s")
async def _(caller):
    """Noticed while nobody speaks, so that the next turn meets a sound line, and nobody is told."""
    await caller.choose()
    await caller.answered(hertz=500, text="First.")
    await asyncio.sleep(2.5)
    await caller.answered()


# Dialects

@row("beta", upstream_dialect="beta")
async def _(caller):
    await caller.choose()
    await caller.answered()


async def play(name):
    caller_plays, settings = ROWS[name]
    async with ScriptedModel(FOLDER / f"{name}.yaml") as model:
        async with Gateway(upstream=model, environment=settings) as gateway:
            async with gateway.connect() as phone:
                await caller_plays(Caller(phone, name))
            assert "sk-" not in gateway.logs


@pytest_asyncio.fixture(scope="module")
async def running(request):
    """Every row that was asked for, under way."""
    names = [item.callspec.params["name"] for item in request.session.items if item.fspath == request.fspath
             and getattr(item, "callspec", None) and "name" in item.callspec.params]
    room = asyncio.Semaphore(AT_A_TIME)

    async def in_turn(name):
        async with room, asyncio.timeout(40):
            await play(name)

    tasks = {name: asyncio.create_task(in_turn(name)) for name in names}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("name", ROWS)
async def test_row(running, name):
    await running[name]


def scripts():
    return sorted([*FOLDER.glob("*.yaml"), *(ROOT / "docs/scripts").iterdir()])


@pytest.mark.parametrize("file", scripts(), ids=lambda file: file.stem)
def test_script_is_as_the_schema_says(file):
    document = json.loads((ROOT / "docs/schema/fault-script.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.Draft202012Validator(document).validate(yaml.safe_load(file.read_text()))


def test_no_script_is_without_its_row():
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(ROWS) and len(ROWS) >= 30


async def test_a_script_that_does_not_happen_is_told_by_its_line(tmp_path):
    script = tmp_path / "one.yaml"
    script.write_text("connections:\n  - steps:\n      - begin\n")
    model = ScriptedModel(script)
    with pytest.raises(AssertionError, match=re.escape("line 2: nobody connected")):
        async with model:
            pass
    assert model.process.returncode == 1
