"""A greeting that was spoken once is played at once the next time."""

import json

from gateway import MOHIT, TINA, Gateway, eventually, wav_samples


async def greeting(gateway, user, persona=TINA):
    async with gateway.connect(user) as phone:
        message = await phone.greeted(persona)
        text = await phone.until("text_response")
        return wav_samples(message), text["text"]


async def test_the_second_user_hears_the_same_greeting_without_asking_the_model(double):
    async with Gateway(upstream=double, environment={"VAANI_GREETING_CACHE": "memory"}) as gateway:
        first, said = await greeting(gateway, "first")
        again, repeated = await greeting(gateway, "second")
        assert (first == again).all() and said == repeated
        assert double.connections[0].of_type("response.create") and not double.connections[1].of_type("response.create")
        [item] = double.connections[1].of_type("conversation.item.create")
        assert item["item"]["role"] == "system" and said in item["item"]["content"][0]["text"]
        await greeting(gateway, "third", MOHIT)
        assert double.connections[2].of_type("response.create"), "another persona has another greeting"


async def test_a_question_after_a_cached_greeting_is_answered(double, question):
    async with Gateway(upstream=double, environment={"VAANI_GREETING_CACHE": "memory"}) as gateway:
        await greeting(gateway, "first")
        async with gateway.connect("second") as phone:
            await phone.greeted(TINA)
            await phone.until("text_response")
            await phone.ask(question)
            kinds = [event["type"] for event in double.connections[-1].events]
            assert "conversation.item.truncate" not in kinds and "conversation.item.delete" not in kinds


async def test_a_greeting_in_other_words_is_not_kept(double):
    double.faults.greeting_transcript = "Something else entirely."
    async with Gateway(upstream=double, environment={"VAANI_GREETING_CACHE": "memory"}) as gateway:
        await greeting(gateway, "first")
        await greeting(gateway, "second")
        assert double.connections[1].of_type("response.create")
        assert await gateway.metric("vaani_greeting_drifts_total") == 2


async def test_greetings_outlive_a_restart_in_their_folder(double, tmp_path):
    folder = tmp_path / "greetings"
    environment = {"VAANI_GREETING_CACHE": str(folder)}
    async with Gateway(upstream=double, environment=environment) as gateway:
        first, _ = await greeting(gateway, "first")
        await eventually(lambda: list(folder.glob("*.pcm")), "the greeting is on disk")
    assert folder.stat().st_mode & 0o077 == 0
    async with Gateway(upstream=double, environment=environment) as gateway:
        again, _ = await greeting(gateway, "second")
        assert (first == again).all() and not double.connections[-1].of_type("response.create")
