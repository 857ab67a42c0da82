"""Personas that exist at a provider as well: made there in the background, once, whatever goes wrong in between."""

import asyncio
import contextlib
import datetime
import json
import re
import signal
import time

import pytest

from gateway import Gateway, eventually
from provider_double import KEY, ProviderDouble
from test_provider import TEXT, call, scenario

# Otherwise the first look comes after two seconds, and so on.
FAST = {
    "VAANI_PROVIDER_POLL_FIRST": "50ms", "VAANI_PROVIDER_POLL_LONGEST": "200ms", "VAANI_PROVIDER_TIMEOUT": "1s",
    "VAANI_CREATIONS_PER_HOUR": "0",
}
SLOW = {**FAST, "VAANI_PROVIDER_POLL_FIRST": "30s", "VAANI_PROVIDER_POLL_LONGEST": "30s"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@contextlib.asynccontextmanager
async def pair(*arguments, **settings):
    """A provider, and a gateway that works with it."""
    async with ProviderDouble(*arguments) as provider, served(provider, **settings) as gateway:
        yield provider, gateway


@contextlib.asynccontextmanager
async def served(provider, folder=None, pace=FAST, **settings):
    environment = {**provider.environment, **pace, **settings}
    if folder:
        environment["VAANI_DATA_DIR"] = folder
    async with Gateway(environment=environment) as gateway:
        yield gateway
    assert KEY not in gateway.logs, "the key reached the log"


async def kill(gateway):
    gateway.process.send_signal(signal.SIGKILL)
    await gateway.process.wait()


async def make(gateway, title="Ask for a rise", user="local", **persona):
    status, _, text = await call(
        gateway, "POST", "/api/scenarios", {**scenario(**persona), "title": title}, X_Vaani_User=user)
    assert status == 201, text
    return json.loads(text)


async def persona(gateway, made):
    status, shown = await gateway.get(f"/api/scenarios/{made['id']}")
    assert status == 200, shown
    # S0-6: a reason is there exactly while it failed.
    assert bool(shown["persona"].get("syncError")) == (shown["persona"].get("status") == "error"), shown["persona"]
    return shown["persona"]


async def becomes(gateway, made, status, seconds=10.0):
    async def has():
        seen.append((await persona(gateway, made))["status"])
        return seen[-1] == status

    seen = []
    await eventually(has, f"{made['title']} is {status}, but: {seen[-1:]}", seconds)
    return await persona(gateway, made)


async def received(provider, count=1, method="POST", path="/v2/personas", seconds=10.0):
    async def came():
        return len(await provider.requests(method, path)) >= count

    await eventually(came, f"{count} {method} {path} at the provider", seconds)


async def names(provider):
    return [entry["persona_name"] for entry in await provider.personas()]


# MARK: The way of a persona


async def test_S0_43_S0_44_saving_a_scenario_is_answered_at_once_and_makes_its_persona_in_the_background():
    async with pair() as (provider, gateway):
        await provider.order("/records", {"document": "d0000price", "status": "processing"})
        await provider.fault(method="POST", wait=0.8, times=1)
        began = time.monotonic()
        made = await make(gateway, document_ids=["d0000price"], document_tags=["sales"])
        took = time.monotonic() - began
        assert took < 0.2 and made["persona"]["status"] == "queued", took
        assert (await becomes(gateway, made, "processing"))["statusSource"] == "derived"
        await asyncio.sleep(0.3)
        assert (await persona(gateway, made))["status"] == "processing", "a document is not ready"
        await provider.order("/records", {"document": "d0000price", "status": None})
        ready = await becomes(gateway, made, "ready")
        assert MOMENT.fullmatch(ready["lastStatusAt"]) and ready["isSyncedRemote"] is True
        [sent] = await provider.creations()
        # S0-35: at the top level, and as they were given.
        assert sent["body"]["document_ids"] == ["d0000price"] and sent["body"]["document_tags"] == ["sales"]
        assert sent["body"]["persona_name"] == "Meera" and sent["body"]["system_prompt"].startswith(TEXT)
        assert ready["document_ids"] == ["d0000price"] and ready["systemPrompt"] == TEXT


async def test_S0_7_no_other_step_is_ever_seen():
    async with pair("--document-lag", "0.5") as (provider, gateway):
        made = [await make(gateway, str(number), document_ids=["d0000hand1"]) for number in range(6)]
        seen = {one["id"]: [] for one in made}

        async def all_ready():
            for one in made:
                status = (await persona(gateway, one))["status"]
                if seen[one["id"]][-1:] != [status]:
                    seen[one["id"]].append(status)
            return all(steps[-1] == "ready" for steps in seen.values())

        await eventually(all_ready, "all are ready", seconds=20)
    for steps in seen.values():
        assert steps == [step for step in ["queued", "processing", "ready"] if step in steps], seen


async def test_S0_8_a_persona_is_called_only_when_it_is_ready():
    async with pair() as (provider, gateway):
        await provider.order("/records", {"document": "d0000price", "status": "processing"})
        made = await make(gateway, document_ids=["d0000price"])
        await becomes(gateway, made, "processing")
        async with gateway.connect() as phone:
            await phone.send(type="config", scenario_id=made["id"])
            assert (await phone.until("error"))["code"] == "persona_not_ready"
            await provider.order("/records", {"document": "d0000price", "status": None})
            await becomes(gateway, made, "ready")
            await phone.send(type="config", scenario_id=made["id"])
            assert (await phone.until("config_ack"))["persona"]["name"] == "Meera"


async def test_S0_6_a_document_that_failed_is_told_with_its_code():
    async with pair() as (provider, gateway):
        made = await make(gateway, document_ids=["d0000empty"])
        failed = await becomes(gateway, made, "error")
        assert "file_empty" in failed["syncError"]


async def test_what_has_never_been_there_is_told_at_once():
    async with pair() as (provider, gateway):
        made = await make(gateway, defaultReplicaId="r404")
        assert "replica" in (await becomes(gateway, made, "error"))["syncError"]
        assert len(await provider.creations()) == 1, "what is refused is not tried again"


@pytest.mark.parametrize("arguments", [["--get", "flat"], ["--get", "array"], ["--status", "spec"]])
async def test_every_way_to_tell_of_a_persona_is_understood(arguments):
    async with pair(*arguments) as (provider, gateway):
        await becomes(gateway, await make(gateway), "ready")


async def test_the_names_of_2026_are_spoken_too():
    settings = {"VAANI_PROVIDER_PROFILE": "pals", "VAANI_PROVIDER_DEFAULT_REPLICA": "r0000anna1"}
    async with pair(**settings) as (provider, gateway):
        made = await make(gateway)
        await becomes(gateway, made, "ready")
        [sent] = await provider.requests("POST", "/v2/pals")
        assert sent["body"]["pal_name"] == "Meera" and sent["body"]["default_face_id"] == "r0000anna1"
        assert await gateway.get(f"/api/scenarios/{made['id']}", "DELETE") == (204, "")
        await received(provider, 1, "DELETE", "/v2/pals/*")


# MARK: Routes


async def test_S0_48_S0_49_S0_52_the_pair_of_the_specification_is_replayed():
    arguments = ["--status", "spec", "--clock", "2025-12-01T10:00:00Z", "--persona-lag", "120"]
    async with pair(*arguments) as (provider, gateway):
        body = {"personaName": "Life Coach", "systemPrompt": "You coach."}
        status, made = await gateway.get("/api/tavus/personas", "POST", body)
        assert status == 200, made
        assert set(made) - {"warnings"} == {"persona_id", "persona_name", "created_at", "status"}
        assert (made["persona_name"], made["status"]) == ("Life Coach", "queued") and MOMENT.fullmatch(made["created_at"])
        await received(provider)

        async def known():
            return (await gateway.get("/api/tavus/personas/p123/status"))[0] == 200

        await eventually(known, "the provider's id is known")
        for own in ["p123", made["persona_id"]]:
            _, shown = await gateway.get(f"/api/tavus/personas/{own}/status")
            assert {**shown, "last_status_at": ""} == {"persona_id": own, "status": "queued", "last_status_at": ""}
            assert MOMENT.fullmatch(shown["last_status_at"])
        await provider.advance(120)

        async def ready():
            _, shown = await gateway.get("/tavus/personas/p123/status")
            assert set(shown) == {"persona_id", "status", "last_status_at"}
            return shown["status"] == "ready"

        await eventually(ready, "p123 is ready")
        assert (await gateway.get("/api/tavus/personas/p999/status"))[0] == 404
        status, _, _ = await call(gateway, "GET", "/api/tavus/personas/p123/status", X_Vaani_User="somebody")
        assert status == 404, "another's persona is as good as none"


async def test_S0_49_the_reason_is_there_while_it_failed():
    async with pair() as (provider, gateway):
        body = {"personaName": "A", "systemPrompt": "You coach.", "document_ids": ["d0000empty"]}
        _, made = await gateway.get("/api/tavus/personas", "POST", body)
        path = f"/api/tavus/personas/{made['persona_id']}"

        async def failed():
            _, shown = await gateway.get(f"{path}/status")
            assert ("error" in shown) == (shown["status"] == "error")
            return "file_empty" in shown.get("error", "")

        await eventually(failed, "the document's code is told")
        await provider.order("/records", {"document": "d0000empty", "status": "ready"})
        assert (await gateway.get(f"{path}/retry", "POST"))[0] == 200

        async def ready():
            return (await gateway.get(f"{path}/status"))[1]["status"] == "ready"

        await eventually(ready, "it is ready after all")
        assert (await gateway.get(f"{path}/retry", "POST"))[0] == 409
        assert len(await provider.personas()) == 1


async def test_S0_15_one_status_is_one_look_at_the_provider():
    async with pair(pace=SLOW) as (provider, gateway):
        made = await make(gateway, document_ids=["d0000price"])
        await becomes(gateway, made, "processing")
        before = len(await provider.requests("GET"))
        assert (await gateway.get(f"/api/tavus/personas/{made['persona']['personaId']}/status"))[0] == 200
        looks = (await provider.requests("GET"))[before:]
        assert len(looks) == 1 and looks[0]["path"].startswith("/v2/personas/"), looks


async def test_S0_45_an_app_that_comes_to_the_front_sees_the_latest():
    async with pair(pace=SLOW) as (provider, gateway):
        made = await make(gateway)
        await becomes(gateway, made, "processing")
        status, answer = await gateway.get("/api/tavus/sync", "POST")
        assert (status, answer) == (200, {"pending": 1})
        await becomes(gateway, made, "ready", seconds=5)


async def test_S0_55_what_is_wrong_never_reaches_the_provider():
    async with pair() as (provider, gateway):
        for persona_input in [
            {"systemPrompt": "x" * 5_001}, {"systemPrompt": " "}, {"systemPrompt": TEXT, "pipelineMode": "custom"},
            {"systemPrompt": TEXT, "document_ids": ["d"] * 51}, {"systemPrompt": TEXT, "context": "x" * 10_001},
        ]:
            assert (await gateway.get("/api/tavus/personas", "POST", persona_input))[0] == 422
            assert (await gateway.get("/api/scenarios", "POST", scenario(**persona_input)))[0] == 422
        # The line is in order: if anything had gone out, it would be there before this.
        await becomes(gateway, await make(gateway, "the one that is right"), "ready")
        assert len(await provider.creations()) == 1


async def test_S0_56_ten_an_hour_for_each_user_over_restarts():
    async with ProviderDouble() as provider:
        async with served(provider, VAANI_CREATIONS_PER_HOUR="10") as gateway:
            for number in range(10):
                await make(gateway, str(number), user="tara")
            body = {**scenario(), "title": "eleven"}
            status, headers, text = await call(gateway, "POST", "/api/scenarios", body, X_Vaani_User="tara")
            assert status == 429 and 0 < int(headers["Retry-After"]) <= 3_600, text
            status, _, _ = await call(gateway, "POST", "/api/tavus/personas", body["persona"], X_Vaani_User="tara")
            assert status == 429
            other = await make(gateway, "of another user", user="ravi")
            await kill(gateway)
            async with served(provider, gateway.folder.name, VAANI_CREATIONS_PER_HOUR="10") as again:
                status, _, _ = await call(again, "POST", "/api/scenarios", body, X_Vaani_User="tara")
                assert status == 429, "a restart gives nothing back"
                await received(provider, 11, seconds=20)
                assert other["persona"]["status"] == "queued"


async def test_a_scenario_that_is_changed_or_deleted_is_so_at_the_provider():
    async with pair() as (provider, gateway):
        made = await make(gateway)
        await becomes(gateway, made, "ready")
        path = f"/api/scenarios/{made['id']}"
        changed = {**scenario(systemPrompt="You are Meera, and in a hurry."), "title": "Changed"}
        status, answer = await gateway.get(path, "PUT", changed)
        assert status == 200 and answer["persona"]["status"] == "ready", "what is ready stays so"

        async def arrived():
            [there] = await provider.personas()
            return there["system_prompt"].startswith("You are Meera, and in a hurry.")

        await eventually(arrived, "the change is at the provider")

        async def settled():
            return "updatePending" not in await persona(gateway, made)

        await eventually(settled, "the change is known to be there")
        assert (await gateway.get(path, "DELETE"))[0] == 204

        async def gone():
            return await provider.personas() == []

        await eventually(gone, "it is taken out at the provider")


async def test_S0_60_a_function_that_is_added_reaches_the_provider():
    async with pair() as (provider, gateway):
        made = await make(gateway)
        await becomes(gateway, made, "ready")
        tool = {"name": "note", "description": "Notes a goal.", "parameters": {"type": "object", "properties": {}}}
        status, answer = await gateway.get(f"/api/personas/{made['persona']['personaId']}/tools", "POST", tool)
        assert status == 201, answer

        async def arrived():
            [there] = await provider.personas()
            return "note" in json.dumps(there["layers"]["llm"].get("tools"))

        await eventually(arrived, "the function is at the provider")
        assert len(await provider.creations()) == 1


# MARK: What goes wrong


async def test_S0_46_what_fails_for_a_while_is_tried_again():
    async with pair() as (provider, gateway):
        await provider.fault(method="POST", answer=503, times=2)
        made = await make(gateway)
        await becomes(gateway, made, "ready")
        assert [request["status"] for request in await provider.creations()] == [503, 503, 200]
        assert await names(provider) == ["Meera"]


async def test_S0_46_what_fails_for_good_ends_after_its_attempts_and_can_be_taken_up_again():
    async with pair(VAANI_PROVIDER_ATTEMPTS="3") as (provider, gateway):
        await provider.fault(method="POST", answer=500)
        made = await make(gateway)
        failed = await becomes(gateway, made, "error", seconds=20)
        assert failed["syncError"] and len(await provider.creations()) == 3
        await provider.heal()
        path = f"/api/tavus/personas/{made['persona']['personaId']}/retry"
        assert (await gateway.get(path, "POST"))[1]["status"] == "queued"
        await becomes(gateway, made, "ready")
        assert len(await provider.personas()) == 1


async def test_a_provider_that_asks_for_patience_gets_it():
    async with pair() as (provider, gateway):
        await provider.fault(method="POST", answer=429, retry_after=1, times=1)
        await becomes(gateway, await make(gateway), "ready")
        first, second = [moment(request) for request in await provider.creations()]
        assert (second - first).total_seconds() >= 1


async def test_as_many_calls_as_there_may_be_are_no_failure():
    async with pair() as (provider, gateway):
        words = {"message": "User has reached maximum concurrent conversations"}
        await provider.fault(method="POST", answer=400, body=words, times=1)
        await becomes(gateway, await make(gateway), "ready")


async def test_S0_57_the_reason_that_a_user_sees_is_in_our_words():
    async with pair() as (provider, gateway):
        await provider.fault(method="POST", answer=422, body={"message": "account 4711 of $KEY is closed"}, times=1)
        made = await make(gateway)
        failed = await becomes(gateway, made, "error")
        assert "4711" not in failed["syncError"]
        await eventually(lambda: "account 4711" in gateway.logs, "the provider's words are logged")
        line = next(line for line in gateway.logs.splitlines() if "account 4711" in line)
        assert made["persona"]["personaId"] in line


async def test_S0_14_the_pauses_between_looks_double_up_to_a_limit_and_end():
    settings = {
        "VAANI_PROVIDER_POLL_FIRST": "100ms", "VAANI_PROVIDER_POLL_LONGEST": "400ms", "VAANI_PROVIDER_POLLS": "6"}
    async with pair(**settings) as (provider, gateway):
        await provider.order("/records", {"document": "d0000price", "status": "processing"})
        made = await make(gateway, document_ids=["d0000price"])
        failed = await becomes(gateway, made, "error", seconds=20)
        assert "timed out" in failed["syncError"]
        [creation] = await provider.creations()
        looks = await provider.requests("GET", "/v2/personas/*")
        moments = [moment(request) for request in [creation, *looks]]
        pauses = [(later - earlier).total_seconds() for earlier, later in zip(moments, moments[1:])]
        assert len(looks) == 6
        for pause, wanted in zip(pauses, [0.1, 0.2, 0.4, 0.4, 0.4, 0.4]):
            assert wanted * 0.9 <= pause < wanted + 0.4, pauses


@pytest.mark.parametrize("is_applied", [True, False])
async def test_S0_13_a_kill_between_request_and_answer_leaves_exactly_one_persona(is_applied):
    async with ProviderDouble() as provider:
        async with served(provider) as gateway:
            await provider.fault(method="POST", answer="hang", applied=is_applied, times=1)
            made = await make(gateway)
            await received(provider)
            await kill(gateway)
            async with served(provider, gateway.folder.name) as again:
                # Whoever died may have a request under way: until it cannot have any more, nobody asks again.
                await becomes(again, made, "ready", seconds=20)
                assert await names(provider) == ["Meera"]
                assert len(await provider.creations()) == (1 if is_applied else 2)


@pytest.mark.parametrize("answer", ["close", "garbage", 500, 502, 503])
async def test_S0_13_an_answer_that_is_lost_leaves_exactly_one_persona(answer):
    async with pair() as (provider, gateway):
        await provider.fault(method="POST", answer=answer, applied=True, times=1)
        await becomes(gateway, await make(gateway), "ready")
        assert await names(provider) == ["Meera"] and len(await provider.creations()) == 1


async def test_S0_13_a_persona_is_found_again_among_many_others():
    async with ProviderDouble() as provider:
        async with served(provider) as gateway:
            await provider.fault(method="POST", answer="hang", applied=True, times=1)
            made = await make(gateway)
            await received(provider)
            await kill(gateway)
            # The latest come first in the provider's list: it is on the second page now.
            for number in range(120):
                body = {"persona_name": f"of somebody else {number}", "system_prompt": "x"}
                await asyncio.to_thread(provider.call, "POST", "/v2/personas", body, provider.key)
            async with served(provider, gateway.folder.name) as again:
                await becomes(again, made, "ready", seconds=20)
                assert [request["body"]["persona_name"] for request in await provider.creations()].count("Meera") == 1


async def test_S0_13_an_echo_has_no_prompt_and_is_found_again():
    async with pair() as (provider, gateway):
        await provider.fault(method="POST", answer="close", applied=True, times=1)
        body = {**scenario(), "persona": {"personaName": "Echo", "pipelineMode": "echo"}}
        status, made = await gateway.get("/api/scenarios", "POST", body)
        assert status == 201, made
        await becomes(gateway, made, "ready")
        [there] = await provider.personas()
        assert there["pipeline_mode"] == "echo" and "system_prompt" not in there
        assert there["persona_name"].startswith("Echo") and len(await provider.creations()) == 1


async def test_S0_13_a_request_that_is_repeated_with_its_key_makes_one_persona():
    async with pair() as (provider, gateway):
        answers = [await call(gateway, "POST", "/api/scenarios", scenario(), Idempotency_Key="once") for _ in range(3)]
        assert {status for status, _, _ in answers} == {201} and len({text for _, _, text in answers}) == 1
        await becomes(gateway, json.loads(answers[0][2]), "ready")
        assert await names(provider) == ["Meera"]


async def test_S0_13_a_provider_that_is_slower_than_our_patience_makes_one_persona():
    async with pair() as (provider, gateway):
        # A second is as long as we wait.
        await provider.fault(method="POST", answer="hang", effect_after=1.5, times=1)
        await becomes(gateway, await make(gateway), "ready", seconds=20)
        assert await names(provider) == ["Meera"] and len(await provider.creations()) == 1


async def test_S0_45_what_is_processing_gets_ready_after_a_kill_without_anybody_asking():
    async with ProviderDouble() as provider:
        async with served(provider) as gateway:
            await provider.order("/records", {"document": "d0000price", "status": "processing"})
            made = await make(gateway, document_ids=["d0000price"])
            await becomes(gateway, made, "processing")
            await kill(gateway)
            await provider.order("/records", {"document": "d0000price", "status": None})
            async with served(provider, gateway.folder.name) as again:
                await becomes(again, made, "ready", seconds=20)
                assert len(await provider.creations()) == 1


async def test_S0_47_what_was_saved_without_a_provider_is_made_in_order_when_it_is_back():
    provider = ProviderDouble()
    async with served(provider) as gateway:
        made = [await make(gateway, str(number), personaName=str(number)) for number in range(6)]
        await asyncio.sleep(0.3)
        assert [(await persona(gateway, one))["status"] for one in made] == ["queued"] * 6
        async with provider:
            await becomes(gateway, made[-1], "ready", seconds=20)
            assert await names(provider) == [str(number) for number in range(6)]
            for one in made:
                await becomes(gateway, one, "ready")
            assert len(await provider.creations()) == 6


async def test_S0_47_a_queue_outlives_a_kill_while_the_provider_is_away():
    provider = ProviderDouble()
    async with served(provider) as gateway:
        made = [await make(gateway, str(number), personaName=str(number)) for number in range(4)]
        await kill(gateway)
        async with served(provider, gateway.folder.name) as again, provider:
            for one in made:
                await becomes(again, one, "ready", seconds=20)
            assert await names(provider) == [str(number) for number in range(4)]


def moment(request):
    return datetime.datetime.fromisoformat(request["at"].replace("Z", "+00:00"))
