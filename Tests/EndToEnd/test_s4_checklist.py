"""The rest of the acceptance list of the astrologer gateway: what each field of a persona does, and the checklist."""

import asyncio
import json
import re

import pytest

from gateway import HARSH, MOHIT, PRIYANKA, ROOT, TINA, Gateway
from personas import add, personas_with

FOUR = [TINA, MOHIT, PRIYANKA, HARSH]
VOICES = {TINA: "coral", MOHIT: "ash", PRIYANKA: "shimmer", HARSH: "echo"}
LANGUAGES = {TINA: "hi", MOHIT: "en", PRIYANKA: "en", HARSH: "hi"}


async def listed(gateway, query=""):
    _, reply = await gateway.get(f"/api/astrologers{query}")
    return {entry["id"]: entry for entry in reply["astrologers"]}


async def persona_and_compiled(gateway, persona):
    _, authored = await gateway.get(f"/api/personas/{persona}")
    _, compiled = await gateway.get(f"/api/personas/{persona}/compiled")
    return authored, compiled


def test_S4_14_astrologers_come_from_one_file():
    document = json.loads((ROOT / "personas/astrologers.json").read_text())
    assert {"astrologers", "voice_mappings", "language_instructions"} <= document.keys()
    assert [entry["astrologer_id"] for entry in document["astrologers"]] == FOUR


async def test_S4_17_only_a_known_id_changes_the_persona(gateway, double):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        for message in [{"type": "config"}, {"type": "config", "astrologer_id": "nobody"}, {"type": "state"}, {"type": "text"}]:
            await phone.socket.send(json.dumps(message))
        await phone.socket.send('{"type":"ping","t":"done"}')
        while (await phone.receive()).get("t") != "done":
            pass
        assert len(double.connections) == 1
        await phone.choose(MOHIT)
        assert len(double.connections) == 2


@pytest.mark.parametrize("persona", FOUR)
async def test_S4_19_S4_23_S4_24_S4_26_S4_54_S4_56_every_field_does_what_it_says(gateway, double, persona):
    authored, compiled = await persona_and_compiled(gateway, persona)
    instructions = compiled["instructions"]
    card = (await listed(gateway))[persona]
    assert card["speciality"] == authored["speciality"] and card["description"] == authored["persona"]
    assert authored["persona"] not in instructions, "the card is for lists"
    assert f"Field: {authored['speciality']}" in instructions and f"Name: {authored['name']}" in instructions
    assert authored["steer_back"] in instructions
    async with gateway.connect() as phone:
        await phone.choose(persona)
        told = double.connections[-1].instructions
        assert told == instructions
        assert all(keyword in told for keyword in authored["expertise_keywords"])


@pytest.mark.parametrize("persona", FOUR)
async def test_S4_20_S4_57_voice_and_language_reach_the_model(gateway, double, persona):
    authored, compiled = await persona_and_compiled(gateway, persona)
    sentence = json.loads((ROOT / "personas/astrologers.json").read_text())["language_instructions"][authored["language"]]
    assert sentence in compiled["instructions"]
    async with gateway.connect() as phone:
        acknowledged = await phone.choose(persona)
        assert acknowledged["persona"]["language"] == LANGUAGES[persona]
    connection = double.connections[-1]
    assert connection.voice == VOICES[persona] == acknowledged["persona"]["voice"]
    assert connection.session["audio"]["input"]["transcription"]["language"] == LANGUAGES[persona]


async def test_S4_18_a_new_name_is_everywhere_after_a_reload(double, tmp_path):
    folder = personas_with(tmp_path)
    path = folder / "astrologers.json"
    async with Gateway(upstream=double, personas=folder) as gateway:
        document = json.loads(path.read_text())
        document["astrologers"][0]["name"] = "Tina Joshi"
        del document["astrologers"][0]["steer_back"]
        path.write_text(json.dumps(document, ensure_ascii=False))
        await gateway.get("/api/personas/reload", "POST")
        async with gateway.connect() as phone:
            assert (await phone.choose(TINA))["persona"]["name"] == "Tina Joshi"
        assert double.connections[-1].instructions.count("Tina Joshi") == 2


async def test_S4_27_who_is_not_active_is_neither_listed_nor_reached(double, tmp_path):
    folder = personas_with(tmp_path, gone={"status": "on leave"})
    async with Gateway(upstream=double, personas=folder) as gateway:
        assert "gone" not in await listed(gateway)
        assert "gone" in await listed(gateway, "?status=on%20leave")
        async with gateway.connect() as phone:
            await phone.send(type="config", astrologer_id="gone")
            assert (await phone.receive())["code"] == "persona_inactive"


async def test_S4_39_S4_44_pricing_is_listed(gateway):
    for card in (await listed(gateway)).values():
        assert card["price_per_minute"] > 0 and card["pricing"]["currency"] == "INR"


async def test_S4_40_S4_43_outside_its_hours_a_persona_says_when_it_opens(double, tmp_path):
    # Open for the one minute that is farthest from now, whatever the time is.
    import datetime

    minute = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=12)
    hours = f"{minute:%H:%M}-{minute + datetime.timedelta(minutes=1):%H:%M}"
    closed = {"availability": {"timezone": "UTC", "hours": hours}}
    folder = personas_with(tmp_path, closed=closed, wrong={"availability": {"timezone": "UTC", "hours": "9 to 5"}})
    async with Gateway(upstream=double, personas=folder) as gateway:
        _, report = await gateway.get("/api/personas/reload", "POST")
        assert [entry["id"] for entry in report["rejected"]] == ["wrong"]
        async with gateway.connect() as phone:
            await phone.send(type="config", astrologer_id="closed")
            refusal = await phone.receive()
            assert refusal["code"] == "persona_unavailable"
            assert f"{minute:%Y-%m-%dT%H:%M}:00Z" in refusal["message"]
    async with Gateway(upstream=double, personas=folder, environment={"VAANI_OPENING_HOURS": "false"}) as gateway:
        async with gateway.connect() as phone:
            await phone.choose("closed")


async def test_S4_46_S4_51_S4_52_S4_53_three_users_have_three_sessions_upstreams_and_prompts(gateway, double):
    phones = [gateway.connect(f"user-{number}") for number in range(3)]
    for phone, persona in zip(phones, [TINA, MOHIT, PRIYANKA]):
        await phone.__aenter__()
        await phone.greeted(persona)
    _, report = await gateway.get("/api/admin/sessions")
    sessions = {entry["user"]: entry for entry in report["items"]}
    assert report["total"] == 3 and len({entry["session_id"] for entry in sessions.values()}) == 3
    assert [sessions[f"user-{n}"]["persona"] for n in range(3)] == [TINA, MOHIT, PRIYANKA]
    assert len({entry["persona_sha256"] for entry in sessions.values()}) == 3
    assert all(entry["upstreams"] == 1 for entry in sessions.values())
    await phones[1].__aexit__()
    async with asyncio.timeout(1):
        while len(double.open) != 2:
            await asyncio.sleep(0.01)
    assert {connection.voice for connection in double.open} == {VOICES[TINA], VOICES[PRIYANKA]}
    for phone in (phones[0], phones[2]):
        await phone.__aexit__()


def test_S4_50_no_state_of_a_session_is_global():
    """A mutable global would be `static var` or a top-level `var`; only the pipe of the signal handlers is shared, as an atomic."""
    for file in (ROOT / "Sources").glob("*/**/*.swift"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            is_stored = re.match(r"^\s*(?:public |private |fileprivate |internal )*static var [^{]*(?:=|$)", line)
            is_top_level = re.match(r"^(?:public |private |nonisolated\(unsafe\) )*var ", line)
            assert not is_stored and not is_top_level, f"{file.name}:{number}: {line.strip()}"


async def test_S4_55_the_first_audio_comes_without_any_from_the_user(gateway, double):
    for persona in FOUR:
        async with gateway.connect(f"user-of-{persona}") as phone:
            await phone.greeted(persona)
        assert double.connections[-1].appended_bytes == 0
