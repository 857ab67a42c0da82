"""No key, no network: the embedded engine greets, listens, answers and switches, over the same wire."""

import os
import subprocess
import wave

import numpy

from gateway import BUILD, FIXTURES, MOHIT, ROOT, TINA, Gateway, eventually, wav_samples


def is_speech(samples):
    """Loud enough, and changing: neither silence nor a steady tone."""
    frames = samples[: len(samples) // 480 * 480].reshape(-1, 480).astype(float)
    levels = numpy.sqrt((frames**2).mean(axis=1))
    return len(samples) > 12_000 and levels.max() > 500 and levels.std() > 0.2 * levels.mean()


async def test_the_main_job_from_greeting_to_switch_without_key_or_network(question):
    async with Gateway() as gateway, gateway.connect() as phone:
        greeting = await phone.greeted(TINA)
        assert is_speech(wav_samples(greeting))
        spoken = await phone.until("text_response")
        _, tina = await gateway.get(f"/api/personas/{TINA}")
        assert spoken["text"] == tina["greeting"]
        reply = await phone.ask(question)
        assert is_speech(wav_samples(reply))
        answer = await phone.until("text_response")
        assert answer["text"] != tina["greeting"] and any("\u0900" <= letter <= "\u097f" for letter in answer["text"])
        await phone.greeted(MOHIT)
        english = await phone.until("text_response")
        assert not any("\u0900" <= letter <= "\u097f" for letter in english["text"])


async def test_the_start_screen_says_which_model_answers():
    async with Gateway() as gateway:
        await eventually(lambda: "built-in engine" in gateway.logs, "the start screen is printed")
        status, report = await gateway.get("/api/status")
        assert status == 200 and "embedded" in str(report).lower()


async def test_typed_text_is_answered_in_the_personas_language():
    async with Gateway() as gateway, gateway.connect() as phone:
        await phone.greeted(MOHIT)
        await phone.send(type="text", text="When should I marry?")
        assert is_speech(wav_samples(await phone.until("audio_response")))


async def test_vaani_talk_saves_a_reply_that_can_be_heard(tmp_path):
    async with Gateway() as gateway:
        question = next(path for path in sorted(FIXTURES.glob("*.m4a")))
        saved = tmp_path / "reply.wav"
        talk = subprocess.Popen(
            [str(BUILD / "vaani"), "talk", "--url", f"ws://127.0.0.1:{gateway.port}", "--persona", "tina",
             "--audio", str(question), "--save", str(saved)],
            env={key: value for key, value in os.environ.items() if not key.startswith("VAANI_")}, cwd=ROOT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        await eventually(lambda: talk.poll() is not None, "talk ends by itself", seconds=30)
        assert talk.returncode == 0, talk.communicate()
        with wave.open(str(saved)) as reply:
            assert reply.getframerate() == 24_000
            assert is_speech(numpy.frombuffer(reply.readframes(reply.getnframes()), "<i2"))


async def test_a_killed_speech_helper_costs_one_sentence_at_most():
    async with Gateway() as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        children = subprocess.run(
            ["pgrep", "-P", str(gateway.process.pid), "vaani-speech"], capture_output=True, text=True).stdout.split()
        assert children
        for child in children:
            os.kill(int(child), 9)
        for _ in range(3):
            await phone.send(type="text", text="hello")
            message = await phone.until("audio_response", "error")
        assert message["type"] == "audio_response" and is_speech(wav_samples(message))
