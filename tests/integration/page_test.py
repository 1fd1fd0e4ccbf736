"""The example server's page, in a real browser against the real server.

    EVENT_DRAFT_SERVER=build/.../event_draft_server /usr/bin/python3 tests/integration/page_test.py

Skipped, with the reason, where Chromium, its driver or python3-selenium is missing.
With PAGE_SCREENSHOTS=folder the page is also written there as pictures, in both languages and colour schemes, narrow and wide.
"""

import itertools
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

try:
    from selenium import webdriver
    from selenium.common.exceptions import TimeoutException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None

CHROMIUM = "/usr/bin/chromium"
CHROMEDRIVER = "/usr/bin/chromedriver"
BROWSER_FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"]
EXAMPLE = {"objective": "신규 고객 유치", "storeName": "맛있는집", "industry": "음식점", "address": "서울시 강남구"}
USERS = itertools.count(1000)  # a fresh one for each draft, so that no test finds another's draft in progress

# Answers window.fetch in the page: what a server can't be made to say on demand. Every call is counted.
FAKE_FETCH = """
const [status, headers, body] = arguments;
window.calls = [];
window.fetch = async (url, options) => {
  window.calls.push({url, method: options.method ?? 'GET', headers: options.headers, body: options.body});
  return new Response(body, {status, headers});
};
"""

# For each visible text, its contrast with the nearest opaque background behind it; returns those under 4.5.
LOW_CONTRAST = """
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const behind = e => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if ((c[3] ?? 1) === 1) return c; } return [255, 255, 255]; };
const found = [];
for (const e of document.querySelectorAll('body *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.tagName === 'SCRIPT') continue;
  const style = getComputedStyle(e);
  const [a, b] = [luminance(numbers(e.closest('svg') ? style.fill : style.color)), luminance(behind(e))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) found.push(`${e.tagName} ${e.textContent.trim().slice(0, 30)} ${((a + .05) / (b + .05)).toFixed(2)}`);
}
return found;
"""


class Server:
    """The example server on a free port, with a data folder of its own; stopped by its own pid only."""

    def __init__(self, program):
        self.data = tempfile.mkdtemp(prefix="event-draft-page-")
        self.process = None
        self.reader = None
        try:
            self.process = subprocess.Popen([program, "--port", "0", "--data", self.data], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
            self.url = self._wait_for_url(deadline=time.monotonic() + 10)
        except BaseException:
            self.stop()
            raise

    def _wait_for_url(self, deadline):
        lines = queue.Queue()

        def read():  # to the end, so that the server never blocks on a full pipe
            for line in self.process.stdout:
                lines.put(line)
            lines.put(None)

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        seen = []
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"the server did not say where it listens in time; it said {seen}") from None
            if line is None:
                raise AssertionError(f"the server ended before it listened; it said {seen}")
            seen.append(line)
            if "listening on http://" in line:
                return "http://" + line.split("listening on http://", 1)[1].split()[0].rstrip("/")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=5)
            if self.reader is not None:
                self.reader.join(timeout=5)  # the pipe ends with the server
            self.process.stdout.close()
        shutil.rmtree(self.data, ignore_errors=True)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if webdriver is None:
            raise unittest.SkipTest("python3-selenium is not installed")
        for program, package in ((CHROMIUM, "chromium"), (CHROMEDRIVER, "chromium-driver")):
            if not os.access(program, os.X_OK):
                raise unittest.SkipTest(f"{program} is missing (package {package})")
        program = os.environ.get("EVENT_DRAFT_SERVER")
        if not program:
            raise AssertionError("set EVENT_DRAFT_SERVER to the path of event_draft_server")
        cls.server = Server(program)
        cls.addClassCleanup(cls.server.stop)

        profile = tempfile.mkdtemp(prefix="event-draft-browser-")
        cls.addClassCleanup(shutil.rmtree, profile, ignore_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*BROWSER_FLAGS, f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.browser = webdriver.Chrome(service=Service(CHROMEDRIVER), options=options)
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.set_page_load_timeout(10)
        cls.browser.set_script_timeout(10)

    def setUp(self):
        self.expected_statuses = ()  # the browser logs each answer of 400 and above by itself
        self.look(width=1280)
        self.browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": self.server.url, "storageTypes": "local_storage"})
        self.browser.get_log("browser")
        self.browser.get(self.server.url + "/")

    def tearDown(self):
        unexpected = [entry for entry in self.browser.get_log("browser")
                      if not (entry["source"] == "network" and
                              any(f"status of {status} " in entry["message"] for status in self.expected_statuses))]
        self.assertEqual(unexpected, [], "the browser's console is not empty")

    # -- helpers

    def look(self, width, scheme="light", height=900):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                     {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def wait(self, condition, what):
        try:
            return WebDriverWait(self.browser, 5, poll_frequency=0.02).until(lambda _: condition())
        except TimeoutException:
            self.fail(f"waited in vain for: {what}")

    def fake_fetch(self, status, headers=None, body=None):
        self.browser.execute_script(FAKE_FETCH, status, headers or {}, json.dumps(body or {}))

    def fill(self, user=None, **values):
        """All at once, by script; test_keyboard_only types. An objective of None leaves what is chosen as it is."""
        user = next(USERS) if user is None else user
        self.browser.execute_script("""
            for (const [name, value] of Object.entries(arguments[0])) {
              if (value !== null) document.getElementById('create').elements[name].value = value;
            }""", {**EXAMPLE, **values, "userId": str(user)})
        return user

    def submit(self, form="create"):
        self.find(f"#{form} .buttons button:not([type])").click()
        self.wait(lambda: self.find("#result").get_attribute("aria-busy") == "false", "the answer")

    def create(self, user=None, **values):
        user = self.fill(user, **values)
        self.submit()
        return user

    def language(self, lang):
        self.find(f"header button[lang={lang}]").click()

    def focused(self):
        return self.browser.switch_to.active_element

    def fields_marked(self):
        return [e.get_attribute("id") for e in self.all("[aria-invalid=true]")]

    def error_of(self, field_id):
        """The error text that assistive technology connects with the field."""
        described = (self.find(f"#{field_id}").get_attribute("aria-describedby") or "").split()
        self.assertIn(f"{field_id}-error", described)
        self.assertTrue(self.find(f"#{field_id}-error").is_displayed())
        return self.text(f"#{field_id}-error")

    def steps(self):
        """{step: (state, text of its time)} as the picture shows them."""
        return {e.get_attribute("data-step"): (e.get_attribute("data-state"),
                                               e.find_element(By.CSS_SELECTOR, ".time").get_attribute("textContent"))
                for e in self.all("#result figure svg [data-step]")}

    # -- the draft and the flow

    def test_created(self):
        self.create()
        self.assertEqual(self.text("#result-title"), "새 초안을 만들었습니다")
        self.assertRegex(self.text("[data-of=draftId]"), r"^draft-[A-Za-z0-9_-]+$")
        self.assertEqual(self.text("[data-of=objective]"), "신규 고객 유치")
        self.assertEqual(self.text("[data-of=storeName]"), "맛있는집")
        self.assertEqual(self.text("[data-of=status]"), "DRAFT")
        self.assertEqual(self.text("[data-of=delivery]"), "발행 확인됨")
        self.assertEqual(self.focused().get_attribute("id"), "result-title")
        self.assertEqual(self.all("#differs"), [])
        steps = self.steps()
        self.assertEqual(list(steps), ["lookup", "validate", "save", "cache", "publish", "respond"])
        for step, (state, shown) in steps.items():
            self.assertEqual(state, "done", step)
            self.assertRegex(shown, r"\d ms$", step)
        lanes = [e.get_attribute("textContent") for e in self.all("#result svg .lane text")]
        self.assertEqual(lanes, ["Controller", "Service", "Cache", "DB", "Kafka"])

    def test_again_shows_the_draft_in_progress_and_that_it_differs(self):
        user = self.create()
        first = self.text("[data-of=draftId]")
        self.submit()
        self.assertEqual(self.text("#result-title"), "작성 중인 초안이 있습니다")
        self.assertEqual(self.text("[data-of=draftId]"), first)
        self.assertEqual(self.all("#differs"), [])
        self.create(user, objective="매출 증대", storeName="다른집")
        self.assertEqual(self.text("[data-of=draftId]"), first)
        self.assertIn("다릅니다", self.text("#differs"))
        self.assertEqual(self.text("[data-of=objective]"), "신규 고객 유치\n입력한 값: 매출 증대")
        self.assertEqual(self.text("[data-of=storeName]"), "맛있는집\n입력한 값: 다른집")
        steps = self.steps()
        self.assertRegex(steps["lookup"][1], r"\d ms$")
        for step in ("save", "cache", "publish"):
            self.assertEqual(steps[step], ("skipped", "건너뜀"), step)

    def test_steps_that_failed_are_marked_in_words_and_shape(self):
        self.fake_fetch(200, {"X-Draft-Origin": "created", "X-Draft-Differs": "false", "X-Event-Delivery": "pending",
                              "X-Draft-Degraded": "lookup, cache",
                              "Server-Timing": "lookup;dur=50.21, validate;dur=0.004, save;dur=1.2345, cache;dur=10, publish;dur=1e2"},
                        {"eventDraftId": "draft-7", **EXAMPLE, "status": "DRAFT"})
        self.create()
        steps = self.steps()
        self.assertEqual(steps["lookup"], ("failed", "✕ 실패 · 50.2 ms"))
        self.assertEqual(steps["validate"], ("done", "통과 · 0.004 ms"))
        self.assertEqual(steps["save"], ("done", "저장됨 · 1.23 ms"))
        self.assertEqual(steps["cache"], ("failed", "✕ 실패 · 10 ms"))
        self.assertEqual(steps["publish"], ("later", "나중에 전달 · 100 ms"))
        self.assertIn("자동으로 전달", self.text("[data-of=delivery]"))
        self.assertIn("캐시 조회, 캐시 저장", self.text("[data-of=degraded]"))

    def test_the_picture_has_a_text_alternative(self):
        self.fake_fetch(200, {"X-Draft-Origin": "in_progress", "X-Draft-Differs": "false", "X-Event-Delivery": "none",
                              "Server-Timing": "lookup;dur=0.5"}, {"eventDraftId": "draft-7", **EXAMPLE, "status": "DRAFT"})
        self.create()
        spoken = self.find("#result svg[role=img]").get_attribute("aria-label")
        self.assertIn("1 캐시 조회: 있음, 0.5 ms. 2 유효성 검증: 건너뜀. 3 초안 저장: 건너뜀.", spoken)
        self.find("#result summary").click()
        rows = [[cell.text for cell in row.find_elements(By.CSS_SELECTOR, "th, td")] for row in self.all("#result tbody tr")]
        self.assertEqual(rows[0], ["1 캐시 조회", "Service → Cache", "있음", "0.5 ms"])
        self.assertEqual(rows[4], ["5 이벤트 발행", "Service → Kafka", "건너뜀", "–"])

    def test_find(self):
        user = self.create()
        draft = self.text("[data-of=draftId]")
        self.submit("find")  # a draft that was made is ready to be looked up
        self.assertEqual(self.text("#result-title"), "초안을 찾았습니다")
        self.assertEqual(self.text("[data-of=draftId]"), draft)
        self.assertEqual(self.text("[data-of=address]"), EXAMPLE["address"])
        self.assertRegex(self.text("[data-of=createdAt]"), r"^20\d\d")
        self.expected_statuses = (400, 404)
        for wrong, code, field in ((str(user + 500000), "DRAFT_NOT_FOUND", "find-eventDraftId"),
                                   ("abc", "MALFORMED_REQUEST", "find-userId")):
            self.find("#find-userId").clear()
            self.find("#find-userId").send_keys(wrong)
            self.submit("find")
            self.assertEqual(self.fields_marked(), [field])
            self.assertIn(code, self.error_of(field))
            self.assertEqual(self.focused().get_attribute("id"), field)

    # -- approval

    def approve(self):
        self.find("#approve").click()
        self.wait(lambda: self.find("#result").get_attribute("aria-busy") == "false", "the answer")

    def test_approved_and_then_another_draft(self):
        user = self.create()
        first = self.text("[data-of=draftId]")
        self.assertIn("새 초안을 시작할 수 있습니다", self.text("#approve-hint"))
        self.approve()
        self.assertEqual(self.text("#result-title"), "초안을 승인했습니다")
        self.assertEqual(self.focused().get_attribute("id"), "result-title")
        self.assertEqual((self.text("[data-of=draftId]"), self.text("[data-of=status]")), (first, "APPROVED"))
        # The draft's first event goes first, and may not be settled yet.
        delivered = self.text("[data-of=delivery]") == "발행 확인됨"
        self.assertTrue(delivered or "대기 중" in self.text("[data-of=delivery]"))
        self.assertEqual(self.text("[data-of=address]"), EXAMPLE["address"])
        self.assertEqual(self.text("#result .callout"), "이제 새 초안을 시작할 수 있습니다.")
        self.assertFalse(self.find("#approve").is_displayed())
        steps = self.steps()
        self.assertEqual(list(steps), ["approve", "cache", "publish", "respond"])
        self.assertEqual(["done", "done", "done" if delivered else "later", "done"], [state for state, _ in steps.values()])
        self.assertIn("승인됨", steps["approve"][1])
        self.create(user)
        self.assertEqual(self.text("#result-title"), "새 초안을 만들었습니다")
        self.assertNotEqual(self.text("[data-of=draftId]"), first)
        self.assertTrue(self.find("#approve").is_displayed())

    def test_a_draft_that_is_found_or_in_progress_can_be_approved_and_an_approved_one_not(self):
        self.create()
        draft = self.text("[data-of=draftId]")
        self.submit()
        self.assertEqual(self.text("#result-title"), "작성 중인 초안이 있습니다")
        self.assertTrue(self.find("#approve").is_displayed())
        self.submit("find")
        self.assertEqual(self.text("#result-title"), "초안을 찾았습니다")
        self.approve()
        self.assertEqual(self.text("#result-title"), "초안을 승인했습니다")
        self.assertEqual(self.text("[data-of=draftId]"), draft)
        self.submit("find")
        self.assertEqual(self.text("[data-of=status]"), "APPROVED")
        self.assertFalse(self.find("#approve").is_displayed())

    def test_approved_elsewhere_in_the_meantime(self):
        user = self.create()
        draft = self.text("[data-of=draftId]")
        with urllib.request.urlopen(urllib.request.Request(
                f"{self.server.url}/api/events/drafts/{draft}/approval?userId={user}", method="POST"), timeout=10) as answer:
            self.assertEqual(answer.status, 200)
        self.approve()
        self.assertEqual(self.text("#result-title"), "이미 승인된 초안입니다")
        self.assertIn("바뀐 것은 없습니다", self.text("#result .callout"))
        self.assertIn("새 초안을 시작할 수 있습니다", self.text("#result .callout"))
        self.assertEqual(self.text("[data-of=delivery]"), "이 요청에서는 발행할 이벤트가 없음")
        self.assertEqual(self.steps()["publish"], ("skipped", "건너뜀"))
        self.language("en")
        self.assertEqual(self.text("#result-title"), "This draft is approved already")

    def test_an_approval_whose_event_is_pending(self):
        self.create()
        self.fake_fetch(200, {"X-Draft-Approval": "approved", "X-Event-Delivery": "pending",
                              "Server-Timing": "approve;dur=1.5, cache;dur=0.01, publish;dur=0.001"},
                        {"eventDraftId": "draft-7", **EXAMPLE, "status": "APPROVED", "createdAt": "2026-11-23T09:00:00.123Z"})
        self.approve()
        [call] = self.browser.execute_script("return window.calls")
        self.assertRegex(call["url"], r"^/api/events/drafts/draft-\d+/approval\?userId=\d+$")
        self.assertEqual((call["method"], call["headers"]["Accept-Language"]), ("POST", "ko"))
        self.assertEqual(self.text("#result-title"), "초안을 승인했습니다")
        self.assertIn("대기 중", self.text("[data-of=delivery]"))
        self.assertEqual(self.steps()["publish"], ("later", "나중에 전달 · 0.001 ms"))
        self.assertIn("3 이벤트 발행: 나중에 전달, 0.001 ms.", self.find("#result svg[role=img]").get_attribute("aria-label"))

    def test_an_approval_that_failed_can_be_tried_again(self):
        self.create()
        draft = self.text("[data-of=draftId]")
        for status, code, said in ((503, "STORAGE_UNAVAILABLE", "다시 시도해 주세요"), (404, "DRAFT_NOT_FOUND", "승인하지 못했습니다")):
            self.fake_fetch(status, {}, {"code": code, "message": "까닭"})
            self.approve()
            self.assertIn(code, self.text("#notice"))
            self.assertIn(said, self.text("#notice"))
            self.assertEqual(self.focused(), self.find("#notice"))
            self.assertEqual(self.fields_marked(), [])
            self.assertEqual((self.text("[data-of=draftId]"), self.text("[data-of=status]")), (draft, "DRAFT"))
            self.assertTrue(self.find("#approve").is_displayed())

    def test_approving_with_the_keyboard_once(self):
        self.create()
        self.browser.execute_script("""
            window.calls = 0;
            window.fetch = () => { window.calls++; return new Promise(resolve => { window.answer = resolve; }); };""")
        for _ in range(3):  # from the result's title, where the focus is after a request
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
            if self.focused().get_attribute("id") == "approve":
                break
        self.assertEqual(self.focused().get_attribute("id"), "approve")
        self.assertIn("approve-hint", self.focused().get_attribute("aria-describedby"))
        ActionChains(self.browser).send_keys(Keys.ENTER).perform()
        self.assertEqual(self.text("#approval [role=status]"), "보내는 중입니다…")
        self.assertEqual(self.focused().get_attribute("id"), "approve")  # not lost while it is under way
        self.assertEqual(self.focused().get_attribute("aria-disabled"), "true")
        ActionChains(self.browser).send_keys(Keys.ENTER).perform()
        self.assertIn("이미 보내는 중", self.text("#approval [role=status]"))
        self.assertEqual(self.browser.execute_script("return window.calls"), 1)
        self.browser.execute_script("""window.answer(new Response('{"eventDraftId":"draft-7","status":"APPROVED"}'))""")
        self.wait(lambda: self.focused().get_attribute("id") == "result-title", "the end of the request")
        self.assertFalse(self.find("#approve").is_displayed())

    # -- errors

    def test_unknown_objective_at_its_field(self):
        self.expected_statuses = (400,)
        self.create(objective=None)
        self.assertEqual(self.fields_marked(), ["objectives"])
        self.assertIn("EVENT_001", self.error_of("objectives"))
        self.assertEqual(self.focused().get_attribute("value"), "신규 고객 유치")
        self.assertIn("objectives-error", self.focused().get_attribute("aria-describedby"))
        self.assertIn("EVENT_001", self.text("#notice"))
        self.submit_corrected("objective")

    def submit_corrected(self, field):
        """Once the field is right, nothing is left of the error."""
        if field == "objective":
            self.find("#create input[value='매출 증대']").click()
        self.submit()
        self.assertEqual(self.fields_marked(), [])
        self.assertFalse(self.find("#notice").is_displayed())
        self.assertEqual(self.text("#result-title"), "새 초안을 만들었습니다")

    def test_missing_store_info_at_each_field(self):
        self.expected_statuses = (400,)
        self.create(storeName="", industry="  ", address="")
        self.assertEqual(self.fields_marked(), ["storeName", "industry", "address"])
        for field in self.fields_marked():
            self.assertIn("EVENT_002", self.error_of(field))
        self.assertEqual(self.focused().get_attribute("id"), "storeName")
        self.create(address="")
        self.assertEqual(self.fields_marked(), ["address"])
        self.assertEqual(self.focused().get_attribute("id"), "address")

    def test_invalid_store_info_at_each_field(self):
        self.expected_statuses = (400,)
        self.create(industry="업" * 51, address="주" * 201)
        self.assertEqual(self.fields_marked(), ["industry", "address"])
        self.assertIn("50자", self.error_of("industry"))
        self.assertIn("INVALID_STORE_INFO", self.error_of("address"))
        self.assertEqual(self.focused().get_attribute("id"), "industry")
        self.assertEqual(self.find("#industry").get_attribute("value"), "업" * 51)

    def test_malformed_user_number_at_its_field(self):
        self.expected_statuses = (400,)
        for wrong in ("0", "-1", "abc", "", "1.5"):
            with self.subTest(wrong):
                self.create(wrong)
                self.assertEqual(self.fields_marked(), ["userId"])
                self.assertIn("MALFORMED_REQUEST", self.error_of("userId"))
                self.assertEqual(self.focused().get_attribute("id"), "userId")

    def test_a_64_bit_user_number_goes_digit_for_digit(self):
        self.fake_fetch(200, {}, {"eventDraftId": "draft-7", **EXAMPLE, "status": "DRAFT"})
        self.create("9223372036854775807")
        body = self.browser.execute_script("return window.calls[0].body")
        self.assertEqual(json.loads(body), {"userId": 9223372036854775807, **EXAMPLE})

    def test_storage_failure_is_said_at_the_top_and_the_form_is_kept(self):
        self.fake_fetch(503, {"Retry-After": "7"}, {"code": "STORAGE_UNAVAILABLE", "message": "저장소를 쓸 수 없습니다."})
        self.create()
        notice = self.find("#notice")
        for part in ("STORAGE_UNAVAILABLE", "저장소를 쓸 수 없습니다.", "7초 뒤에"):
            self.assertIn(part, notice.text)
        self.assertEqual(notice.get_attribute("role"), "alert")
        self.assertEqual(self.focused(), notice)
        self.assertLess(notice.location["y"], self.find("#create").location["y"])
        self.assertEqual(self.fields_marked(), [])
        self.assertEqual(self.find("#storeName").get_attribute("value"), EXAMPLE["storeName"])
        self.assertTrue(self.find("#create input[value='신규 고객 유치']").is_selected())

    def test_network_failure_time_out_and_nonsense_are_said(self):
        self.browser.execute_script("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")
        self.create()
        self.assertIn("연결하지 못했습니다", self.text("#notice"))
        self.browser.execute_script("""
            const later = window.setTimeout;
            window.setTimeout = (what, ms) => { window.limit = ms; return later(what, ms / 50); };
            window.fetch = (url, {signal}) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));""")
        self.submit()
        self.assertIn("5초 안에 응답이 없었습니다", self.text("#notice"))
        self.assertEqual(self.browser.execute_script("return window.limit"), 5000)
        self.assertEqual(self.find("#storeName").get_attribute("value"), EXAMPLE["storeName"])
        self.browser.execute_script("window.fetch = async () => new Response('<html>', {status: 502})")
        self.submit()
        self.assertIn("HTTP 502", self.text("#notice"))

    def test_one_request_at_a_time(self):
        self.browser.execute_script("""
            window.calls = 0;
            window.fetch = () => { window.calls++; return new Promise(resolve => { window.answer = resolve; }); };""")
        self.fill()
        button = self.find("#create .buttons button:not([type])")
        button.click()
        self.assertEqual(self.text("#create [role=status]"), "보내는 중입니다…")
        button.click()
        self.find("#address").send_keys(Keys.ENTER)
        self.find("#find .buttons button").click()
        self.assertEqual(self.browser.execute_script("return window.calls"), 1)
        self.assertIn("이미 보내는 중", self.text("#create [role=status]"))
        self.assertEqual(self.find("#result").get_attribute("aria-busy"), "true")
        self.assertEqual(button.get_attribute("aria-disabled"), "true")
        self.browser.execute_script("""window.answer(new Response('{"eventDraftId":"draft-7"}'))""")
        self.wait(lambda: self.find("#result").get_attribute("aria-busy") == "false", "the end of the request")
        self.assertEqual(self.text("#create [role=status]"), "")
        self.assertEqual(button.get_attribute("aria-disabled"), "false")

    # -- language, keyboard, markup, looks

    def test_korean_and_english(self):
        self.expected_statuses = (400,)
        root = self.find("html")
        self.assertEqual((root.get_attribute("lang"), self.text("h1")), ("ko", "이벤트 목적 선택"))
        self.assertNotIn("Increase sales", self.text("#objectives"))
        self.language("en")
        self.assertEqual((root.get_attribute("lang"), self.text("h1")), ("en", "Choose an event objective"))
        self.assertEqual(self.browser.title, "Choose an event objective")
        self.assertIn("매출 증대 Increase sales", self.text("#objectives"))
        pressed = {b.get_attribute("lang"): b.get_attribute("aria-pressed") for b in self.all("header button")}
        self.assertEqual(pressed, {"ko": "false", "en": "true"})
        self.create(objective=None)
        self.assertIn("Choose one of the four objectives.", self.error_of("objectives"))
        said = self.find("#notice [lang]")
        self.assertEqual(said.get_attribute("lang"), "en")
        self.assertRegex(said.text, r"^The objective is not one of ", "the server's message is not English")
        self.language("ko")
        self.assertIn("네 가지 목적", self.error_of("objectives"))
        self.language("en")
        self.browser.refresh()
        self.assertEqual(self.text("h1"), "Choose an event objective")  # remembered
        self.fake_fetch(200, {}, {"eventDraftId": "draft-7", **EXAMPLE, "status": "DRAFT"})
        self.create()
        call = self.browser.execute_script("return window.calls[0]")
        self.assertEqual(call["headers"]["Accept-Language"], "en")
        self.assertEqual(json.loads(call["body"])["objective"], "신규 고객 유치")

    def test_language_works_without_storage(self):
        script = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('denied', 'SecurityError'); }});"})
        try:
            self.browser.refresh()
            self.language("en")
            self.assertEqual(self.text("h1"), "Choose an event objective")
        finally:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def test_keyboard_only(self):
        def press(*keys):
            ActionChains(self.browser).send_keys(*keys).perform()

        visited = []

        def tab_to(name):
            for _ in range(12):
                press(Keys.TAB)
                at = self.focused()
                visited.append(at.get_attribute("name") or at.get_attribute("id") or at.get_attribute("lang"))
                style = "const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth"
                self.assertEqual(self.browser.execute_script("return (() => {" + style + "})()"), "solid3px", visited)
                if visited[-1] == name:
                    return
            self.fail(f"TAB does not reach {name}: {visited}")

        tab_to("objective")
        press(Keys.SPACE)
        for name in ("storeName", "industry", "address"):
            tab_to(name)
            press(EXAMPLE[name])
        tab_to("userId")
        press(Keys.ENTER)
        self.wait(lambda: self.all("[data-of=draftId]"), "the draft")
        self.assertEqual(visited, ["ko", "en", "objective", "storeName", "industry", "address", "userId"])
        self.assertEqual(self.text("[data-of=objective]"), "신규 고객 유치")
        self.assertEqual(self.text("[data-of=storeName]"), "맛있는집")

    def test_markup_from_the_server_is_shown_as_text(self):
        attack = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
        self.create(storeName=attack)
        self.assertEqual(self.text("[data-of=storeName]"), attack)
        self.assertEqual(self.all("#result img, #result script"), [])
        hostile = f"{attack}</svg>"
        self.fake_fetch(200, {"X-Draft-Origin": "in_progress", "X-Draft-Differs": "true", "X-Event-Delivery": attack,
                              "X-Draft-Degraded": attack},
                        {name: hostile for name in ("eventDraftId", "objective", "storeName", "status")})
        self.submit()
        self.assertEqual(self.text("[data-of=draftId]"), hostile)
        self.fake_fetch(400, {}, {"code": attack, "message": attack, "fields": ["storeName", attack]})
        self.submit()
        self.assertIn(attack, self.text("#notice"))
        self.assertEqual(self.all("main img, main script"), [])
        self.assertIsNone(self.browser.execute_script("return window.hacked ?? null"))

    def test_looks(self):
        """No sideways scrolling at any width, nothing cut off, and contrast AA in both colour schemes."""
        folder = os.environ.get("PAGE_SCREENSHOTS")
        self.expected_statuses = (400,)

        def check(name):
            for width in (320, 640, 1280):
                for scheme in ("light", "dark") if folder or width == 1280 else ("light",):
                    self.look(width, scheme)
                    shown = f"{name}-{width}-{scheme}"
                    self.assertEqual(self.browser.execute_script("""
                        const wide = document.documentElement.clientWidth;
                        return [document.documentElement.scrollWidth - wide,
                          [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length && e.getBoundingClientRect().right > wide + 1).map(e => e.outerHTML.slice(0, 80))]"""),
                        [0, []], shown)
                    self.assertEqual(self.browser.execute_script("""
                        const boxes = [...document.querySelectorAll('#result svg [data-step]')].map(g => [...g.querySelectorAll(':scope > text')].map(e => e.getBoundingClientRect()));
                        return boxes.filter(([name, time]) => name.right + 2 > time.left).length"""), 0, f"{shown}: a step's name runs into its time")
                    self.assertEqual(self.browser.execute_script(LOW_CONTRAST), [], shown)
                    if folder:
                        size = self.browser.execute_script("return document.documentElement.scrollHeight")
                        self.look(width, scheme, size)
                        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
                        self.browser.save_screenshot(str(pathlib.Path(folder, shown + ".png")))
            self.look(1280)

        for lang in ("ko", "en"):
            self.language(lang)
            user = self.create(storeName="가" * 100, address="W" * 200)
            check(f"{lang}-created")
            self.create(user, objective="인지도 향상")
            check(f"{lang}-differs")
            self.approve()
            check(f"{lang}-approved")
            self.fake_fetch(200, {"X-Draft-Origin": "created", "X-Draft-Differs": "false", "X-Event-Delivery": "pending",
                                  "X-Draft-Degraded": "lookup, cache",
                                  "Server-Timing": "lookup;dur=50.25, validate;dur=0.004, save;dur=123.4, cache;dur=50.31, publish;dur=301.2"},
                            {"eventDraftId": "draft-7", **EXAMPLE, "status": "DRAFT"})
            self.create()
            self.find("#result summary").click()
            check(f"{lang}-degraded")
            self.fake_fetch(200, {"X-Draft-Approval": "already_approved", "X-Event-Delivery": "none",
                                  "Server-Timing": "approve;dur=1.25, cache;dur=0.12"},
                            {"eventDraftId": "draft-7", **EXAMPLE, "status": "APPROVED", "createdAt": "2026-11-23T09:00:00.123Z"})
            self.approve()
            check(f"{lang}-already")
            self.browser.refresh()
            self.create("abc", objective=None, storeName="")
            check(f"{lang}-user")
            self.create(storeName="", industry="", address="")
            check(f"{lang}-errors")


if __name__ == "__main__":
    unittest.main(verbosity=2)
