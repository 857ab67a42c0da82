"""`vaani serve` with language models: spoken questions are written down, answered by a model and spoken; and whatever the
model does, the phone gets an answer. The models are a double (`models_double.py`)."""

import asyncio
import json
import os
import subprocess

import pytest
import pytest_asyncio

from gateway import BUILD, MOHIT, ROOT, TINA, Gateway, eventually, wav_samples
from models_double import KEY, ModelsDouble
from test_embedded_engine import is_speech


@pytest_asyncio.fixture
async def models():
    async with ModelsDouble() as running:
        yield running


def started(models, folder, arguments=(), **roles):
    """A gateway whose embedded engine asks the double."""
    path = folder / "models.json"
    path.write_text(json.dumps(models.configuration(**roles)))
    environment = {"VAANI_MODELS_FILE": str(path), "VAANI_KEY_DOUBLE": KEY, "VAANI_LOG_LEVEL": "debug"}
    return Gateway(environment=environment, arguments=arguments)


async def answered(phone):
    """The next spoken reply and its words."""
    audio = await phone.until("audio_response", seconds=20)
    return audio, (await phone.until("text_response", seconds=20))["text"]


async def typed(phone, text="When should I marry?"):
    await phone.send(type="text", text=text)
    return await answered(phone)


def is_discreet(gateway, models):
    """Neither a key nor what was said is in the log."""
    return not any(secret in gateway.logs for secret in [KEY, models.answer, models.words, "marry"])


async def test_a_spoken_question_is_heard_answered_by_the_model_and_spoken(models, tmp_path, question):
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        await phone.until("text_response")
        await phone.speak(question)
        audio, text = await answered(phone)
        assert text == models.answer and is_speech(wav_samples(audio))
        [recording] = models.recordings
        assert recording.rate == 24_000 and recording.milliseconds > 500
        assert recording.fields == {"model": "double-speech", "response_format": "json", "language": "hi"}
        [chat] = models.chats
        assert chat["model"] == "double-chat" and chat["temperature"] == 0.7 and chat["max_tokens"] == 200
        system, *turns = chat["messages"]
        _, tina = await gateway.get(f"/api/personas/{TINA}")
        assert system["role"] == "system" and tina["name"] in system["content"]
        assert turns[-1] == {"role": "user", "content": models.words}
        assert models.keys == {f"Bearer {KEY}"}
        assert "answers by double-chat" in gateway.logs and "recognised by double-speech" in gateway.logs
        assert is_discreet(gateway, models)
        assert await gateway.metric("vaani_model_calls_total") == 2


async def test_the_conversation_so_far_is_told(models, tmp_path):
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        models.answer = "In spring, I think."
        audio, _ = await typed(phone)
        # A reply that is interrupted is told as far as it was heard; this one is heard.
        await asyncio.sleep(len(wav_samples(audio)) / 24_000 + 0.3)
        await typed(phone, "Why not in autumn?")
        turns = models.chats[-1]["messages"][-3:]
        assert [turn["content"] for turn in turns] == ["When should I marry?", models.answer, "Why not in autumn?"]


async def test_the_first_sentence_is_heard_before_the_last_is_written(models, tmp_path):
    models.answer = "This is the first sentence. " + "And this is another one. " * 12
    models.faults.piece_pause_s = 0.1
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        _, text = await typed(phone)
        assert text.split() == models.answer.split()
        latency = await gateway.metric("vaani_engine_first_audio_seconds_sum")
        assert latency < 5, "five seconds are written before the answer is whole"


async def test_hanging_up_ends_the_call_to_the_model(models, tmp_path):
    models.answer = "This is the first sentence. " + "word " * 500
    models.faults.piece_pause_s = 0.05
    async with started(models, tmp_path) as gateway:
        async with gateway.connect() as phone:
            await phone.greeted(MOHIT)
            await phone.send(type="text", text="When should I marry?")
            await eventually(lambda: models.chats, "the model is asked")
        await eventually(lambda: models.given_up == 1, "the transfer ends")


@pytest.mark.parametrize("fault", [
    {"chat_status": 500}, {"chat_status": 401}, {"chat_status": 429, "retry_after": "30"}, {"garbage": True},
    {"first_piece_pause_s": 30}, {"break_off_after": 0},
], ids=["failing", "refusing", "rate-limited", "garbage", "slow", "broken"])
async def test_a_model_in_trouble_is_stood_in_for_by_the_persona(models, tmp_path, fault):
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        for name, value in fault.items():
            setattr(models.faults, name, value)
        audio, text = await typed(phone)
        assert is_speech(wav_samples(audio)) and "You wrote" in text
        assert await gateway.metric("vaani_engine_fallbacks_total") == 1
        models.faults.__init__()
        assert (await typed(phone))[1] == models.answer, "and it is asked again the next time"
        assert is_discreet(gateway, models)


async def test_an_answer_that_breaks_off_stands_as_far_as_it_came(models, tmp_path):
    models.answer = "This is the first sentence. And this is another one that nobody will hear."
    models.faults.break_off_after = 8
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        _, text = await typed(phone)
        assert text.split() == "This is the first sentence. And this is".split()


async def test_trouble_that_passes_is_not_noticed(models, tmp_path):
    models.faults.failures = 1
    models.faults.refused_field = "stream_options"
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        assert (await typed(phone))[1] == models.answer
        assert ["stream_options" in chat for chat in models.chats] == [True, True, False]
        assert (await typed(phone))[1] == models.answer
        assert len(models.chats) == 4, "what was refused is not sent again"


@pytest.mark.parametrize("fault", [{"transcription_status": 401}, {"transcription_pause_s": 30}], ids=["refusing", "slow"])
async def test_speech_that_nobody_recognises_is_told_honestly(models, tmp_path, question, fault):
    for name, value in fault.items():
        setattr(models.faults, name, value)
    async with started(models, tmp_path) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        await phone.speak(question)
        audio, text = await answered(phone)
        assert is_speech(wav_samples(audio)) and "I heard you speak" in text
        assert models.chats == [], "no model makes up what a user may have said"


async def test_a_budget_that_is_used_up_costs_the_answer_and_nothing_else(models, tmp_path):
    path = tmp_path / "models.json"
    path.write_text(json.dumps({**models.configuration(), "budget": {"tokens_per_minute": 10}}))
    environment = {"VAANI_MODELS_FILE": str(path), "VAANI_KEY_DOUBLE": KEY}
    async with Gateway(environment=environment) as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.until("text_response")
        assert "You wrote" in (await typed(phone))[1]
        assert models.chats == []


def check(*arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("VAANI_", "OPENAI_"))}
    return subprocess.run(
        [str(BUILD / "vaani"), "check", "--personas", str(ROOT / "personas"), *arguments], capture_output=True, text=True,
        cwd=ROOT, env={**clean, **environment}, timeout=60)


async def test_vaani_check_names_every_fault_of_the_file(models, tmp_path):
    path = tmp_path / "models.json"
    path.write_text(json.dumps(models.configuration(reply={"endpoint": "nobody", "model": "m", "warmth": 1})))
    outcome = await asyncio.to_thread(check, "--models-file", str(path))
    assert outcome.returncode == 78
    for fault in ["endpoints.double.key_env: VAANI_KEY_DOUBLE is not there", "roles.reply.warmth: there is no such key",
                  'roles.reply.endpoint: there is no endpoint "nobody"']:
        assert fault in outcome.stderr
    path.write_text(json.dumps(models.configuration()))
    outcome = await asyncio.to_thread(check, "--models-file", str(path), VAANI_KEY_DOUBLE=KEY)
    assert outcome.returncode == 0, outcome.stderr
    assert "model for reply: double-chat at double" in outcome.stdout and KEY not in outcome.stdout + outcome.stderr


async def test_the_schema_and_the_program_agree(models):
    import jsonschema

    schema = json.loads((ROOT / "docs/schema/models.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    judge.validate(models.configuration())
    example = (ROOT / "docs/models.md").read_text().split("```json\n")[1].split("```")[0]
    judge.validate(json.loads(example))
    for wrong in [{}, models.configuration(reply={"endpoint": "double"}), {**models.configuration(), "extra": 1}]:
        assert not judge.is_valid(wrong)
