"""What users make: kept over crashes, theirs alone, and talked with by voice."""

import signal
import urllib.error
import urllib.request

import json
import pytest

from gateway import TINA, Gateway, eventually, wav_samples
from test_operations import vaani

SCENARIO = {
    "title": "Ask for a rise", "description": "Your manager is busy and kind.", "category": "Communication", "duration": 10,
    "persona": {
        "personaName": "Meera", "systemPrompt": "You are Meera, a manager with little time.", "context": "It is Friday."},
}


async def make(gateway, **changes):
    status, scenario = await gateway.get("/api/scenarios", "POST", {**SCENARIO, **changes})
    assert status == 201, scenario
    return scenario


async def test_a_scenario_is_talked_with_as_soon_as_it_is_written(gateway, double, question):
    scenario = await make(gateway)
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id=scenario["id"])
        acknowledged = await phone.until("config_ack")
        assert acknowledged["persona"]["id"] == scenario["persona"]["personaId"]
        assert acknowledged["persona"]["name"] == "Meera"
        await phone.ask(question)
        [connection] = double.open
        for part in ["You are Meera, a manager with little time.", "It is Friday.", "Ask for a rise", "busy and kind"]:
            assert part in connection.instructions
    _, compiled = await gateway.get(f"/api/personas/{scenario['id']}/compiled")
    assert compiled["instructions"] == connection.instructions


async def test_what_was_acknowledged_outlives_a_kill(double):
    async with Gateway(upstream=double) as gateway:
        first = await make(gateway)
        gateway.process.send_signal(signal.SIGKILL)
        await gateway.process.wait()
        restarted = Gateway(upstream=double, environment={"VAANI_DATA_DIR": gateway.folder.name})
        async with restarted:
            assert await restarted.get(f"/api/scenarios/{first['id']}") == (200, first)


def test_S0_10_a_dump_of_an_app_is_taken_once(tmp_path):
    dump = tmp_path / "dump.json"
    old = {"id": "1712", "title": "Old", "description": "x", "category": "Leadership", "duration": 10}
    dump.write_text(json.dumps([old, {"id": "bad"}]))
    environment = {"VAANI_DATA_DIR": str(tmp_path / "store")}
    for summary in ["1 taken, 0 there already, 1 not taken", "0 taken, 1 there already, 1 not taken"]:
        ended = vaani("import", str(dump), "--user", "tara", environment=environment)
        assert ended.returncode == 65 and summary in ended.stdout, ended.stdout + ended.stderr
    assert vaani("import", str(tmp_path / "none"), "--user", "tara", environment=environment).returncode == 65


async def test_C28_a_persona_in_echo_mode_plays_back_what_it_hears(gateway, double, question):
    scenario = await make(gateway, persona={"pipelineMode": "echo"})
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id=scenario["id"])
        await phone.until("config_ack")
        reply = wav_samples(await phone.ask(question))
        assert len(reply) > 24_000 // 2 and abs(reply).max() > 500
        await phone.send(type="text", text="Can you hear me?")
        assert (await phone.until("text_response"))["text"] == "Can you hear me?"
    assert double.connections == [], "no model has to do with an echo"


async def test_an_unknown_scenario_is_refused_and_the_session_goes_on(gateway):
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id="scn_000000000000000000000000")
        assert (await phone.until("error"))["code"] == "persona_not_found"
        await phone.choose(TINA)


async def test_S0_64_figures_are_those_of_the_sessions(gateway, double, question):
    scenario = await make(gateway)
    sessions = []
    for speaks in [True, True, False]:
        async with gateway.connect() as phone:
            await phone.send(type="config", scenario_id=scenario["id"])
            await phone.until("config_ack")
            if speaks:
                await phone.ask(question)
            _, listed = await gateway.get("/api/admin/sessions")
            sessions.append(listed["items"][0]["session_id"])

    async def is_counted():
        _, stats = await gateway.get(f"/api/personas/{scenario['id']}/stats")
        return stats["sessions"] == 3

    await eventually(is_counted, "three sessions are counted")
    # Without tokens everybody's records are those of `local`; the phone was user-1.
    for stars, session in zip([5, 4], sessions):
        assert fetch(gateway, f"/api/sessions/{session}/rating", {"stars": stars}, "user-1") == 200
    assert fetch(gateway, f"/api/sessions/{sessions[0]}/rating", {"stars": 1}, "somebody") == 404
    _, stats = await gateway.get(f"/api/personas/{scenario['id']}/stats")
    assert stats["completion_rate"] == pytest.approx(2 / 3, abs=0.001) and stats["mean_rating"] == 4.5
    assert stats["mean_duration_seconds"] > 0


def fetch(gateway, path, body, user):
    request = urllib.request.Request(
        gateway.url(path), json.dumps(body).encode(), {"Content-Type": "application/json", "X-Vaani-User": user})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


async def test_S0_58_with_tokens_a_scenario_is_its_owners_alone(double, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(vaani("token", "--new-key", "k1").stdout)

    def token(user, *more):
        return vaani("token", "--token-keys-file", str(keys), "--user", user, *more).stdout.strip()

    tara, ravi, late = token("tara"), token("ravi"), token("tara", "--ttl=-60s")
    environment = {"VAANI_AUTH": "token", "VAANI_TOKEN_KEYS_FILE": str(keys)}
    async with Gateway(upstream=double, environment=environment) as gateway:
        status, scenario = await gateway.get(f"/api/scenarios?token={tara}", "POST", SCENARIO)
        assert status == 201
        path = f"/api/scenarios/{scenario['id']}"
        assert [(await gateway.get(f"{path}?token={who}"))[0] for who in [tara, ravi, late]] == [200, 404, 401]
        assert (await gateway.get(path))[0] == 401
        async with gateway.connect("tara", query=f"?token={tara}") as phone:
            await phone.send(type="config", scenario_id=scenario["id"])
            await phone.until("config_ack")
        async with gateway.connect("ravi", query=f"?token={ravi}") as phone:
            await phone.send(type="config", scenario_id=scenario["id"])
            assert (await phone.until("error"))["code"] == "persona_not_found"
