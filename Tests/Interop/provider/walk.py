"""Walks with personas to a provider that is a double, over real HTTP: made, followed, talked with, lost and found again; and
prints the ids of what it proved."""

import asyncio
import contextlib
import json
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "EndToEnd"))

from gateway import Gateway, eventually  # noqa: E402
from provider_double import KEY, ProviderDouble  # noqa: E402
from test_provider import scenario  # noqa: E402
import test_provider_sync as tests  # noqa: E402
from test_provider_sync import FAST, MOMENT, kill  # noqa: E402
from witness import Witness  # noqa: E402

# As the specification of the apps has it.
USAGE = {
    "title": "Career Transition Coaching", "category": "Leadership", "duration": 15, "difficulty": "intermediate",
    "description": "Practice discussing a career transition with an experienced coach.",
    "tags": ["career", "coaching", "leadership"],
    "persona": {
        "personaName": "Career Coach", "systemPrompt": "You are an experienced career coach.", "pipelineMode": "full",
        "layers": {
            "llm": {"model": "tavus-gpt-4o", "speculative_inference": True,
                    "tools": [{"name": "note", "description": "Notes a goal.",
                               "parameters": {"type": "object", "properties": {"goal": {"type": "string"}}}}]},
            "tts": {"tts_engine": "cartesia", "external_voice_id": "voice-1", "tts_model_name": "sonic",
                    "voice_settings": {"speed": "normal"}, "tts_emotion_control": True},
            "perception": {"perception_model": "raven-0", "ambient_awareness_queries": ["Is the user calm?"]},
            "stt": {"stt_engine": "tavus-advanced", "participant_pause_sensitivity": "low",
                    "participant_interrupt_sensitivity": "high"},
            "conversational_flow": {"turn_taking_patience": "high", "turn_commitment": "low"}}}}
proved = []


def prove(identifiers, what, holds, detail=""):
    assert holds, f"{identifiers} {what}: {detail}"
    proved.extend(identifiers.split())
    print(f"  {identifiers:18} {what}{f' ({detail})' if detail else ''}", flush=True)


@contextlib.asynccontextmanager
async def walk(provider, folder=None, **settings):
    environment = {**provider.environment, **FAST, **settings}
    if folder:
        environment["VAANI_DATA_DIR"] = folder
    async with Gateway(environment=environment) as gateway, Witness(gateway) as client:
        yield gateway, client
        if gateway.process.returncode is None:
            await client.pages()
        client.folder(environment.get("VAANI_DATA_DIR", gateway.folder.name))
        found = client.finds(KEY)
        # A search that cannot find anything would show nothing.
        assert client.finds("CREATE TABLE") and "log" in client.finds("listening"), "the search is blind"
        prove("S0-19", "the key is nowhere to be seen", not found, found or f"{len(client.seen)} answers, the log, the files")


async def status(client, made):
    shown = await client.json("GET", f"/api/scenarios/{made['id']}")
    return shown["persona"]


async def follow(client, made, end, seconds=15):
    """Every status on the way, each once."""
    steps = []

    async def arrived():
        persona = await status(client, made)
        assert bool(persona["syncError"]) == (persona["status"] == "error"), persona
        if steps[-1:] != [persona["status"]]:
            steps.append(persona["status"])
        return steps[-1] == end

    await eventually(arrived, f"{made['title']} becomes {end}", seconds)
    return steps


async def there(provider):
    return [entry["persona_name"] for entry in await provider.personas()]


async def as_documented(provider, client, gateway):
    """The way of one persona at a provider whose personas have no status, and that takes its time."""
    await provider.order("/records", {"document": "d0000price", "status": "processing"})
    await provider.fault(method="POST", wait=5, times=1)
    body = {**USAGE, "persona": {**USAGE["persona"], "document_ids": ["d0000price"], "document_tags": ["sales"]}}
    began = time.monotonic()
    made = await client.json("POST", "/api/scenarios", body, status=201)
    took = time.monotonic() - began
    prove("S0-53", "the specification's own object is taken", True)
    prove("S0-43 S0-44", "saved at once, while the provider takes 5 s", took < 0.2, f"{took * 1000:.0f} ms")
    following = asyncio.create_task(follow(client, made, "ready", 20))
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id=made["id"])
        refusal = await phone.until("error")
    prove("S0-8", "nobody talks with a persona that is not ready", refusal["code"] == "persona_not_ready")

    async def processing():
        return (await status(client, made))["status"] == "processing"

    await eventually(processing, "the provider has it", 15)
    await provider.order("/records", {"document": "d0000price", "status": None})
    steps = await following
    prove("S0-5 S0-6 S0-7", "the way that was seen", steps == ["queued", "processing", "ready"], " > ".join(steps))
    [sent] = await provider.requests("POST", "/v2/personas", keys=True)
    prove("S0-19", "the provider is shown the key", sent["headers"]["x-api-key"] == KEY)
    layers(sent["body"])
    shown = await client.json("GET", f"/api/scenarios/{made['id']}?expand=documents")
    prove("S0-35", "the documents are sent, and kept",
          sent["body"]["document_ids"] == shown["persona"]["document_ids"] == ["d0000price"]
          and sent["body"]["document_tags"] == ["sales"])
    [document] = shown["documents"]
    prove("S0-36", "a scenario names its documents", document["name"] == "Price list 2026" and document["tags"] == ["sales"])
    await talk(gateway, client, made)


def layers(body):
    sent = body["layers"]
    prove("S0-18", "the names of the provider, and no null",
          {"persona_name", "system_prompt", "pipeline_mode"} <= set(body) and "null" not in json.dumps(body))
    prove("S0-37", "llm", sent["llm"]["speculative_inference"] is True and "note" in json.dumps(sent["llm"]["tools"]))
    prove("S0-38", "tts", sent["tts"]["external_voice_id"] == "voice-1" and sent["tts"]["tts_emotion_control"] is True
          and sent["tts"]["voice_settings"] == {"speed": "normal"})
    prove("S0-39", "perception, in today's words", sent["perception"]["visual_awareness_queries"] == ["Is the user calm?"])
    prove("S0-40 S0-41", "stt and conversational flow, in today's words",
          "participant_pause_sensitivity" not in sent["stt"]
          and sent["conversational_flow"]["replica_interruptibility"] == "high"
          and "turn_commitment" not in sent["conversational_flow"])


async def talk(gateway, client, made):
    async with gateway.connect() as phone:
        await phone.send(type="config", scenario_id=made["id"])
        acknowledged = await phone.until("config_ack")
        await phone.send(type="text", text="Hello, coach.")
        answer = await phone.until("text_response", "audio_response")
    client.seen += [("WebSocket", json.dumps(message).encode()) for message in [acknowledged, answer]]
    prove("S0-8", "and everybody once it is", acknowledged["persona"]["name"] == "Career Coach" and bool(answer))


async def lists(provider, client):
    documents = await client.json("GET", "/api/tavus/documents?q=handbook")
    prove("S0-16 S0-34 S0-50", "documents, a bare array", [sorted(one) for one in documents] == [
        ["created_at", "id", "name", "tags"]] * 2)
    usable, every = [await client.json("GET", f"/api/tavus/replicas{query}") for query in ["", "?all=1"]]
    prove("S0-17 S0-51", "replicas that can be used, and all", (len(usable), len(every)) == (3, 5))
    body = {"replica_name": "Asha", "train_video_url": "https://example.com/asha.mp4"}
    replica = await client.json("POST", "/api/tavus/replicas", body, status=201)
    every = await client.json("GET", "/api/tavus/replicas?all=1")
    prove("S0-61", "a replica is trained", replica["id"] in [one["id"] for one in every])
    voice = await client.ask("POST", "/api/tavus/voices", {"voice_name": "x", "sample_url": "https://example.com/x.wav"})
    prove("S0-62", "voices are off", (voice.status_code, voice.json()["code"]) == (501, "capability_disabled"))


async def wrong(provider, client):
    """What is wrong, and what goes wrong."""
    before = len(await provider.creations())
    for fields in [{"systemPrompt": "x" * 5_001}, {"systemPrompt": ""}, {"systemPrompt": "x", "pipelineMode": "custom"}]:
        await client.json("POST", "/api/tavus/personas", fields, status=422)
        await client.json("POST", "/api/scenarios", scenario(**fields), status=422)
    prove("S0-55", "what is wrong stays here", len(await provider.creations()) == before)
    for rule in [{"answer": "hang"}, {"answer": "close"}, {"answer": "garbage"}, {"answer": "oversized"}, {"answer": 500}]:
        await provider.fault("/v2/documents", **rule, times=1)
        began = time.monotonic()
        reply = await client.ask("GET", "/api/tavus/documents")
        assert reply.status_code == 502 and time.monotonic() - began < 10, (rule, reply.text)
    prove("S0-16", "a provider that hangs, breaks off, babbles, floods or fails is 502", True)
    await provider.fault("/v2/documents", answer=400, times=1, body={"error": "the account of $KEY, number 4711, is closed"})
    reply = await client.ask("GET", "/api/tavus/documents")
    request = reply.json()["request_id"]
    await eventually(lambda: "number 4711" in client.gateway.logs, "the provider's words are in the log")
    line = next(line for line in client.gateway.logs.splitlines() if "number 4711" in line)
    prove("S0-57", "its words are logged with the request, the client is told ours", request in line and "4711" not in reply.text)
    await provider.fault(method="POST", answer=503, times=2)
    made = await client.json("POST", "/api/scenarios", scenario(personaName="Patience"), status=201)
    await follow(client, made, "ready")
    tries = [one for one in await provider.creations() if one["body"]["persona_name"] == "Patience"]
    prove("S0-46", "what fails is tried again", [one["status"] for one in tries] == [503, 503, 200])
    made = await client.json("POST", "/api/scenarios", scenario(document_ids=["d0000empty"]), status=201)
    steps = await follow(client, made, "error")
    prove("S0-6", "a failure says why", "file_empty" in (await status(client, made))["syncError"], " > ".join(steps))


async def spec_pair(client, provider):
    body = {"personaName": "Life Coach", "systemPrompt": "You coach."}
    made = await client.json("POST", "/api/tavus/personas", body)
    prove("S0-48", "a persona is made", set(made) - {"warnings"} == {"persona_id", "persona_name", "created_at", "status"}
          and made["status"] == "queued" and MOMENT.fullmatch(made["created_at"]) is not None)
    shown = []

    async def says(word):
        reply = await client.ask("GET", "/api/tavus/personas/p123/status")
        shown.append(reply.json())
        return reply.status_code == 200 and shown[-1]["status"] == word

    await eventually(lambda: says("queued"), "p123 is known", 10)
    await provider.advance(120)
    await eventually(lambda: says("ready"), "p123 is ready", 10)
    prove("S0-49 S0-52", "p123, queued at 10:00 and ready at 10:02",
          set(shown[-1]) == {"persona_id", "status", "last_status_at"} and shown[-1]["persona_id"] == "p123"
          and MOMENT.fullmatch(shown[-1]["last_status_at"]) is not None, json.dumps(shown[-1]))
    reply = await client.ask("GET", "/api/tavus/personas/p404/status")
    prove("S0-49", "another id is nobody's", reply.status_code == 404)


async def offline():
    """Saved without a provider, killed, started again: then the provider comes back."""
    provider = ProviderDouble()
    async with walk(provider) as (gateway, client):
        for number in range(6):
            await client.json("POST", "/api/scenarios", scenario(personaName=str(number)), status=201)
        await kill(gateway)
        folder = gateway.folder.name
        async with walk(provider, folder) as (gateway, client):
            made = [await client.json("POST", "/api/scenarios", scenario(personaName=str(number)), status=201)
                    for number in range(6, 8)]
            async with provider:
                await follow(client, made[-1], "ready", 20)
                prove("S0-47", "in order, none lost, none doubled", await there(provider) == list("01234567"))


async def crash():
    """Killed while the provider has the request, and while it works on it."""
    async with ProviderDouble() as provider, walk(provider) as (gateway, client):
        await provider.order("/records", {"document": "d0000price", "status": "processing"})
        await provider.fault(method="POST", answer="hang", applied=True, times=1)
        made = await client.json("POST", "/api/scenarios", scenario(document_ids=["d0000price"]), status=201)

        async def came():
            return len(await provider.creations()) == 1

        await eventually(came, "the provider has the request")
        await kill(gateway)
        folder = gateway.folder.name
        async with walk(provider, folder) as (gateway, client):
            await follow(client, made, "processing", 20)
            prove("S0-13", "killed between request and answer: exactly one persona", await there(provider) == ["Meera"])
            await kill(gateway)
        await provider.order("/records", {"document": "d0000price", "status": None})
        async with walk(provider, folder) as (gateway, client):
            await follow(client, made, "ready", 20)
            prove("S0-45", "killed while processing: ready without anybody asking", await there(provider) == ["Meera"])


async def quota():
    limit = {"VAANI_CREATIONS_PER_HOUR": "10"}
    async with ProviderDouble() as provider, walk(provider, **limit) as (gateway, client):
        for _ in range(10):
            await client.json("POST", "/api/scenarios", scenario(), status=201, user="tara")
        refusal = await client.ask("POST", "/api/scenarios", scenario(), user="tara")
        assert refusal.status_code == 429 and int(refusal.headers["retry-after"]) > 0, refusal.text
        await client.json("POST", "/api/scenarios", scenario(), status=201, user="ravi")
        await kill(gateway)
        async with walk(provider, gateway.folder.name, **limit) as (_, client):
            refusal = await client.ask("POST", "/api/scenarios", scenario(), user="tara")
            prove("S0-56", "the eleventh in an hour is 429, also after a restart", refusal.status_code == 429)


async def events(client):
    """A stream of events of another part of the product, for the search of its frames."""
    form = {"scenario_document": ("visit.md", b"# A visit\nRole: Doctor\nA doctor has little time.", "text/markdown")}
    reply = await client.http.post("/analyze-scenario-enhanced", files=form, data={"template_name": "Visit"})
    body = {"template_id": reply.json()["template_id"], "persona_type": "assess_mode_character", "count": 2}
    people = (await client.json("POST", "/scenario/generate-personas", body))["personas"]
    job = await client.json("POST", "/scenario/v2/generate-final-prompts", {
        "template_id": body["template_id"], "persona_ids": [one["id"] for one in people], "mode_mapping": {}})
    lines = await client.frames(job["sse_endpoint"], lambda lines: any('"results"' in line for line in lines))
    assert len(lines) > 3, lines


async def stop(gateway):
    """As an operator does, with a request under way."""
    gateway.process.terminate()
    await asyncio.wait_for(gateway.process.wait(), 15)


async def storm(seed=None):
    """Two dozen personas while everything goes wrong and the gateway is killed or stopped three times: each is there exactly once."""
    seed = seed or random.randrange(1, 1 << 32)
    dice = random.Random(seed)
    answers = ["close", "garbage", "hang", 500, 502, 503, 429]
    settings = {"VAANI_PROVIDER_TIMEOUT": "250ms", "VAANI_PROVIDER_ATTEMPTS": "100"}
    async with ProviderDouble(key=KEY) as provider:
        for _ in range(40):
            rule = {"answer": dice.choice(answers), "skip": dice.randrange(3), "times": 1}
            # A provider that was asked too often does nothing, a slow one may do it later, and everything else may have
            # had its effect.
            if rule["answer"] == "hang" and dice.random() < 0.5:
                rule["effect_after"] = dice.uniform(0, 1)
            elif rule["answer"] != 429:
                rule["applied"] = dice.random() < 0.5
            await provider.fault(dice.choice(["/v2/personas", "/v2/personas*"]), **rule)
        folder, made = None, []
        async with contextlib.AsyncExitStack() as gateways:
            for life in range(4):
                gateway, client = await gateways.enter_async_context(walk(provider, folder, **settings))
                folder = folder or gateway.folder.name
                for number in range(6):
                    body = scenario(personaName=f"{life}-{number}")
                    made.append(await client.json("POST", "/api/scenarios", body, status=201))
                if life < 3:
                    await asyncio.sleep(dice.uniform(0.05, 0.4))
                    await (kill(gateway) if dice.random() < 0.7 else stop(gateway))
            for one in made:
                await follow(client, one, "ready", 40)
            await provider.heal()
            found, tries = sorted(await there(provider)), len(await provider.creations())
            wanted = [f"{life}-{number}" for life in range(4) for number in range(6)]
            prove("S0-13 S0-47", "24 personas through a storm, each exactly once", found == wanted,
                  f"{tries} attempts, three restarts, seed {seed}" + ("" if found == wanted else f": {found}"))


async def pace():
    await tests.test_S0_14_the_pauses_between_looks_double_up_to_a_limit_and_end()
    prove("S0-14", "looks at doubling pauses, then an end", True)
    await tests.test_S0_15_one_status_is_one_look_at_the_provider()
    prove("S0-15", "one status, one look", True)
    await tests.test_S0_45_an_app_that_comes_to_the_front_sees_the_latest()
    prove("S0-45", "an app that comes to the front sees the latest", True)
    await tests.test_S0_60_a_function_that_is_added_reaches_the_provider()
    prove("S0-60", "a function that is added reaches the provider", True)


async def unconfigured():
    async with Gateway() as gateway, Witness(gateway) as client:
        reply = await client.ask("GET", "/api/tavus/documents")
        made = await client.json("POST", "/api/scenarios", scenario(), status=201)
        prove("S0-54", "without a key: a start, 503, and personas that are here alone",
              (reply.status_code, reply.json()["code"]) == (503, "provider_not_configured") and "status" not in made["persona"])


async def main():
    began = time.monotonic()
    print("a provider whose personas have no status:")
    async with ProviderDouble() as provider, walk(provider, VAANI_PROVIDER_TIMEOUT="8s") as (gateway, client):
        await as_documented(provider, client, gateway)
        await lists(provider, client)
        await events(client)
    async with ProviderDouble() as provider, walk(provider) as (_, client):
        await wrong(provider, client)
    print("a provider that names a status:")
    arguments = ["--status", "spec", "--clock", "2025-12-01T10:00:00Z", "--persona-lag", "120"]
    async with ProviderDouble(*arguments) as provider, walk(provider) as (_, client):
        await spec_pair(client, provider)
    print("away, killed, asked too often, not there:")
    await asyncio.gather(offline(), crash(), quota(), unconfigured(), pace())
    await storm()
    closed = {"S0-43", "S0-45", "S0-37", "S0-38", "S0-39", "S0-40", "S0-41", "S0-35", "S0-60"}
    prove("S0-59", "the five limitations of the specification are closed", closed <= set(proved))
    print(f"proved in {time.monotonic() - began:.0f} s: "
          + " ".join(sorted(set(proved), key=lambda one: [int(n) for n in one[1:].split("-")])))


async def storms(rounds, seed=None):
    for _ in range(rounds):
        await storm(seed)


# `storm 20` is twenty storms alone, `storm 1 SEED` one that was seen before.
numbers = [int(number) for number in sys.argv[2:]]
asyncio.run(storms(*numbers) if sys.argv[1:2] == ["storm"] else main())
