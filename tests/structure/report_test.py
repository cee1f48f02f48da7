"""jobs/report: pages of runs made by hand, whole ones and such as lack something, with names that
look like HTML. Each page is parsed: no script, nothing from elsewhere, every element closed."""
import contextlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import unittest
import unittest.mock

from collect_test import JOBS, METRICS, STUDY, script
from report_pages import HOSTILE, NAMES, REPORT, SIDE, TESTED, Page, PageTest, pixels_of, stub

import h5py
import numpy as np
import records
import report_html
import report_images
import report_run

class Pages(PageTest):
    # ---- a run ----
    def test_a_whole_run(self):
        samples = self.make_run()
        self.make_images()
        self.make_checkpoint(np.zeros((0, 0)))
        page = self.report("run", drawn=True)
        text = page.text()
        for words in ("9-4-3: test accuracy 50.00 %", "validation accuracy 80.00 %", "3 passes",
                      HOSTILE, "</table>&amp;'", "forward", "0.5 s",
                      "Weights of 5 of 5 units"):
            self.assertIn(words, text)
        self.assertGreaterEqual(page.tags.count("svg"), 2)
        identifiers = re.findall(r' id="([^"]+)"', (self.folder / "p.html").read_text())
        self.assertEqual(len(identifiers), len(set(identifiers)))  # of two drawings on one page
        right = sum(label == predicted for label, predicted, _ in samples) / TESTED
        other = f"a.test.csv is of another end of the run: its accuracy is {100 * right:.2f} %"
        self.assertIn(other, text)
        self.make_run(test_accuracy=right)
        self.assertNotIn("another end of the run", self.report("run").text())
        # Precision and recall by their definitions.
        for c, name in enumerate(NAMES):
            true = sum(label == c for label, *_ in samples)
            taken = sum(predicted == c for _, predicted, _ in samples)
            both = sum(label == predicted == c for label, predicted, _ in samples)
            self.assertIn(f"{name} {true} {100 * both / taken:.2f} {100 * both / true:.2f}", text)

    def test_the_most_confident_mistakes_with_their_pictures(self):
        samples = self.make_run()
        images = self.make_images()
        wrong = sorted(((p[predicted], place) for place, (label, predicted, p)
                        in enumerate(samples) if label != predicted), reverse=True)
        self.assertGreater(len(wrong), report_run.MOST_MISTAKES // 2)
        page = self.report("run/a.summary.json")
        self.assertIn(f"{len(wrong)} of {TESTED} test samples", page.text())
        self.assertEqual([pixels_of(picture) for picture in page.pictures],
                         [(SIDE, SIDE, images[place])
                          for _, place in wrong[:report_run.MOST_MISTAKES]])
        shutil.rmtree(self.folder / "images")
        page = self.report("run")
        self.assertEqual(page.pictures, [])
        self.assertIn("the test images are not where the deck has them, in images", page.text())
        self.assertIn(f"{wrong[0][1]} {NAMES[samples[wrong[0][1]][0]]}", page.text())

    def test_confusion_without_predictions_is_that_of_the_summary(self):
        self.make_run(test_confusion=[[7, 1, 0], [2, 0, 2], [0, 0, 3]])
        (self.folder / "run/a.test.csv").unlink()
        text = self.report("run").text()
        self.assertIn(f"{HOSTILE} 4 0.00 0.00", text)
        self.assertIn("cat 8 77.78 87.50", text)
        self.assertIn("-run_predictions true", text)
        self.make_run(test_confusion=[[7, 1], [2, 0]])
        (self.folder / "run/a.test.csv").unlink()
        self.assertIn("test_confusion is no table", self.report("run").text())

    def test_many_classes(self):
        """The worst of them, and what is taken for what most often, in the place of a matrix."""
        names = [f"c{i}" for i in range(report_run.MOST_CLASSES + 10)]
        self.make_run(classes=names)
        pairs = [(name, name) for name in names] + [("c5", "c6")] * 3 + [("c7", "c8")] * 2
        self.put("run/a.test.csv", "sample,label,predicted,p_c0\n" + "".join(
            f"{i},{label},{predicted},0.5\n" for i, (label, predicted) in enumerate(pairs)))
        text = self.report("run").text()
        self.assertIn("true class taken for times c5 c6 3 c7 c8 2", text)
        self.assertIn("recall [%] c5 4 100.00 25.00 c7 3 100.00 33.33 c0 1 100.00 100.00", text)
        self.assertNotIn("c39 1 ", text)

    def test_a_single_output_and_scores(self):
        value = {"b": 0.9}
        self.assertAlmostEqual(report_run.certainty(value, "a", "b", False), 0.8)
        scores = {"a": -1.0, "b": 2.0}
        self.assertEqual(report_run.certainty(scores, "a", "b", False), 3.0)
        self.assertEqual(report_run.certainty(scores, "a", "b", True), 2.0)

    def test_real_targets(self):
        self.make_run()
        draw = random.Random(2)
        pairs = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(30)]
        self.put("run/a.test.csv", f"sample,target_{HOSTILE},predicted_{HOSTILE}\n".replace(
            '"', "") + "".join(f"{i},{t!r},{p!r}\n" for i, (t, p) in enumerate(pairs)))
        summary = json.loads((self.folder / "run/a.summary.json").read_text())
        del summary["test_accuracy"]
        self.put("run/a.summary.json", json.dumps({**summary, "test_rmse": 1.5,
                                                   "validation_rmse": 1.25, "train_rmse": 1}))
        self.put("run/a.metrics.csv", METRICS.replace("_accuracy", "_rmse"))
        t, p = np.array(pairs).T
        rmse, r2 = np.sqrt(np.mean((p - t)**2)), 1 - ((p - t)**2).sum() / ((t - t.mean())**2).sum()
        name = HOSTILE.replace('"', "")
        text = self.report("run", drawn=True).text()
        self.assertIn("9-4-3: test rmse 1.5, validation rmse 1.25", text)
        self.assertIn(f"{name} 30 {rmse:.4g} {np.mean(p - t):.4g} {r2:.4g}", text)
        self.assertNotIn("Precision and recall", text)

    # ---- the weights ----
    def test_weights_of_components_are_brought_back_to_pixels(self):
        self.make_run()
        rotation = np.random.default_rng(1).standard_normal((4, SIDE**2))
        weights = self.make_checkpoint(rotation)
        found, units = report_images.first_weights("run/a.ckpt.3.h5")
        expected = [[sum(rotation[k, pixel] * weights[k, unit] for k in range(4))
                     for unit in range(5)] for pixel in range(SIDE**2)]
        self.assertEqual((units, found.shape), (5, (SIDE**2, 5)))
        self.assertLess(abs(found - expected).max(), 1e-13)  # 4 terms of size 1
        page = self.report("run")
        width, height, pixels = pixels_of(page.pictures[-1])
        self.assertEqual((width, height), (5 * (SIDE + 1) - 1, SIDE))
        for unit in range(5):
            column = found[:, unit]
            for pixel in range(SIDE**2):
                place = 3 * ((pixel // SIDE) * width + unit * (SIDE + 1) + pixel % SIDE)
                red, green, blue = pixels[place:place + 3]
                share = column[pixel] / abs(column).max()
                self.assertEqual(blue if share < 0 else red, 255)
                self.assertEqual(green, round(255 * (1 - abs(share))))

    def test_weights_that_are_not_there(self):
        self.make_run()
        self.assertIn("there is no checkpoint of a", self.report("run").text())
        self.make_checkpoint(np.zeros((0, 0)))
        with h5py.File("run/a.ckpt.3.h5", "a") as file:
            file["state/layer_1/W"][0, 0] = float("nan")
        self.assertIn("are not finite", self.report("run").text())
        with h5py.File("run/a.ckpt.3.h5", "a") as file:
            del file["state/layer_1/W"]
            file["state/layer_1/W"] = h5py.ExternalLink("/dev/zero", "/x")
        self.assertIn("W is a link", self.report("run").text())

    # ---- runs that are not whole ----
    def test_a_run_that_goes_on(self):
        self.make_run()
        for ending in ("summary.json", "test.csv"):
            (self.folder / f"run/a.{ending}").unlink()
        self.put("run/a.metrics.csv", METRICS + "4,2,0.2")
        self.put("run/a.lock", "")
        text = self.report("run", code=1).text()
        self.assertIn("a has no result yet: it is running, or was killed; 3 passes done, best "
                      "validation accuracy 70.00 %.", text)
        self.make_run()
        self.assertIn("the run goes on, or was killed; this is its last result",
                      self.report("run").text())

    def test_numbers_that_are_none(self):
        self.make_run(test_accuracy=None, train_accuracy=None, validation_accuracy=None)
        self.put("run/a.metrics.csv", METRICS.replace("0.25", "inf", 1).replace(",0.7,", ",nan,"))
        text = self.report("run").text()
        self.assertIn("9-4-3: no score", text)
        self.assertIn("2 values are left out of the curves", text)
        self.assertIn("line 3: primal_residual is inf", text)
        self.put("run/a.summary.json", "{")
        text = self.report("run", code=1).text()
        self.assertIn("a.summary.json cannot be read", text)

    def test_any_field_of_the_summary_may_be_nonsense(self):
        self.make_run(test_confusion=[[7, 1, 0], [2, 0, 2], [0, 0, 3]])
        fields = json.loads((self.folder / "run/a.summary.json").read_text())
        for key in fields:
            for value in (None, "<b>", [], {}, -1, 1e308, [["<b>"] * 3] * 3):
                with self.subTest(key=key, value=value):
                    self.put("run/a.summary.json", json.dumps({**fields, key: value}))
                    self.report("run", code=1 if key == "format" else 0)

    # ---- several runs, sweeps, studies ----
    def test_several_runs(self):
        self.make_run()
        self.make_run(name=HOSTILE.replace("/", ""))
        text = self.report("run").text()
        self.assertIn("Comparison", text)
        self.assertEqual(text.count("Precision and recall"), 2)
        plt = report_run.plot.pyplot()
        curve = {"iteration": [1, 2], "a": [0.5, 0.6], "b": [0.4, 0.7]}
        columns = (("a", "-", "validation"), ("b", "--", "training"))
        for runs, entries in ((["x"], ["validation", "training"]),
                              (["x", "y"], ["x", "y", "validation", "training"])):
            drawn = report_run.curve(plt, [(run, curve) for run in runs], columns, "", 1)
            legend = drawn.axes[0].get_legend()
            self.assertEqual([entry.get_text() for entry in legend.get_texts()], entries)
            plt.close(drawn)

    def test_a_sweep_with_a_failed_run(self):
        for line, accuracy in ((1, 0.7), (2, 0.9)):
            self.make_run(f"sweep/{line}", validation_accuracy=accuracy)
            self.put(f"sweep/{line}/parameters.txt", f"net_hidden init_seed\n{line}00 <b>\n")
        self.put("sweep/3/parameters.txt", "net_hidden init_seed\n300 0\n")
        self.put("sweep/3/a.log", f"error: {HOSTILE}\n")
        text = self.report("sweep", code=1).text()
        self.assertIn("1 of 3 runs have no result", text)
        self.assertIn("3 runs over net_hidden, init_seed. The best, line 2, has a validation "
                      "accuracy of 90.00 %.", text)
        self.assertIn("The best run: line 2, net_hidden 200, init_seed <b>", text)
        self.assertIn(f"error: {HOSTILE}", text)

    def test_a_scaling_study(self):
        self.put("study/study.txt", STUDY)
        for ranks in (1, 2):
            self.make_run("study", f"r{ranks}.1", ranks=ranks)
            self.put(f"study/r{ranks}.1.out", "")
        text = self.report("study").text()
        self.assertIn("Strong scaling of my.yaml (fixed problem): on 2 ranks a speed-up of 1.00 "
                      "over 1, an efficiency of 50 %.", text)

    # ---- what cannot be done ----
    def test_problems(self):
        self.make_run()
        for arguments, words in ((["nowhere"], "there is no file or folder nowhere"),
                                 (["run", "-o", "nowhere/p.html"], "nowhere/p.html cannot be wri"),
                                 (["."], "there is no run in ."),
                                 (["run/a.lock"], "there is no file or folder")):
            with self.subTest(arguments=arguments), unittest.mock.patch.object(
                    report_html, "svg", stub):
                complained = io.StringIO()
                with contextlib.redirect_stderr(complained):
                    self.assertEqual(records.run("report", lambda: REPORT.main(arguments)), 2)
                self.assertRegex(complained.getvalue(), f"^report: .*{re.escape(words)}.*\n$")

    def test_an_interpreter_without_packages(self):
        self.make_run()
        self.make_checkpoint(np.zeros((0, 0)))
        result = subprocess.run([sys.executable, "-S", JOBS / "report", "run"], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual((result.returncode, result.stdout), (0, "report: run/report.html\n"))
        text = Page((self.folder / "run/report.html").read_text(encoding="utf-8")).text()
        self.assertIn("has no matplotlib", text)
        self.assertIn("has no h5py", text)
        self.assertIn("Precision and recall", text)


if __name__ == "__main__":
    unittest.main()
