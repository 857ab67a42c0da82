"""Guided interviews, from the first question to the applied persona: over kills, byte by byte, by text and by voice."""

import hashlib
import json
import pathlib
import re
import shutil
import signal
import stat
import subprocess

import jsonschema

from gateway import BUILD, ROOT, Gateway, eventually
from models_double import KEY, ModelsDouble
from test_operations import vaani

API = "/api/persona/generator"
CORE = '{ "identity": {"name": "Tara"},\n  "values": {"core": [],  "notes": [ 1.50 ]}, "custom": {"a":"\\u00e9"} }\n'
ANSWERS = [
    "Honesty matters most to me, and my family; I tell the truth even when it is hard for everyone at the table.",
    "I want to open a small music school this year, and one day I hope to write a book about my teacher.",
    "I like people to be direct but warm with me, with a joke now and then and no formal words between us please.",
    "I grew up in Pune, my sister Asha taught me to read, and moving away at ten changed me more than anything.",
    "These days most of my time goes into the harmonium lessons that I give to children in the evening after work.",
]
PROVEN = []


def proves(*ids):
    PROVEN.extend(ids)
    print("proved:", *ids)


class Profile:
    """The files of one user below a data directory."""

    def __init__(self, folder, user="local"):
        self.root = pathlib.Path(folder) / "profiles" / user

    def bytes(self, name):
        return (self.root / name).read_bytes()

    def json(self, name):
        return json.loads(self.bytes(name))

    def hashes(self, *without):
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file() and not any(part in str(path.relative_to(self.root)) for part in without)}


async def post(gateway, name, **body):
    status, answer = await gateway.get(f"{API}/{name}", "POST", body)
    assert status == 200, answer
    return answer


async def test_an_interview_survives_a_kill_and_its_files_are_right_byte_by_byte():
    async with Gateway() as first:
        folder, profile = first.folder.name, Profile(first.folder.name)
        assert not profile.root.exists()
        proves("S2-58")
        begun = await post(first, "start", trainingConsent=True)
        session = begun["sessionId"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?", session)
        second = await post(first, "answer", sessionId=session, answer=ANSWERS[0])
        assert second["progress"]["values"] > begun["progress"]["values"]
        proves("S2-24", "S2-25", "S2-34")
        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
        async with Gateway(environment={"VAANI_DATA_DIR": folder}) as gateway:
            again = await post(gateway, "start")
            assert (again["sessionId"], again["question"], again["isResumed"]) == (session, second["question"], True)
            proves("S2-6")
            (profile.root / "persona/core.json").write_text(CORE)
            (profile.root / "persona/facets").mkdir()
            (profile.root / "persona/facets/one.json").write_text("{}")
            await finish(gateway, profile, session, again)
        check = vaani("audit", "check", environment={"VAANI_DATA_DIR": folder})
        assert check.returncode == 0, check
        status = vaani("interview", "--status", environment={"VAANI_DATA_DIR": folder})
        assert status.returncode == 0 and "persona: Tara" in status.stdout and "psychotherapist: rules" in status.stdout
        proves("S2-45")
        trail = profile.root / "memory/logs/audit.jsonl"
        trail.write_text(trail.read_text().replace("question_asked", "question_axed", 1))
        assert vaani("audit", "check", environment={"VAANI_DATA_DIR": folder}).returncode == 1
        proves("S2-46")
    assert len(set(PROVEN)) >= 25


async def finish(gateway, profile, session, step):
    count = 1
    while not step["isComplete"]:
        step = await post(gateway, "answer", sessionId=session, answer=f"{ANSWERS[count % 5]} {count}")
        count += 1
    assert (await post(gateway, "pause", sessionId=session))["isPaused"]
    assert not (await post(gateway, "resume", sessionId=session))["isPaused"]
    proves("S2-35", "S2-49")
    file = profile.json(f"persona/interviews/{session}-session.json")
    assert {"sessionId", "status", "createdAt", "updatedAt", "questions", "answers", "personaDraft"} <= file.keys()
    assert file["status"] == "active" and all({"id", "prompt", "category"} <= q.keys() for q in file["questions"])
    assert all({"questionId", "content", "capturedAt"} <= answer.keys() for answer in file["answers"])
    assert profile.json("persona/interviews/index.json")["latest"] == session
    proves("S2-1", "S2-2", "S2-4", "S2-9")
    before = profile.hashes("persona/interviews", "memory", ".lock")
    children = subprocess.run(["pgrep", "-P", str(gateway.process.pid)], capture_output=True).stdout
    result = await post(gateway, "finalize", sessionId=session)
    assert profile.hashes("persona/interviews", "memory", ".lock") == before
    assert {change["action"] for change in result["diff"]["changes"]} <= {"add", "update", "remove", "no-change"}
    assert sum(result["diff"]["summary"].values()) == len(result["diff"]["changes"])
    assert result["confidence"]["overall"] > 0 and set(result["confidence"]["categories"]) == {
        "values", "goals", "style", "biography", "current_focus"}
    proves("S2-10", "S2-27", "S2-28", "S2-50")
    summary = profile.root / f"persona/interviews/{session}/summary.json"
    assert stat.S_IMODE(summary.stat().st_mode) == 0o444
    digest = hashlib.sha256(summary.read_bytes()).hexdigest()
    await post(gateway, "finalize", sessionId=session)
    assert hashlib.sha256(summary.read_bytes()).hexdigest() == digest
    proves("S2-5")
    training = profile.json(f"memory/training/persona/{session}.json")
    final = profile.json(f"persona/interviews/{session}-session.json")
    asked = {question["id"]: question["prompt"] for question in final["questions"]}
    assert [(t["question"], t["answer"]) for t in training["turns"]] == [
        (asked[answer["questionId"]], answer["content"]) for answer in final["answers"]]
    assert training["interpretation"]["steps"]
    proves("S2-42", "S2-43")
    await post(gateway, "apply", sessionId=session)
    written = profile.bytes("persona/core.json").decode()
    assert written.startswith('{ "identity": {"name": "Tara"},\n  "values": {"core": [')
    assert '],  "notes": [ 1.50 ]}, "custom": {"a":"\\u00e9"},' in written
    core = json.loads(written)
    assert set(core) == {"identity", "values", "custom", "personality", "goals"}
    assert {value["value"] for value in core["values"]["core"]} >= {"honesty", "family"}
    [backup] = (profile.root / "persona/backups").iterdir()
    assert backup.read_text() == CORE
    after = profile.hashes("persona/interviews", "persona/backups", "memory", ".lock")
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"persona/core.json", "persona/cache.json", "persona/relationships.json"}
    proves("S2-22", "S2-40", "S2-53", "C-19")
    [line] = profile.bytes("memory/logs/persona-generation.log").splitlines()
    assert json.loads(line)["sessionId"] == session and json.loads(line)["fields"]
    assert subprocess.run(["pgrep", "-P", str(gateway.process.pid)], capture_output=True).stdout == children
    proves("S2-41", "S2-51")
    status, refused = await gateway.get(f"{API}/answer", "POST", {"sessionId": session, "answer": ANSWERS[0]})
    assert status == 409, refused
    _, compiled = await gateway.get("/api/persona-core/compiled")
    assert "values honesty" in compiled["instructions"]
    _, plain = await gateway.get("/api/persona-core/compiled?includePersonaSummary=false")
    assert "values honesty" not in plain["instructions"]
    proves("S2-3", "S2-47", "S2-48")
    _, report = await gateway.get("/api/status")
    assert report["modelRoles"]["psychotherapist"]["model"] == "rules"
    assert {skill["name"] for skill in report["skills"]} == {"cognitive_distortion_detector", "contradiction_mapper"}
    assert report["reasoningRoles"]["psychotherapist"]["allowTools"] is True
    proves("S2-17", "S2-18", "S2-20")
    _, stats = await gateway.get(f"{API}/stats")
    assert (stats["sessions"], stats["completed"], stats["completionRate"]) == (1, 1, 1)
    _, facets = await gateway.get(f"{API}/sessions/{session}/facets")
    assert facets["proposals"]
    proves("S2-55", "S2-60")


def test_S2_8_the_plan_fits_its_schema():
    schema = json.loads((ROOT / "personas/schema/interview-plan.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((ROOT / "personas/interview-plan.json").read_text()), schema)


async def test_S2_8_an_edited_plan_asks_the_next_interview_something_else(tmp_path):
    personas = tmp_path / "personas"
    shutil.copytree(ROOT / "personas", personas)
    async with Gateway(personas=personas) as gateway:
        first = await post(gateway, "start")
        plan = personas / "interview-plan.json"
        text = plan.read_text().replace(first["question"]["prompt"], "What would you never give up?")
        plan.write_text(text)
        assert (await post(gateway, "start"))["question"] == first["question"]
        await post(gateway, "discard", sessionId=first["sessionId"])
        assert (await post(gateway, "start"))["question"]["prompt"] == "What would you never give up?"


def interview(folder, *arguments, lines=()):
    return subprocess.run(
        [str(BUILD / "vaani"), "interview", "--data-dir", str(folder), *arguments], input="".join(f"{line}\n" for line in lines),
        cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_S2_44_an_interview_in_the_terminal_goes_on_where_it_stopped(tmp_path):
    begun = interview(tmp_path, lines=[ANSWERS[0], ""])
    assert begun.returncode == 0 and "paused" in begun.stderr, begun
    session = re.search(r"--session (\S+)", begun.stderr)[1]
    wrapped = subprocess.run(
        [str(ROOT / "deploy/bin/mh"), "persona", "generate", "--session", session, "--data-dir", str(tmp_path)],
        env={"PATH": "/usr/bin:/bin", "VAANI": str(BUILD / "vaani")}, input=ANSWERS[1] + "\n", cwd=ROOT, capture_output=True,
        text=True, timeout=60)
    assert wrapped.returncode == 0 and "paused" in wrapped.stderr, wrapped
    assert len(Profile(tmp_path).json(f"persona/interviews/{session}-session.json")["answers"]) == 2
    unknown = interview(tmp_path, "--session", "2020-01-01T00-00-00Z")
    assert unknown.returncode == 65 and "there is no interview" in unknown.stderr
    rest = interview(tmp_path, "--session", session, lines=[f"{ANSWERS[n % 5]} {n}" for n in range(2, 16)] + ["y"])
    assert rest.returncode == 0, rest
    final = interview(tmp_path, "--status")
    assert final.returncode == 0 and "psychotherapist" in final.stdout


def test_S2_59_the_command_puts_old_interviews_away_and_can_only_say_so(tmp_path):
    interview(tmp_path, lines=[""])
    dry = interview(tmp_path, "--expire", "1", "--dry-run")
    assert dry.returncode == 0 and dry.stdout == ""
    assert interview(tmp_path, "--expire", "0").returncode == 64


async def test_S2_59_a_running_gateway_puts_old_interviews_away_by_itself(tmp_path):
    interview(tmp_path, lines=[""])
    profile = Profile(tmp_path)
    file = next((profile.root / "persona/interviews").glob("*-session.json"))
    file.write_text(re.sub(r'("updatedAt"\s*:\s*)"[^"]+"', r'\1"2024-01-01T00:00:00Z"', file.read_text()))
    (profile.root / "persona/interviews/index.json").unlink()
    async with Gateway(environment={"VAANI_DATA_DIR": str(tmp_path)}):
        archived = profile.root / "persona/interviews/archive" / file.name
        await eventually(archived.exists, "the old interview is put away")
    assert not file.exists() and profile.json(f"persona/interviews/archive/{file.name}")["status"] == "aborted"


async def test_X22_an_interview_by_voice_on_the_embedded_engine_over_two_calls():
    """The embedded engine recognises no words: typed turns are the answers, and it says so."""
    async with Gateway() as gateway:
        profile = Profile(gateway.folder.name, "tara")
        async with gateway.connect("tara") as phone:
            acknowledged = await phone.choose("psychotherapist")
            assert acknowledged["persona"]["kind"] == "role"
            await phone.until("audio_response")
            greeting = await phone.until("text_response")
            assert "What matters most to you" in greeting["text"]
            await phone.send(type="text", text=ANSWERS[0])
            await phone.until("audio_response")
            reply = await phone.until("text_response")
            assert "What do you want to achieve" in reply["text"]
        [file] = (profile.root / "persona/interviews").glob("*-session.json")
        await eventually(lambda: json.loads(file.read_text()).get("pausedAt"), "the interview is paused after the call")
        session = json.loads(file.read_text())
        assert [answer["content"] for answer in session["answers"]] == [ANSWERS[0]]
        assert session["answers"][0]["source"] == "voice"
        async with gateway.connect("tara") as phone:
            await phone.choose("psychotherapist")
            await phone.send(type="text", text=ANSWERS[1])
            await phone.until("audio_response")
            await eventually(lambda: len(json.loads(file.read_text())["answers"]) == 2, "the second call goes on")
        session = json.loads(file.read_text())
        assert [answer["questionId"] for answer in session["answers"]] == ["values-1", "goals-1"]
        assert session["status"] == "active"


async def test_X22_what_a_recognizer_hears_in_a_spoken_fixture_is_an_answer(gateway, double, question):
    profile = Profile(gateway.folder.name, "tara")
    async with gateway.connect("tara") as phone:
        await phone.choose("psychotherapist")
        await phone.until("audio_response")
        await phone.speak(question)
        await eventually(lambda: double.open and double.open[0].heard, "the model hears the recording")
        await phone.until("audio_response")
        await double.sessions[-1].send(
            "conversation.item.input_audio_transcription.completed", item_id="item_u1", content_index=0,
            transcript=ANSWERS[0])

        def answers():
            files = list((profile.root / "persona/interviews").glob("*-session.json"))
            return files and [answer["content"] for answer in json.loads(files[0].read_text())["answers"]]

        await eventually(lambda: answers() == [ANSWERS[0]], "the transcript is an answer")


async def test_X22_S2_12_S2_15_S2_16_a_spoken_interview_with_models_behind_it(tmp_path, question):
    """The embedded engine's recognizer writes the fixture down, the psychotherapist follows up, the curator sums up."""
    async with ModelsDouble() as models:
        configuration = models.configuration(
            psychotherapist={"endpoint": "double", "model": "double-psychotherapist", "temperature": 0.6},
            curator={"endpoint": "double", "model": "double-curator"})
        del configuration["roles"]["reply"]
        (tmp_path / "models.json").write_text(json.dumps(configuration))
        models.words = ANSWERS[0]
        models.answer = json.dumps({
            "reasoning": {"gap": "why"}, "tags": ["values"],
            "question": {"prompt": "Who taught you that honesty matters?", "category": "values"}})
        environment = {"VAANI_MODELS_FILE": str(tmp_path / "models.json"), "VAANI_KEY_DOUBLE": KEY}
        async with Gateway(environment=environment) as gateway:
            profile = Profile(gateway.folder.name)
            async with gateway.connect("local") as phone:
                await phone.choose("psychotherapist")
                await phone.until("audio_response")
                await phone.speak(question)
                await phone.until("audio_response")
                await eventually(lambda: len(models.chats) == 1, "the psychotherapist is asked", seconds=15)
            step = await post(gateway, "start")
            session = step["sessionId"]
            assert step["llmProfile"] == {
                "role": "psychotherapist", "model": "double-psychotherapist", "configured": True}
            file = profile.json(f"persona/interviews/{session}-session.json")
            assert [answer["content"] for answer in file["answers"]] == [ANSWERS[0]]
            assert file["answers"][0]["source"] == "voice" and file["analysis"][0]["notes"] == ["gap: why"]
            assert models.chats[0]["model"] == "double-psychotherapist" and models.chats[0]["temperature"] == 0.6
            assert "Motivational interviewing" in models.chats[0]["messages"][0]["content"]
            models.answer = "Here:\n```json\n" + json.dumps(
                {"summary": "Tells the truth.", "values": [{"value": "candour", "description": ""}]}) + "\n```"
            result = await post(gateway, "finalize", sessionId=session)
            assert result["draft"]["values"][0]["value"] == "candour"
            assert models.chats[-1]["model"] == "double-curator"
            _, report = await gateway.get("/api/status")
            assert report["modelRoles"]["psychotherapist"] == step["llmProfile"]
            assert ANSWERS[0] not in gateway.logs


async def test_X22_the_applied_persona_can_be_talked_with(gateway, double, question):
    async with gateway.connect("tara") as phone:
        await phone.send(type="config", astrologer_id="self")
        refusal = await phone.until("error")
        assert refusal["code"] == "persona_not_ready"
    status, _ = await gateway.get("/api/persona-core", "POST", {"name": "Local", "values": {"core": ["candour"]}})
    assert status == 200
    async with gateway.connect("local") as phone:
        acknowledged = await phone.choose("self")
        assert (acknowledged["persona"]["kind"], acknowledged["persona"]["name"]) == ("self", "Local")
        await phone.ask(question)
        assert "values candour" in double.open[-1].instructions


def test_S2_54_the_documents_say_what_they_have_to():
    text = (ROOT / "docs/interview.md").read_text()
    for heading in ["Persona Generation Utility", "Profiles: interview storage", "Many users", "Audit event spec"]:
        assert f"## {heading}" in text
    assert "psychotherapist" in (ROOT / "docs/architecture.md").read_text()
    events = set(re.findall(r'"((?:session|question|answer|reasoning|summary|persona|training|transcript)_[a-z_]+)"', "".join(
        path.read_text() for path in (ROOT / "Sources/Interviews").rglob("*.swift"))))
    audited = {event for event in events if re.search(r"(ed|step|ready)$", event)}
    assert len(audited) > 12 and all(f"`{event}`" in text for event in audited), audited
