"""The HTML report in a real browser: it loads nothing, scrolls nothing sideways, and shows what it should at both widths."""

import http.server
import os
import re
import shutil
import subprocess
import threading
from functools import partial
from pathlib import Path

import pytest

from kubeml_simulator.preview.document import Change, Interval, Landing, PodGroup, PolicyResult, PoolUse, Report
from kubeml_simulator.preview.report import save

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the report is not looked at in a browser"
)
WEB = "urn:pulumi:dev::shop::shop:index:Web::web"
LONG = "a-very-long-name-" * 12
EVIL = "<script>document.title='owned'</script>"


def report() -> Report:
    child = WEB.replace("shop:index:Web::web", "shop:index:Web$aws:ec2/vpc:Vpc::net")
    span = Interval(urn=child, type="aws:ec2/vpc:Vpc", name=LONG, op="create", start=0, end=10, measured=True)
    return Report(
        operation="up", project="shop", stack="dev", ok=True, exit_code=0, profile="dev", as_of="2026-11-25", packs=("kubeml 0.1.0",),
        changes={"create": 2},
        resources=(
            Change(urn=WEB, type="shop:index:Web", name="web", op="create", start=0, end=0),
            Change(urn=child, type="aws:ec2/vpc:Vpc", name=LONG, op="create", parent=WEB, start=0, end=10, measured=True),
        ),
        policy=(PolicyResult(check="POD-01", name="privileged", pack="kubeml", result="violation", level="mandatory", urn=child, message=EVIL),),
        placement=(PodGroup(owner=WEB, name="chat", namespace=LONG, replicas=2, devices={"nvidia.com/gpu": 1},
                            landings=(Landing(pool="serve", pods=2, nodes=2),)),),
        pools=(PoolUse(name="serve", machine="g6.xlarge", max=4, devices={"nvidia.com/gpu": 4}, taken={"nvidia.com/gpu": 2}),),
        outputs={"url": "https://example.com/" + LONG}, timeline=(span,), critical_path=(span,), duration=10, diagnostics=(),
    )  # fmt: skip


class Site(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    asked: list[str]

    def log_message(self, *_):
        self.asked.append(self.path)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The report on loopback, beside a page that frames it and tells what the browser made of it; and the paths asked for."""
    folder = tmp_path_factory.mktemp("site")
    save(report(), folder / "report.html")
    (folder / "look.html").write_text(LOOK, encoding="utf-8")
    asked: list[str] = []
    handler = type("Handler", (Site,), {"asked": asked})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()
    thread.join()


# A page of the same origin may look into the frame; the report itself runs no script.
LOOK = """<!DOCTYPE html><title>looking</title><body style="margin:0"><iframe id="page" style="border:0;height:900px"></iframe><pre id="seen"></pre>
<script>
const frame = document.getElementById("page");
frame.style.width = new URLSearchParams(location.search).get("width") + "px";
frame.onload = () => {
  const page = frame.contentDocument, style = (selector) => frame.contentWindow.getComputedStyle(page.querySelector(selector));
  const seen = {
    width: page.documentElement.clientWidth, needed: page.documentElement.scrollWidth, title: page.title,
    headings: [...page.querySelectorAll("h2")].filter((each) => each.getClientRects().length).map((each) => each.textContent).join("|"),
    bar: page.querySelector(".track i").getBoundingClientRect().width > 50, ground: style("body").backgroundColor,
  };
  document.getElementById("seen").textContent = JSON.stringify(seen);
};
frame.src = "report.html";
</script>"""


def looked(site: str, width: int, tmp_path: Path, *flags: str) -> dict:
    """Opens the report at a width; gives what the browser made of it."""
    import html
    import json

    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,1000",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", *flags, "--dump-dom", f"{site}/look.html?width={width}",
    ]  # fmt: skip
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    found = re.search(r'<pre id="seen">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, f"the browser saw nothing: {done.stdout[-500:]} {done.stderr[-500:]}"
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("width", [360, 1200])
def test_the_report_fits_a_phone_and_a_desk(site, width, tmp_path):
    seen = looked(site[0], width, tmp_path)
    assert width - 20 < seen["width"] <= width, "a scroll bar takes some"
    assert seen["needed"] <= seen["width"], "nothing makes the page scroll sideways, however long a name is"
    assert seen["headings"] == "Policy|Where every GPU pod lands|Outputs|Timeline|Resources"
    assert seen["bar"], "the timeline has a bar to see"


def test_text_of_a_stack_runs_no_script(site, tmp_path):
    assert looked(site[0], 800, tmp_path)["title"] == "dev: up of shop"


def test_the_report_is_dark_where_the_reader_wants_it(site, tmp_path):
    light = looked(site[0], 800, tmp_path)["ground"]
    dark = looked(site[0], 800, tmp_path, "--blink-settings=preferredColorScheme=0", "--force-dark-mode")["ground"]

    def brightness(colour):
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert brightness(dark) < 150 < 600 < brightness(light)


def test_the_report_asks_for_nothing_but_itself(site, tmp_path):
    url, asked = site
    asked.clear()
    looked(url, 800, tmp_path)
    assert {path.partition("?")[0] for path in asked} <= {"/look.html", "/report.html", "/favicon.ico"}
    assert "/report.html" in asked
