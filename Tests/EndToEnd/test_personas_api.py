"""Personas over HTTP, and their reload."""

import signal

import pytest

from gateway import HARSH, MOHIT, PRIYANKA, TINA, Gateway, eventually
from personas import add, personas_with

FOUR = {TINA, MOHIT, PRIYANKA, HARSH}


async def listed(gateway, query=""):
    status, reply = await gateway.get(f"/api/astrologers{query}")
    assert status == 200 and reply["success"] and reply["count"] == len(reply["astrologers"])
    return {entry["id"] for entry in reply["astrologers"]}


async def test_S4_60_the_four_astrologers_ship(gateway):
    assert await listed(gateway) == FOUR


@pytest.mark.parametrize("query, expected", [
    ("?language=Hindi", {TINA, HARSH}),  # S4-30
    ("?language=hindi", {TINA, HARSH}),
    ("?gender=Female", {TINA, PRIYANKA}),  # S4-31
    ("?speciality=Vedic%20Love", {PRIYANKA, HARSH}),  # S4-32
    ("?language=Hindi&gender=Female&status=active", {TINA}),  # S4-33
    ("?language=Klingon", set()),
])
async def test_filters_combine(gateway, query, expected):
    assert await listed(gateway, query) == expected


async def test_S4_29_an_astrologer_by_id(gateway):
    status, reply = await gateway.get(f"/api/astrologers/{TINA}")
    assert status == 200
    status, reply = await gateway.get("/api/astrologers/nobody")
    assert status == 404 and reply["code"] == "persona_not_found" and reply["message"] == reply["error"]


async def test_S4_34_summary_counts(gateway):
    status, summary = await gateway.get("/api/astrologers/summary")
    assert status == 200
    assert summary["total"] == 4 and summary["active"] == 4 and summary["by_language"]["Hindi"] == 2


async def test_S4_35_keywords_match_a_question(gateway):
    _, tina = await gateway.get(f"/api/personas/{TINA}")
    query = " ".join(tina["expertise_keywords"][:3])
    status, reply = await gateway.get("/api/astrologers/match", "POST", {"query": query, "language": "Hindi"})
    assert status == 200 and TINA in str(reply)
    status, reply = await gateway.get("/api/astrologers/match", "POST", {"query": "xyzzy", "language": "Hindi"})
    assert status == 200 and TINA not in str(reply) and HARSH not in str(reply)


async def test_S4_15_S4_16_S4_59_a_fifth_astrologer_is_data_alone_and_no_session_drops(double, tmp_path):
    folder = personas_with(tmp_path)
    async with Gateway(upstream=double, personas=folder) as gateway, gateway.connect() as phone:
        await phone.greeted(TINA)
        add(folder, fifth={"name": "Fifth"}, broken={"language": 7})
        status, report = await gateway.get("/api/personas/reload", "POST")
        assert status == 200
        assert [rejected["id"] for rejected in report["rejected"]] == ["broken"] and report["rejected"][0]["reason"]
        assert "fifth" in await listed(gateway)
        add(folder, sixth={"name": "Sixth"})
        gateway.process.send_signal(signal.SIGHUP)

        async def has_sixth():
            return "sixth" in await listed(gateway)

        await eventually(has_sixth, "the sixth astrologer is loaded")
        acknowledged = await phone.choose("sixth")
        assert acknowledged["persona"]["name"] == "Sixth"  # S4-18
        assert len(double.connections) == 2


async def test_a_broken_file_keeps_the_catalogue_and_says_where(double, tmp_path):
    folder = personas_with(tmp_path)
    async with Gateway(upstream=double, personas=folder) as gateway:
        (folder / "astrologers.json").write_text('{"astrologers": [\n{"astrologer_id": }')
        status, report = await gateway.get("/api/personas/reload", "POST")
        assert report["rejected"], report
        assert await listed(gateway) == FOUR


async def test_S4_21_S4_22_S4_36_voices_are_mapped_to_legal_ones(double, tmp_path):
    folder = personas_with(
        tmp_path, onyx={"voice_id": "onyx"}, woman={"voice_id": None, "gender": "Female"},
        man={"voice_id": None, "gender": "Male"}, nonsense={"voice_id": "not-a-voice"})
    async with Gateway(upstream=double, personas=folder) as gateway:
        voices = {}
        for identifier in ["onyx", "woman", "man", "nonsense"]:
            status, compiled = await gateway.get(f"/api/personas/{identifier}/compiled")
            if status == 200:
                voices[identifier] = compiled["voice"]
        assert voices["onyx"] == "ash" and voices["woman"] != voices["man"]
        assert set(voices.values()) <= {"alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"}


async def test_S4_37_S4_38_S4_41_S4_42_optional_fields_reach_the_prompt_by_configuration(double, tmp_path):
    import json

    folder = personas_with(tmp_path, rich={
        "tone": "playful", "consultation_style": {"question_frequency": "high", "response_length": "short"},
        "humour_setting": "dry", "unheard_of": {"kept": [1, 2]}})
    path = folder / "astrologers.json"
    document = json.loads(path.read_text())
    document["prompt_features"] = {**document.get("prompt_features", {}), "humour_setting": "Let your humour be {value}."}
    path.write_text(json.dumps(document, ensure_ascii=False))
    async with Gateway(upstream=double, personas=folder) as gateway:
        _, persona = await gateway.get("/api/personas/rich")
        assert persona["unheard_of"] == {"kept": [1, 2]}
        _, compiled = await gateway.get("/api/personas/rich/compiled")
        assert "playful" in compiled["instructions"] and "Let your humour be dry." in compiled["instructions"]


async def test_scenarios_are_personas_too(gateway):
    status, reply = await gateway.get("/api/personas?kind=scenario")
    assert status == 200 and reply["total"] >= 3
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id=reply["items"][0]["id"])
        assert (await phone.until("config_ack"))["persona"]["kind"] == "scenario"


async def test_the_safety_preamble_stands_before_the_personas_own_words(gateway):
    for persona in FOUR:
        _, authored = await gateway.get(f"/api/personas/{persona}")
        _, compiled = await gateway.get(f"/api/personas/{persona}/compiled")
        at = compiled["instructions"].index(authored["system_prompt"])  # byte for byte: S4-24
        assert at > 200, "the preamble comes first"
