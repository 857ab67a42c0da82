"""Personas out of scenarios, over HTTP, with the embedded model and with a double of a language model."""

import asyncio
import contextlib
import json
import signal
import time
import uuid

import aiohttp

from chat_double import ChatDouble
from gateway import BUILD, Gateway

SCENES = {
    "S1-70": ("# A pharma representative visits a gynecologist\nRole: Gynecologist\nName: Dr. Asha Rao\nA busy doctor has no time "
              "for one more sales pitch of a drug that she is to prescribe.",
              {"professional_context", "medical_philosophy", "time_constraints", "sales_rep_history"}),
    "S1-71": ("# Maternity inquiry\nRole: Expecting mother\nA pregnant woman, worried about her first delivery, asks for help: what "
              "does it cost, and what should her husband and family know?",
              {"health_context", "family_context", "financial_context", "anxiety_factors"}),
    "S1-72": ("# A hurtful remark\nRole: Colleague\nA colleague was hurt by a remark that happened in a team meeting. HR has an "
              "inclusion policy (DEI), and she is angry and upset.",
              {"work_relationships", "incident_context", "emotional_state", "organizational_context"}),
    "S1-73": ("# A family car\nRole: Buyer\nName: Ravi Nair\nA customer visits a showroom with his wife and wants a car for the "
              "daily commute and the weekends with the children. He compares prices and loans, and his neighbours' and "
              "colleagues' opinions of a brand count for him.",
              {"family_context", "financial_context", "lifestyle_context", "social_context"}),
}


@contextlib.asynccontextmanager
async def studio(latency=None, environment=None):
    """A gateway, a client, and the double where a latency is given."""
    async with contextlib.AsyncExitStack() as stack:
        double, settings = None, dict(environment or {})
        if latency is not None:
            double = await stack.enter_async_context(ChatDouble(latency))
        gateway = Gateway(environment=settings)
        if double:
            gateway.environment["VAANI_MODELS_FILE"] = double.models_file(gateway.folder.name)
        await stack.enter_async_context(gateway)
        client = await stack.enter_async_context(
            aiohttp.ClientSession(gateway.url(""), timeout=aiohttp.ClientTimeout(60),
                                  connector=aiohttp.TCPConnector(limit=0)))
        yield gateway, client, double


async def post(client, path, body, status=200):
    async with client.post(path, json=body) as reply:
        document = await reply.json()
        assert reply.status == status, document
        return document


async def get(client, path):
    async with client.get(path) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def template(client, document):
    form = aiohttp.FormData()
    form.add_field("scenario_document", document.encode(), filename="scenario.md", content_type="text/markdown")
    form.add_field("template_name", "A scenario")
    async with client.post("/analyze-scenario-enhanced", data=form) as reply:
        assert reply.status == 200, await reply.text()
        return (await reply.json())["template_id"]


async def people(client, template_id, count):
    body = {"template_id": template_id, "persona_type": "assess_mode_character", "count": count}
    return (await post(client, "/scenario/generate-personas", body))["personas"]


async def begin(client, template_id, ids, mapping=None):
    body = {"template_id": template_id, "persona_ids": ids, "mode_mapping": mapping or {}}
    return await post(client, "/scenario/v2/generate-final-prompts", body)


async def listen(client, job, headers=None):
    """Every event of a job with the moment at which it came."""
    path = f"/scenario/v2/prompt-generation-status/{job}"
    events = []
    async with client.get(path, headers=headers or {}) as reply:
        assert reply.status == 200 and reply.headers["content-type"].startswith("text/event-stream")
        async for line in reply.content:
            if line.startswith(b"data: "):
                events.append((time.monotonic(), json.loads(line[6:])))
    return events


async def prove_scenes(client):
    sets = []
    for requirement, (document, expected) in SCENES.items():
        [persona] = await people(client, await template(client, document), 1)
        chosen = set(persona["detail_categories_included"])
        assert expected <= chosen, (requirement, chosen)
        assert 3 <= len(chosen) <= 8 and set(persona["detail_categories"]) == chosen
        assert all("error" not in fields for fields in persona["detail_categories"].values())
        assert chosen not in sets, "S1-74: two scenarios of different kinds have the same details"
        sets.append(chosen)


async def prove_manual_flow(client):
    template_id = await template(client, SCENES["S1-70"][0])
    made = await people(client, template_id, 3)
    assert len({persona["name"] for persona in made}) == 3 and all(persona["prompt"] is None for persona in made)
    ids = [persona["id"] for persona in made]
    began = time.monotonic()
    job = await begin(client, template_id, ids, {ids[0]: ["try_mode", "assess_mode"]})
    assert time.monotonic() - began < 0.2
    events = [event for _, event in await listen(client, job["job_id"])]
    assert events[0] == {"type": "status_update", "status": "processing"}
    assert events[-2] == {"type": "status_update", "status": "completed"} and events[-1]["type"] == "results"
    results = events[-1]["results"]
    assert results["successful"] == results["total_personas"] == 3
    for persona_id in ids:
        shown = await get(client, f"/persona/{persona_id}")
        assert shown["prompt_mode"] == "assess_mode"
        assert len(shown["prompt"]) == results["personas"][persona_id]["prompt_length"]
    body = {"mode": "try_mode", "persona_id": ids[0], "avatars": ["a"], "languages": ["hi"]}
    assert (await post(client, "/avatar-interactions", body, 201))["system_prompt"] is None


async def test_scenes_choose_their_details_with_the_embedded_model():
    """S1-70 S1-71 S1-72 S1-73 S1-74 S3-42 C-8."""
    async with studio() as (_, client, _):
        await prove_scenes(client)
        await prove_manual_flow(client)


async def test_scenes_choose_their_details_with_a_model():
    """S1-70 S1-71 S1-72 S1-73 S1-74 S3-42 C-8."""
    async with studio(latency=0) as (_, client, double):
        await prove_scenes(client)
        await prove_manual_flow(client)
        assert any(facts.get("task") == "write_prompt" for facts, _ in double.requests)


async def test_six_categories_are_written_at_once():
    """S1-44: the choice takes one latency, and everything else together another."""
    async with studio(latency=1) as (_, client, double):
        document = "# Something else\nSomebody wants something."
        template_id = await template(client, document)
        began = time.monotonic()
        [persona] = await people(client, template_id, 1)
        took = time.monotonic() - began
        assert len(persona["detail_categories"]) == 6
        assert double.most_busy >= 6 and took < 2.5, took


async def test_fifty_personas_run_at_the_configured_concurrency():
    """S3-37 S3-36 S3-35: no more than eight at once, with progress on the way, and the gateway stays awake."""
    async with studio(latency=0) as (gateway, client, double):
        template_id = await template(client, SCENES["S1-71"][0])
        ids = [persona["id"] for _ in range(3) for persona in await people(client, template_id, 17)][:50]
        double.latency, double.most_busy = 0.3, 0
        job = await begin(client, template_id, ids)
        listening = asyncio.create_task(listen(client, job["job_id"]))
        waits = []
        while not listening.done():
            began = time.monotonic()
            assert (await gateway.get("/health"))[0] == 200
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.05)
        events = await listening
        assert events[-1][1]["results"]["successful"] == 50
        assert double.most_busy == 8
        assert sorted(waits)[int(len(waits) * 0.95)] < 0.25, waits
        done = [moment for moment, event in events if event["type"] == "persona_progress"]
        assert done[-1] - done[0] > 1, "progress came all at once"


async def test_two_hundred_listeners_are_all_told_everything():
    """S3-20 S3-4: and in the same order."""
    async with studio(latency=0) as (_, client, double):
        template_id = await template(client, SCENES["S1-72"][0])
        ids = [persona["id"] for persona in await people(client, template_id, 10)]
        double.latency = 2
        job = await begin(client, template_id, ids)
        heard = await asyncio.gather(*(listen(client, job["job_id"]) for _ in range(200)))
        stories = {json.dumps([event for _, event in events]) for events in heard}
        assert len(stories) == 1 and len(heard[0]) == 23
        # The last of 200 to be told of an event is not far behind the first, once all of them are there.
        arrived = max(events[0][0] for events in heard)
        times = [[events[index][0] for events in heard] for index in range(1, 22)]
        lags = [max(moments) - min(moments) for moments in times if min(moments) > arrived]
        assert lags and max(lags) < 1, lags


async def test_a_job_goes_on_after_a_restart():
    """S3-48: the program is killed in the middle, and another one finishes its work."""
    async with ChatDouble(0.5) as double:
        first = Gateway()
        first.environment["VAANI_MODELS_FILE"] = double.models_file(first.folder.name)
        await first.__aenter__()
        async with aiohttp.ClientSession(first.url("")) as client:
            template_id = await template(client, SCENES["S1-70"][0])
            ids = [persona["id"] for persona in await people(client, template_id, 12)]
            job = (await begin(client, template_id, ids))["job_id"]
            await asyncio.sleep(0.8)
        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
        second = Gateway(environment={"VAANI_DATA_DIR": first.folder.name,
                                      "VAANI_MODELS_FILE": double.models_file(first.folder.name)})
        async with second, aiohttp.ClientSession(second.url("")) as client:
            events = [event for _, event in await listen(client, job)]
            assert events[-1]["results"]["successful"] == 12
            done = [event for event in events if event.get("status") == "completed" and "persona_id" in event]
            assert len(done) == 12
        await asyncio.gather(*first.readers)
        first.folder.cleanup()


async def test_failures_stay_where_they_are():
    """S1-64 S3-32 S3-22: a model that is down, and a stream that has been read to its end."""
    async with studio(latency=0) as (_, client, double):
        template_id = await template(client, SCENES["S1-70"][0])
        made = await people(client, template_id, 2)
        double.fails = lambda facts: 400 if facts.get("persona", {}).get("name") == made[0]["name"] else None
        job = (await begin(client, template_id, [persona["id"] for persona in made]))["job_id"]
        events = await listen(client, job)
        results = events[-1][1]["results"]
        assert results["successful"] == 1 and results["personas"][made[0]["id"]]["status"] == "failed"
        path = f"/scenario/v2/prompt-generation-status/{job}"
        async with client.get(path, headers={"Last-Event-ID": str(len(events))}) as reply:
            assert reply.status == 204
        assert [event for _, event in await listen(client, job, {"Last-Event-ID": "3"})] == [e for _, e in events[3:]]
        async with client.get(f"/scenario/v2/prompt-generation-status/{uuid.uuid4()}") as reply:
            assert reply.status == 404
        double.fails = lambda facts: 400
        both = await post(client, "/generate-personas-from-template", {"template_id": template_id})
        assert both["assess_mode_character"]["generation_metadata"]["fallback"] is True


async def test_a_generated_persona_can_be_talked_with_at_once():
    """S3-31: who seeks help says the first word; an edited prompt is what the next session is told."""
    async with studio() as (gateway, client, _):
        [seeker] = await people(client, await template(client, SCENES["S1-71"][0]), 1)
        assert seeker["archetype"] == "HELP_SEEKING"
        compiled = await get(client, f"/api/personas/{seeker['id']}/compiled")
        assert compiled["greeting"] == seeker["conversation_rules"]["opening_line"]
        async with gateway.connect() as phone:
            assert (await phone.choose(seeker["id"]))["persona"]["kind"] == "generated"
            assert (await phone.until("audio_response", seconds=20))["audio"]
        async with client.put(f"/persona/{seeker['id']}", json={**seeker, "prompt": "You are made of glass."}) as reply:
            assert reply.status == 200
        assert "You are made of glass." in (await get(client, f"/api/personas/{seeker['id']}/compiled"))["instructions"]


async def test_the_command_line_makes_personas_and_watches_jobs(tmp_path):
    async with studio() as (gateway, client, _):
        scenario = tmp_path / "visit.md"
        scenario.write_text(SCENES["S1-70"][0])
        made = await vaani("personas", "generate", "--scenario", scenario, "--count", "2", "--url", gateway.url(""))
        assert made[0] == 0 and "2 completed, 0 failed" in made[2], made
        ids = [line.split("\t")[0] for line in made[1].splitlines()]
        assert len(ids) == 2 and (await get(client, f"/persona/{ids[0]}"))["prompt"]
        template_id = (await get(client, f"/persona/{ids[0]}"))["template_id"]
        job = (await begin(client, template_id, [ids[0], "nobody"]))["job_id"]
        code, output, notes = await vaani("jobs", "watch", job, "--url", gateway.url(""))
        assert code == 1 and json.loads(output)["failed"] == 1 and "failed nobody: persona not found" in notes
        code, _, notes = await vaani("jobs", "watch", str(uuid.uuid4()), "--url", gateway.url(""))
        assert code == 65 and "job" in notes


async def vaani(*words):
    """Exit code, standard output and standard error of a command."""
    process = await asyncio.create_subprocess_exec(
        BUILD / "vaani", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    output, notes = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), notes.decode()
