"""The talk page in a real browser: heard, seen, by mouse and by keyboard."""

import subprocess

import numpy
import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed
from axe_playwright_python.async_playwright import Axe

from browser import RATE, Browser, Wire, tone_level
from gateway import BUILD, MOHIT, TINA, Gateway, eventually
from realtime_double import Connection

PHONE = {"width": 360, "height": 740}
# Far above what is left of a stopped tone, far below the tone itself.
AUDIBLE = 0.02


@pytest_asyncio.fixture(scope="session")
async def browser():
    async with Browser() as running:
        yield running


@pytest.fixture
def slow_double(double):
    """Replies of eight seconds that the model takes its time to make."""
    double.faults.reply_ms = 8_000
    double.faults.delta_pause_s = 0.1
    return double


async def test_the_greeting_is_heard_as_it_was_sent(browser, gateway, double):
    async with browser.open(gateway) as tab:
        await tab.choose_and_hear(TINA)
        await tab.listen(0.2)
        sent, heard = tab.received_audio(), await tab.heard()
        assert len(sent) == RATE * 0.4
        loud = numpy.flatnonzero(numpy.abs(heard) > 0.001)
        heard = heard[loud[0]:loud[-1] + 1]
        assert abs(len(heard) - len(sent)) < 50, "nothing is lost and nothing stretched"
        assert abs(numpy.sum(heard ** 2) / numpy.sum(sent ** 2) - 1) < 0.01
        assert numpy.median(tone_level(heard, double.open[0].frequency)) > 0.2
        assert (await tab.text("#captions")).startswith("Tina Kulkarni")
        assert tab.played()[-1]["ms"] == 400


async def test_a_spoken_question_gets_a_reply_with_captions_and_a_bar(browser):
    async with Gateway() as gateway, browser.open(gateway) as tab:
        await tab.choose(TINA)
        assert any("\u0900" <= letter <= "\u097f" for letter in await tab.text("#captions"))
        assert await tab.page.locator("#captions p").first.get_attribute("lang") == "hi"
        talk = tab.page.locator("#talk")
        await talk.hover()
        await tab.page.mouse.down()
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()
        await tab.page.locator("body[data-agent=listening]").wait_for()
        await tab.listen(2.2)
        await tab.page.mouse.up()
        await eventually(lambda: tab.got("audio_start", kind="answer"), "the answer begins", seconds=8)
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        await tab.listen(0.6)
        heard = (await tab.heard())[-RATE // 2:]
        assert numpy.sqrt(numpy.mean(heard ** 2)) > 0.01, "the answer is heard"
        assert await tab.page.locator("#captions li.user").count() == 1
        assert await tab.page.locator("#latency-rows tr").count() == 1
        assert "ms" in await tab.text("#latency-figures")


async def test_hands_free_only_needs_a_voice(browser):
    async with Gateway() as gateway, browser.open(gateway) as tab:
        await tab.choose(MOHIT)
        await tab.page.keyboard.press("Escape")
        await tab.page.locator("input[name=mode][value=free]").check()
        await tab.page.locator("#talk").click()
        await eventually(lambda: tab.got("audio_start", kind="answer"), "the answer begins", seconds=12)
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert await tab.page.locator("#talk[aria-pressed=true]").count() == 1, "the microphone stays open"


async def test_a_switch_in_mid_sentence_leaves_nothing_of_the_old_voice(browser, gateway, slow_double):
    async with browser.open(gateway) as tab:
        await tab.choose(TINA)
        await tab.listen(0.6)
        before = await tab.position()
        # The next tone is the 31st and not the second, which lies so near that 20 ms cannot tell them apart.
        slow_double.connections += [Connection(number, 0, {}, "", open=False) for number in range(30)]
        await tab.choose(MOHIT)
        await tab.listen(1)
        heard = await tab.heard()
        old, new = slow_double.connections[0].frequency, slow_double.connections[-1].frequency
        old_level, new_level = tone_level(heard, old), tone_level(heard, new)
        assert old_level[before // 480 - 5] > 0.1, "the old voice was in mid-sentence"
        assert numpy.median(new_level[-25:]) > 0.2, "the new voice is heard"
        last_old = numpy.flatnonzero(old_level > AUDIBLE)[-1]
        first_new = numpy.flatnonzero(new_level > AUDIBLE)
        first_new = first_new[first_new > before // 480][0]
        assert last_old <= first_new, "the old voice is silent when the new one begins"
        assert (last_old - before // 480) * 20 < 400, "and stops when the user chooses, not when the new one is ready"
        assert await tab.text("#persona-name") == "Mohit"
        assert len(slow_double.open) == 1


async def test_escape_interrupts_at_once(browser, gateway, slow_double):
    async with browser.open(gateway) as tab:
        await tab.choose(TINA)
        await tab.listen(0.4)
        before = await tab.position()
        await tab.page.keyboard.press("Escape")
        await tab.page.locator("body[data-agent=idle]").wait_for()
        await tab.listen(1)
        [connection] = slow_double.open
        loud = numpy.flatnonzero(tone_level(await tab.heard(), connection.frequency) > AUDIBLE)
        assert (loud[-1] - before // 480) * 20 < 300
        await eventually(lambda: connection.cancels == 1, "the model is told to stop")
        [cut] = connection.of_type("conversation.item.truncate")
        heard_ms = (loud[-1] - loud[0] + 1) * 20
        assert abs(cut["audio_end_ms"] - heard_ms) < 300, "and to forget what was not heard"
        assert await tab.page.locator("#captions .cut").count() == 1
        assert await tab.page.locator("#interrupt").is_disabled()


async def test_typed_words_are_answered_and_the_answer_can_be_typed_over(browser, gateway, slow_double):
    async with browser.open(gateway) as tab:
        await tab.choose(TINA)
        for text in ["first", "second"]:
            await tab.page.fill("#words", text)
            await tab.page.keyboard.press("Enter")
            await eventually(
                lambda: len(tab.got("audio_start", kind="answer")) == ["first", "second"].index(text) + 1, "an answer")
            await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert await tab.page.locator("#captions li.user p").all_inner_texts() == ["first", "second"]
        await eventually(lambda: slow_double.open[0].cancels == 2, "what was said before was interrupted")
        await eventually(lambda: count(tab, "#latency-rows tr", 2), "two bars")


async def count(tab, selector, wanted):
    return await tab.page.locator(selector).count() == wanted


async def test_everything_can_be_done_with_the_keyboard(browser, gateway, slow_double):
    async with browser.open(gateway) as tab:
        keys = tab.page.keyboard

        async def tab_to(selector):
            for _ in range(40):
                if await tab.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                    return
                await keys.press("Tab")
            raise AssertionError(f"the tab key does not reach {selector}")

        await tab_to("input[name=persona]")
        await keys.press("Space")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert await tab.text("#persona-name") == "Tina Kulkarni"
        outline = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
        assert await tab.page.evaluate(outline) == "solid", "the focus is seen"
        await keys.press("ArrowDown")
        await eventually(lambda: len(tab.got("config_ack")) == 2, "the next persona")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert await tab.text("#persona-name") == "Mohit"

        await keys.down("Space")
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()
        [connection] = slow_double.open
        await eventually(lambda: connection.appended_bytes > RATE, "half a second of microphone")
        await keys.up("Space")
        await tab.page.locator("#talk[aria-pressed=false]").wait_for()
        silence = [message for message in tab.sent if message["type"] == "frame"][-1]["payload"]
        assert len(silence) > 50_000 and not any(silence), "the silence that ends a turn, at once"
        numbers = [message["seq"] for message in tab.sent if message["type"] == "frame"]
        assert numbers == list(range(len(numbers)))

        await tab_to("#words")
        await keys.type("a b")
        await keys.press("Enter")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert (await tab.page.locator("#captions li.user p").all_inner_texts())[-1] == "a b"
        await keys.press("Escape")
        await tab.page.locator("body[data-agent=idle]").wait_for()
        await keys.press("Escape")
        assert await tab.page.evaluate("document.activeElement.id") == "talk", "and out of the text field"
        await tab_to(".skip")
        await keys.press("Enter")
        assert await tab.page.evaluate("document.activeElement.id") == "talk", "past everybody"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desktop", "phone"])
async def test_nobody_is_shut_out(browser, gateway, slow_double, scheme, viewport):
    look = {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}
    async with browser.open(gateway, **look) as tab:
        await tab.page.locator("label.card").first.wait_for()
        await check_accessibility(tab)
        await check_touch(tab)
        await tab.choose(TINA)
        await tab.page.fill("#words", "नमस्ते")
        await tab.page.keyboard.press("Enter")
        await eventually(lambda: count(tab, "#latency-rows tr", 1), "a bar")
        await tab.page.locator("details summary").click()
        await tab.page.locator("input[name=tongue][value=hi]").check()
        await check_accessibility(tab)
        await check_touch(tab)
        assert await tab.page.evaluate("document.documentElement.lang") == "hi"
        assert await tab.text("#status") == "बोल रहे हैं"


async def check_accessibility(tab):
    results = await Axe().run(tab.page)
    assert results.violations_count == 0, results.generate_report()
    widths = "[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]"
    content, window = await tab.page.evaluate(widths)
    assert content <= window, "nothing has to be scrolled sideways"


async def check_touch(tab):
    """Everything that is to be hit with a finger is 44 px high and wide."""
    small = await tab.page.evaluate("""() => [...document.querySelectorAll("button, summary, a, label:has(input), input")]
        .filter((element) => element.checkVisibility() && !element.closest("label label, .skip"))
        .map((element) => element.matches("label input") ? element.closest("label") : element)
        .map((element) => [element.outerHTML.slice(0, 60), element.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([text, box]) => [text, box.width, box.height])""")
    assert small == []


async def test_where_nobody_is_there_the_page_says_so_and_looks_again(browser, gateway, double):
    async with browser.open(gateway, script="""
        const ask = window.fetch;
        window.fetch = async (...request) => window.isEmpty !== false && request[0].startsWith("/api/personas")
            ? new Response('{"items": [], "total": 0}') : ask(...request);
    """) as tab:
        await tab.page.get_by_text("Nobody is here yet").wait_for()
        await check_accessibility(tab)
        await tab.page.evaluate("window.isEmpty = false")
        await tab.page.click("#people-again")
        await tab.choose_and_hear(TINA)
        assert "double" not in await tab.text("#model"), "the model's name comes from the server"
        assert str(double.port) in await tab.text("#model-place")


async def test_the_page_says_which_engine_answers_and_takes_another_name(browser):
    async with Gateway() as gateway, browser.open(gateway) as tab:
        await tab.choose(TINA)
        await tab.page.locator("#model").get_by_text("Embedded engine").wait_for()
        await tab.page.fill("#user", "a/b")
        await tab.page.click("#user-use")
        assert not await tab.page.evaluate("document.getElementById('user').validity.valid")
        await tab.page.fill("#user", "asha@example")
        await tab.page.click("#user-use")
        await eventually(lambda: tab.sockets[-1].url.endswith("/ws/asha%40example"), "a connection of that name")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        assert {"type": "bye"} in tab.sent


async def test_a_cough_pauses_the_reply_and_nothing_of_it_is_lost(browser, gateway, double):
    double.faults.reply_ms, double.faults.delta_pause_s = 1_600, 0.05
    async with browser.open(gateway) as tab:
        await tab.choose_and_hear(TINA)
        start = await tab.position()
        await tab.page.fill("#words", "a question")
        await tab.page.keyboard.press("Enter")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        await tab.listen(0.3)
        await double.hear_speech()
        await tab.page.locator("body[data-agent=listening]").wait_for()
        await eventually(lambda: tab.got("resume_audio"), "the gateway lets it go on")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        await tab.page.locator("body[data-agent=idle]").wait_for()
        await tab.listen(0.2)
        heard = (await tab.heard())[start:]
        loud = numpy.flatnonzero(numpy.abs(heard) > 0.001)
        breath = int(numpy.argmax(numpy.diff(loud)))
        assert 0.3 * RATE < loud[breath + 1] - loud[breath] < RATE, "silence while it is found out"
        spoken = loud[-1] - loud[0] + 1 - (loud[breath + 1] - loud[breath] - 1)
        # What fades out is said again: 4 ms.
        assert abs(spoken - 1.6 * RATE - 96) < 48
        assert tab.played()[-1]["ms"] == 1_600
        assert await tab.page.locator("#captions .cut").count() == 0


async def test_a_voice_over_a_reply_ends_it(browser, gateway, slow_double):
    async with browser.open(gateway) as tab:
        await tab.choose(TINA)
        await tab.page.keyboard.press("Escape")
        await tab.page.fill("#words", "a question")
        await tab.page.keyboard.press("Enter")
        await tab.page.locator("body[data-agent=speaking]").wait_for()
        await tab.listen(0.3)
        await tab.page.locator("label:has(input[value=free])").click()
        await tab.page.locator("#talk").click()
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()
        await slow_double.hear_speech()
        await eventually(lambda: tab.got("pause") and tab.got("clear"), "the fixture's voice confirms it")
        before = await tab.position()
        await tab.listen(0.6)
        tail = (await tab.heard())[before + RATE // 10:]
        assert numpy.max(numpy.abs(tail)) < 0.001, "no stale tone"
        assert await tab.page.locator("#captions .cut").count() == 2


async def test_a_gateway_without_binary_frames_is_spoken_to_in_json(browser, gateway, double):
    async with browser.open(gateway, script="""
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (data) {
            send.call(this, typeof data === "string" ? data.replace('"binary",', "") : data);
        };
    """) as tab:
        await tab.choose_and_hear(TINA)
        assert tab.got("audio_delta") and not tab.got("frame")
        await tab.page.locator("#talk").hover()
        await tab.page.mouse.down()
        await eventually(lambda: double.open[0].appended_bytes > RATE, "half a second of microphone")
        await tab.page.mouse.up()
        assert any(message["type"] == "audio_chunk" for message in tab.sent)


async def test_each_close_is_explained_and_can_be_undone(browser, gateway):
    closes = {4409: "somewhere else", 4408: "long time", 4440: "greatest length", 4502: "turned this conversation down"}
    async with browser.open(gateway, script="""
        const Socket = WebSocket;
        window.WebSocket = class extends Socket {
            set onclose(hear) { super.onclose = () => hear({ code: window.code }); window.last = this; }
        };
    """) as tab:
        await tab.choose_and_hear(TINA)
        for count, (code, words) in enumerate(closes.items(), 1):
            await tab.page.evaluate("(code) => { window.code = code; window.last.close(); }", code)
            await tab.page.get_by_role("alert").get_by_text(words).wait_for()
            assert len(tab.sockets) == count, "not tried again by itself"
            await tab.page.get_by_text("Connect again").click()
            await eventually(lambda: len(tab.got("welcome")) == count + 1, "a connection")
            assert await tab.page.get_by_role("alert").count() == 0


async def test_a_model_that_refuses_is_told_in_words_and_the_old_voice_stays(browser, gateway, double):
    async with browser.open(gateway) as tab:
        await tab.choose_and_hear(TINA)
        double.faults.refuse_status = 401
        await tab.page.locator(f"label.card[data-id={MOHIT}]").click()
        alert = tab.page.get_by_role("alert")
        await alert.wait_for()
        assert len(await alert.inner_text()) > 20
        await eventually(lambda: is_chosen(tab, TINA), "the list shows who is there")
        assert await tab.text("#persona-name") == "Tina Kulkarni"


async def test_whoever_cannot_be_reached_at_first_can_be_chosen_again(browser, gateway, double):
    double.faults.refuse_status = 401
    async with browser.open(gateway) as tab:
        for attempt in [1, 2]:
            await tab.page.locator(f"label.card[data-id={TINA}]").click()
            await tab.page.get_by_role("alert").get_by_text("does not accept this server's key").wait_for()
            await tab.page.locator("body[data-who=nobody]").wait_for()
            # What is shown of the first attempt is shown until the second is refused too.
            await tab.page.locator(f"input[value={TINA}]:not(:checked)").wait_for(state="attached")
            assert len([message for message in tab.sent if message["type"] == "config"]) == attempt


async def is_chosen(tab, persona):
    return await tab.page.locator(f"input[value={persona}]").is_checked()


async def test_a_blocked_microphone_is_explained_and_typing_still_works(browser, gateway):
    async with browser.open(gateway) as tab:
        await tab.choose_and_hear(TINA)
        await tab.page.evaluate("""() => {
            navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };
        }""")
        await tab.page.locator("#talk").click()
        await tab.page.get_by_role("alert").get_by_text("The microphone is blocked").wait_for()
        await tab.page.fill("#words", "hello")
        await tab.page.keyboard.press("Enter")
        await eventually(lambda: tab.got("audio_start", kind="answer"), "an answer")


async def test_without_a_loudspeaker_one_can_still_read_along(browser, gateway):
    async with browser.open(gateway, script="""
        Object.defineProperty(BaseAudioContext.prototype, "state", { get: () => "suspended" });
        AudioContext.prototype.resume = () => new Promise(() => {});
    """) as tab:
        await tab.page.locator(f"label.card[data-id={TINA}]").click()
        await tab.page.locator("#captions p").first.wait_for()
        await tab.page.get_by_role("alert").get_by_text("loudspeaker does not start").wait_for()


async def test_a_microphone_that_is_unplugged_is_missed_and_can_be_opened_again(browser, gateway):
    async with browser.open(gateway, script="""
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => (window.microphone = await open(wanted));
    """) as tab:
        await tab.choose_and_hear(TINA)
        await tab.page.locator("label:has(input[value=free])").click()
        await tab.page.locator("#talk").click()
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()
        await tab.page.evaluate("""() => {
            const [track] = window.microphone.getTracks();
            track.stop();
            track.dispatchEvent(new Event("ended"));
        }""")
        await tab.page.get_by_role("alert").get_by_text("unplugged").wait_for()
        await tab.page.locator("#talk[aria-pressed=false]").click()
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()


async def test_a_lost_connection_comes_back_by_itself_without_a_second_greeting(browser, gateway, double):
    async with Wire(gateway) as wire, browser.open(wire) as tab:
        await tab.choose_and_hear(TINA)
        wire.cut()
        await eventually(lambda: tab.got("welcome", resumed="resumed"), "the conversation goes on", seconds=8)
        await tab.page.locator("body[data-agent=idle]").wait_for()
        await tab.page.fill("#words", "still there?")
        await tab.page.keyboard.press("Enter")
        await eventually(lambda: tab.got("audio_start", kind="answer"), "an answer")
        assert len(tab.got("audio_start", kind="greeting")) == 1


async def test_what_was_not_heard_when_the_line_broke_is_heard_when_it_is_back(browser, gateway, double):
    double.faults.reply_ms, double.faults.delta_pause_s = 2_400, 0.05
    async with Wire(gateway) as wire, browser.open(wire) as tab:
        await tab.choose(TINA)
        await tab.page.locator("label:has(input[value=free])").click()
        await tab.page.locator("#talk").click()
        await tab.page.locator("#talk[aria-pressed=true]").wait_for()
        await tab.listen(0.8)
        wire.cut()
        await eventually(lambda: tab.got("welcome", resumed="resumed"), "the conversation goes on", seconds=8)
        await eventually(lambda: tab.got("audio_start")[-1].get("from_ms"), "the reply is taken up")
        await eventually(lambda: tab.played()[-1]["ms"] == 2_400, "the rest is heard")
        heard = await tab.heard()
        spoken = numpy.count_nonzero(tone_level(heard, double.open[0].frequency) > 0.1) * 20
        assert abs(spoken - 2_400) < 200, "and what was heard is not heard twice"
        assert await tab.page.locator("#talk[aria-pressed=true]").count() == 1, "and the microphone is open again"
        assert await tab.page.locator("#captions .cut").count() == 0


async def test_where_tokens_are_asked_for_the_page_takes_one_and_hides_it(browser, double, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(vaani("token", "--new-key", "k1"))
    keys.chmod(0o600)
    asha, ravi = (vaani("token", "--token-keys-file", keys, "--user", user).strip() for user in ["asha", "ravi"])
    guarded = {"VAANI_AUTH": "token", "VAANI_TOKEN_KEYS_FILE": str(keys)}
    async with Gateway(upstream=double, environment=guarded) as gateway:
        async with browser.open(gateway) as tab:
            await tab.page.locator("#token").wait_for()
            await check_accessibility(tab)
            await tab.page.fill("#token", "no token at all")
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_role("alert").get_by_text("not accepted").wait_for()
            assert await tab.text("#people-title") == "Please show your token"
            await tab.page.fill("#token", asha)
            await tab.page.keyboard.press("Enter")
            await tab.choose_and_hear(TINA)
            assert await tab.page.input_value("#user") == "asha"
            assert not any(asha in address for address in tab.addresses) and asha not in gateway.logs
            tab.complaints = [text for text in tab.complaints if "401" not in text]
        async with browser.open(gateway, f"/#token={ravi}") as tab:
            await tab.choose_and_hear(TINA)
            assert ravi not in tab.page.url


def vaani(*arguments):
    command = [BUILD / "vaani", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


async def test_an_operator_sees_who_talks_and_can_end_it(browser, gateway):
    async with gateway.connect(user="asha") as phone, browser.open(gateway, "/console") as tab:
        await phone.greeted(TINA)
        row = tab.page.locator("#sessions tr")
        await row.get_by_text(TINA).wait_for()
        assert (await row.inner_text()).startswith("asha")
        assert "talking now 1" in " ".join((await tab.text("#tiles")).split())
        await phone.send(type="config", astrologer_id="nobody_of_that_name")
        await tab.page.locator("#errors").get_by_text("persona_not_found").wait_for()
        await check_accessibility(tab)
        await row.get_by_role("button").click()
        await row.get_by_text("Really?").click()
        await tab.page.get_by_text("Nobody talks at the moment").wait_for()
        with pytest.raises(ConnectionClosed):
            while True:
                await phone.receive()


async def test_the_console_is_for_operators(browser, double, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(vaani("token", "--new-key", "k1"))
    keys.chmod(0o600)
    asha = vaani("token", "--token-keys-file", keys, "--user", "asha").strip()
    operator = vaani("token", "--token-keys-file", keys, "--user", "ops", "--scope", "admin").strip()
    guarded = {"VAANI_AUTH": "token", "VAANI_TOKEN_KEYS_FILE": str(keys)}
    async with Gateway(upstream=double, environment=guarded) as gateway, browser.open(gateway, "/console") as tab:
        for token, words in [(asha, "lacks the scope admin"), (operator, "Nobody talks")]:
            await tab.page.fill("#token", token)
            await check_accessibility(tab)
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_text(words).wait_for()
        tab.complaints = [text for text in tab.complaints if "40" not in text]


async def test_percentiles_are_read_from_a_histogram(browser, gateway):
    text = "\n".join(f'd_bucket{{le="{bound}"}} {count}' for bound, count in [("0.1", 50), ("0.2", 90), ("+Inf", 100)])
    async with browser.open(gateway, "/console") as tab:
        assert await tab.page.evaluate("""async (text) => {
            const { parseMetrics, histogram, quantile } = await import("/assets/metrics.js");
            const buckets = histogram(parseMetrics("# HELP d of all\\n" + text), "d");
            return [0.5, 0.7, 0.9, 0.99].map((share) => quantile(buckets, share)).map(String).concat(quantile([], 0.5));
        }""", text) == ["0.1", "0.15000000000000002", "0.2", "Infinity", None]


async def test_sound_at_other_rates_is_converted_cleanly(browser, gateway):
    measure = """async ([from, to, hertz]) => {
        const { Resampler } = await import("/assets/resampler.js");
        const resampler = new Resampler(from, to);
        const output = [];
        for (let start = 0; start < from / 4; start += 128) {
            const piece = Float32Array.from({ length: 128 }, (_, n) => Math.sin(2 * Math.PI * hertz * (start + n) / from));
            output.push(...resampler.process(piece));
        }
        return output;
    }"""
    async with browser.open(gateway) as tab:
        for source, target in [(48_000, RATE), (44_100, RATE), (16_000, RATE), (RATE, 48_000), (RATE, 44_100)]:
            output = numpy.array(await tab.page.evaluate(measure, [source, target, 1_000]))
            assert abs(len(output) - target / 4) < target * 0.01
            middle = output[target // 40:-target // 40]
            time = numpy.arange(len(middle)) * 1_000 / target * 2 * numpy.pi
            basis = numpy.stack([numpy.sin(time), numpy.cos(time)], axis=1)
            rest = middle - basis @ numpy.linalg.lstsq(basis, middle)[0]
            assert numpy.sum(middle ** 2) / numpy.sum(rest ** 2) > 1e5, "the tone stands 50 dB above all else"
        folded = numpy.array(await tab.page.evaluate(measure, [48_000, RATE, 15_000]))
        assert numpy.max(numpy.abs(folded[2_000:])) < 0.003, "what 24 kHz cannot carry does not fold back"


async def test_the_page_asks_for_nothing_twice_and_every_file_has_its_rules(browser, gateway):
    async with browser.open(gateway) as tab:
        await tab.page.locator("label.card").first.wait_for()
        answers = []
        tab.page.on("response", lambda response: answers.append(response))
        await tab.page.reload()
        await tab.page.locator("label.card").first.wait_for()
        files = [answer for answer in answers if "/api/" not in answer.url]
        assert len(files) > 10
        for answer in files:
            headers = await answer.all_headers()
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
    status, text = await gateway.get("/")
    assert status == 200 and text.startswith("Vaani ") and "in a browser" in text
    assert (await gateway.get("/assets/nothing.js"))[0] == 404
