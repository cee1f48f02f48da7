"""The page of a run by jobs/report, as a browser shows it. Skipped (exit code 77) where there is none."""
import json
import re
import shutil
import subprocess
import sys
import unittest

from report_pages import HOSTILE, Page, PageTest

import numpy as np

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# A phone with the page in it, which then says how the page came out there.
PHONE = """<!DOCTYPE html><iframe id="page" src="p.html" width="390" height="800"></iframe>
<pre id="said"></pre><script>
const frame = document.getElementById("page");
frame.onload = () => {
  const page = frame.contentDocument, body = frame.contentWindow.getComputedStyle(page.body);
  document.getElementById("said").textContent = JSON.stringify({
    width: page.documentElement.scrollWidth, text: page.body.innerText,
    broken: [...page.images].filter(image => image.naturalWidth === 0).length,
    drawings: [...page.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect().width),
    colours: [body.color, body.backgroundColor]});
};
</script>"""


class Browser(PageTest):
    def browse(self, page, *arguments):
        """What the browser prints of a page; it has a profile of its own and asks nobody."""
        result = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", f"--user-data-dir={self.folder}/profile",
             "--allow-file-access-from-files", *arguments, f"file://{self.folder}/{page}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=200, check=False, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_a_run(self):
        """On a phone nothing is wider than the screen, and text stands out, in the dark, too."""
        self.make_run()
        self.make_images()
        self.make_checkpoint(np.zeros((0, 0)))
        self.report("run", drawn=True)
        self.put("phone.html", PHONE)
        dark = "--blink-settings=preferredColorScheme=0"
        for scheme in ([], [dark]):
            page = Page(self.browse("phone.html", "--dump-dom", "--virtual-time-budget=20000",
                                    *scheme))
            said = json.loads(next(word for word in page.words if word.startswith('{"width"')))
            self.assertLessEqual(said["width"], 390)
            self.assertEqual(said["broken"], 0)
            self.assertTrue(said["drawings"] and all(50 < w <= 390 for w in said["drawings"]), said)
            self.assertIn(HOSTILE, said["text"])
            text, ground = (sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
                            for colour in said["colours"])
            self.assertGreater((text - ground) * (1 if scheme else -1), 128)
        self.browse("p.html", f"--print-to-pdf={self.folder}/p.pdf")
        self.assertTrue((self.folder / "p.pdf").read_bytes().startswith(b"%PDF"))


if __name__ == "__main__":
    if CHROMIUM is None:
        print("skipped: there is no chromium (modules/setup-debian.sh test installs it)")
        sys.exit(77)
    unittest.main()
