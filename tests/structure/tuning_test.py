"""jobs/tune.sh without its jobs: the space and what is wrong in one, the settings drawn, and which of
them go on. Runs are stood in for by the files that they leave; what a search does with them is
compared with successive halving as plainly as it can be written. tests/slurm/tune_test.py has the
real ones."""
import contextlib
import csv
import io
import json
import math
import pathlib
import shutil
import tempfile
import unittest

from collect_test import script

import halving
import records
import search_space
import tuning

COLLECT, REPORT = script("collect"), script("report")
METRICS = "iteration,primal_residual,train_loss,elapsed\n1,0,1,0.00125\n"
WRONG = [  # a space, and words of what is said of it
    ("", "s.txt names no key: a line for each"),
    ("# nothing\n\n", "s.txt names no key"),
    ("-admm_step 1", "s.txt, line 1: '-admm_step' is no key such as admm_step, without a dash"),
    ("admm_step 1\n\nadmm_step 2", "s.txt, line 3: admm_step has its values in line 1 already"),
    ("admm_step", "line 1: admm_step has no value: admm_step 1 10 100, or admm_step log 1 100"),
    ("run_outdir a b", "line 1: run_outdir cannot be searched: the search sets it (-o FOLDER)"),
    ("train_pause_after 1 2", "train_pause_after cannot be searched: the search sets it"),
    ("admm_step log 1", "line 1: log takes the least and the largest value, and perhaps how many"),
    ("admm_step log 1 2 3 4", "line 1: log takes the least and the largest value"),
    ("admm_step log 0 2", "line 1: log 0: values of a logarithmic range are above 0"),
    ("admm_step real 2 2", "line 1: real 2 2: the least value must be below the largest"),
    ("admm_step real a 2", "line 1: real is 'a', not a number"),
    ("admm_step real nan 2", "line 1: real is nan, not a number that can be used"),
    ("init_seed int 0.5 2", "line 1: int is 0.5, not a whole number"),
    ("init_seed int 0 5000", "int 0 5000 has more than 1000 values: say how many: int 0 5000 50"),
    ("admm_step log 1 2 1", "how many values is 1.0, not between 2 and 1000"),
]


class Space(unittest.TestCase):
    def test_what_is_wrong(self):
        for text, words in WRONG:
            with self.subTest(text=text):
                with self.assertRaises(records.Problem) as caught:
                    search_space.parse(text, "s.txt")
                self.assertIn(words, str(caught.exception))

    def values(self, line):
        return search_space.parse(f"key {line}\n", "s.txt")["key"].texts

    def test_values(self):
        self.assertEqual(self.values("256 512 256,256 512  # twice"), ["256", "512", "256,256"])
        self.assertEqual(self.values("- 10"), ["-", "10"])
        self.assertEqual(self.values("int -1 2"), ["-1", "0", "1", "2"])
        self.assertEqual(self.values("int 0 100 3"), ["0", "50", "100"])
        self.assertEqual(self.values("real 0 1 5"), ["0", "0.25", "0.5", "0.75", "1"])
        self.assertEqual(self.values("log 0.01 10 4"), ["0.01", "0.1", "1", "10"])
        self.assertEqual(self.values("logint 16 64 3"), ["16", "32", "64"])

    def test_draws(self):
        """Within their range, and as often in each tenth of it as in any other: of 2000 draws 200
        each, and 100 is seven standard deviations of the binomial distribution, 13.4, from that."""
        space = search_space.parse("a log 0.01 10\nb real -1 1\nc logint 1 1000\nd x y\n", "s.txt")
        drawn = search_space.drawn(space, 2000, 7)
        self.assertEqual(len(set(drawn)), 2000)
        shares = [((math.log10(float(a)) + 2) / 3, (float(b) + 1) / 2) for a, b, _, _ in drawn]
        for column in zip(*shares):
            tenths = [sum(int(share * 10) == i for share in column) for i in range(9)]
            self.assertTrue(all(0 <= share <= 1 for share in column))
            self.assertTrue(all(abs(count - 200) < 100 for count in tenths), tenths)
        self.assertTrue(all(1 <= int(c) <= 1000 for _, _, c, _ in drawn))
        self.assertEqual({d for _, _, _, d in drawn}, {"x", "y"})
        self.assertEqual(drawn, search_space.drawn(space, 2000, 7))
        self.assertNotEqual(drawn, search_space.drawn(space, 2000, 8))

    def test_few_settings_are_all_found_once(self):
        space = search_space.parse("a 1 2\nb 3 4 5\n", "s.txt")
        self.assertEqual(sorted(search_space.drawn(space, 50, 0)),
                         [(a, b) for a in "12" for b in "345"])

    def test_grid(self):
        space = search_space.parse("a 1 2\nb int 3 5\n", "s.txt")
        self.assertEqual(search_space.grid(space, "s.txt"), [(a, b) for a in "12" for b in "345"])
        for text, words in (("a log 1 2\n", "a grid needs to know how many values a has"),
                            ("a int 0 999\nb int 0 99\n", "the grid has 100000 settings, more")):
            with self.assertRaises(records.Problem) as caught:
                search_space.grid(search_space.parse(text, "s.txt"), "s.txt")
            self.assertIn(words, str(caught.exception))


class Halving(unittest.TestCase):
    LAST = 8  # passes of a run to its end

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "deck.yaml").write_text("data: {format: idx}\n")
        (self.folder / "space.txt").write_text("admm_step int 1 64\n")
        self.out = self.folder / "out"

    def start(self, *words):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = records.run("tune.sh", lambda: tuning.main(
                ["start", str(self.folder / "deck.yaml"), str(self.folder / "space.txt"),
                 "-o", str(self.out), *words]))
        return code, said.getvalue()

    @staticmethod
    def accuracy(line, passes):
        """Some that overtake others from pass to pass."""
        return 0.5 + 0.4 * math.sin(37 * line) ** 2 * passes / (passes + line % 5)

    def end(self, line, pause, **fields):
        """What a run leaves that has come as far as it should."""
        passes = min(pause or self.LAST, self.LAST)
        run = self.out / str(line)
        run.mkdir(exist_ok=True)
        value = self.accuracy(line, passes)
        summary = {"format": "admmnet-summary", "iterations": passes, "seconds_total": 1.0,
                   "stop_reason": "budget" if passes == self.LAST else "pause",
                   "validation_accuracy": value, "test_accuracy": value, "train_accuracy": 1.0}
        (run / "admmnet.summary.json").write_text(json.dumps({**summary, **fields}))
        (run / "admmnet.metrics.csv").write_text(METRICS)
        (run / "admmnet.used.yaml").write_text('run:\n  name: "admmnet"\n  outdir: "there"\n')
        (run / "parameters.txt").write_text(f"admm_step\n{line}\n")
        (run / "exit_code").write_text("0\n")

    def breaks(self, line, code, said=""):
        run = self.out / str(line)
        run.mkdir(exist_ok=True)
        (run / "exit_code").write_text(f"{code}\n")
        (run / "job.out").write_text(f"train.sbatch: command: x\n{said}train.sbatch: failed with\n")
        (run / "parameters.txt").write_text(f"admm_step\n{line}\n")

    def run_through(self, end=None):
        """Every call of sweep.sbatch: (lines, pause). Each reads the folder afresh, as after a
        restart of the job that goes on."""
        calls = []
        while todo := halving.Search(self.out).next(False):
            _, lines, pause = todo
            calls.append((lines, pause))
            for line in lines:
                (end or self.end)(line, pause)
        return calls

    def collect(self, code):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(COLLECT.main(["tune", str(self.out)]), code)
        with open(self.out / "tune.csv", newline="") as file:
            return said.getvalue(), list(csv.DictReader(file))

    def test_the_better_half_goes_on(self):
        for count, first in ((16, 1), (13, 1), (5, 3), (1, 1), (32, 1), (4, 20)):
            with self.subTest(count=count, first=first):
                shutil.rmtree(self.out, ignore_errors=True)
                self.assertEqual(self.start("-n", str(count), "--first", str(first))[0], 0)
                calls = self.run_through()
                lines, expected, pause = list(range(1, count + 1)), [], first
                while True:
                    alone = len(lines) == 1
                    expected.append((sorted(lines), 0 if alone else pause))
                    passes = self.LAST if alone else min(pause, self.LAST)
                    lines.sort(key=lambda line: (-self.accuracy(line, passes), line))
                    lines = lines[:(len(lines) + 1) // 2]
                    pause *= 2
                    if passes == self.LAST:
                        break
                self.assertEqual(calls, expected)
                said, rows = self.collect(0)
                self.assertEqual(int(rows[0]["line"]), lines[0])
                self.assertEqual(float(rows[0]["seconds"]), 0.00125)
                self.assertEqual(rows[0]["outcome"], "best")
                self.assertEqual(rows[0]["passes"], str(self.LAST))
                self.assertEqual(rows[0]["validation[%]"],
                                 f"{100 * self.accuracy(lines[0], self.LAST):.2f}")
                self.assertEqual(sorted(int(row["line"]) for row in rows),
                                 list(range(1, count + 1)))
                self.assertIn(f"the best is line {lines[0]}; its deck: {self.out}/best.yaml", said)

    def test_page_figure_and_deck_of_the_best(self):
        self.start("-n", "6")
        self.run_through()
        self.collect(0)
        self.assertTrue((self.out / "tune.png").read_bytes().startswith(b"\x89PNG"))
        self.assertEqual((self.out / "best.yaml").read_text(),
                         f'run:\n  name: "admmnet"\n  outdir: "{self.out}/best"\n')
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(REPORT.main([str(self.out)]), 0)
        page = (self.out / "report.html").read_text()
        for words in ("A search among 6 settings of admm_step", "left after rung 1",
                      "validation accuracy [%]", "The best run: line "):
            self.assertIn(words, page)

    def test_passes_lead_to_the_first_rung(self):
        for count, passes, first in ((8, 100, 12), (8, 8, 1), (32, 8, 1), (9, 100, 6), (1, 7, 7)):
            shutil.rmtree(self.out, ignore_errors=True)
            self.start("-n", str(count), "--passes", str(passes))
            self.assertEqual(json.loads((self.out / "search.json").read_text())["first"], first)

    def test_the_call_of_sweep(self):
        self.start("-n", "7", "--passes", "8", "--pack", "3", "--at-once", "2")
        search = halving.Search(self.out)
        _, lines, pause = search.next(False)
        self.assertEqual([str(word) for word in search.call(lines, pause)],
                         ["1-3%2", "--pack", "3", "--lines", "1,2,3,4,5,6,7",
                          f"{self.out}/deck.yaml", f"{self.out}/settings.txt",
                          "-train_iterations", "8", "-train_pause_after", "1"])

    def test_failures_are_last_and_stop_nothing(self):
        errors = {2: "[rank 0] admmnet: error: 2 problems:\n  -admm_betta: unknown\n  -x: y\nmore\n",
                  5: "admmnet: error: NaN in W\n"}
        def end(line, pause):
            if line in errors:
                self.breaks(line, 2 if line == 2 else 4, errors[line])
            else:
                self.end(line, pause)
        self.start("-n", "6")
        calls = self.run_through(end)
        self.assertEqual(len(calls[1][0]), 3)  # half of all six
        self.assertFalse({2, 5} & set(calls[1][0]))
        _, rows = self.collect(0)
        self.assertEqual([(row["line"], row["outcome"], row["validation[%]"]) for row in rows[-2:]],
                         [("2", "failed: 2 problems: -admm_betta: unknown -x: y", "-"),
                          ("5", "failed: NaN in W", "-")])

    def test_more_than_half_fail(self):
        self.start("-n", "8")
        calls = self.run_through(lambda line, pause: self.end(line, pause) if line in (3, 7)
                                 else self.breaks(line, 4))
        self.assertEqual(calls[1][0], [3, 7])
        self.assertEqual(self.collect(0)[1][-1]["outcome"], "failed: numerical breakdown")

    def test_all_fail(self):
        self.start("-n", "3")
        self.run_through(lambda line, pause: self.breaks(line, 2, "train.sbatch: there is no program\n"))
        said, rows = self.collect(1)
        self.assertIn("all settings have failed", said)
        self.assertEqual({row["outcome"] for row in rows}, {"failed: there is no program"})
        self.assertFalse((self.out / "best.yaml").exists())

    def test_a_run_without_an_end_is_started_again_and_not_for_ever(self):
        """Cancelled, killed, out of time: nothing, exit code 10, or that of a signal."""
        self.start("-n", "4")
        codes = {1: None, 3: 10, 4: 137}
        def end(line, pause):
            if line not in codes:
                self.end(line, pause)
            elif codes[line]:
                self.breaks(line, codes[line])
        calls = [lines for lines, _ in self.run_through(end)]
        self.assertEqual(calls[:3], [[1, 2, 3, 4], [1, 3, 4], [1, 3, 4]])
        self.assertEqual(calls[3:], [[2]])
        rows = self.collect(0)[1]
        self.assertEqual({row["outcome"] for row in rows[1:]},
                         {"failed: no result (tried 3 times)"})

    def test_asked_again_what_was_in_vain_is_tried_again(self):
        self.start("-n", "4")
        for _ in range(3):
            self.assertEqual(halving.Search(self.out).next(False)[1], [1, 2, 3, 4])
        self.assertEqual(halving.Search(self.out).next(True)[1], [1, 2, 3, 4])
        for _ in range(2):
            self.assertIsNotNone(halving.Search(self.out).next(False))
        self.assertIsNone(halving.Search(self.out).next(False))

    def test_a_run_that_was_stopped_in_the_middle_has_no_result_yet(self):
        self.start("-n", "2")
        for line in (1, 2):
            self.end(line, 1)
        self.end(2, 1, stop_reason="signal")
        self.assertEqual(halving.Search(self.out).next(False)[1], [2])
        self.assertEqual(self.collect(1)[1][0]["outcome"], "under way")

    def test_real_targets_go_by_their_error(self):
        def end(line, pause):
            self.end(line, pause, task="regression", validation_rmse=float(10 - line),
                     test_rmse=2.5, train_rmse=None)
        self.start("-n", "4")
        calls = self.run_through(end)
        self.assertEqual([lines for lines, _ in calls], [[1, 2, 3, 4], [3, 4], [4]])
        _, rows = self.collect(0)
        self.assertEqual([row["validation[RMSE]"] for row in rows], ["6", "7", "8", "9"])
        self.assertEqual(rows[0]["test[RMSE]"], "2.5")
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(COLLECT.main(["sweep", str(self.out)]), 0)

    def test_no_validation_samples(self):
        self.start("-n", "2")
        self.run_through(lambda line, pause: self.end(line, pause, validation_accuracy=None))
        self.assertIn("-data_validation must be above 0", self.collect(1)[1][0]["outcome"])

    def test_what_the_command_line_may_not_say(self):
        for words, said in (
                ([], "say either -n 32"), (["-n", "4", "--grid"], "say either -n 32"),
                (["-n", "0"], "-n is 0.0, not between 1"), (["-n", "x"], "-n is 'x', not a number"),
                (["-n", "2", "--pack", "0.5"], "--pack is"), (["-n", "2", "--what"], "--what"),
                (["-n", "20000"], "-n 20000 is more than 10000")):
            code, output = self.start(*words)
            self.assertEqual(code, 2, words)
            self.assertIn(said, output)
            self.assertEqual(output.count("\n"), 1, output)

    def test_a_folder_holds_one_search(self):
        self.assertEqual(self.start("-n", "4")[0], 0)
        self.assertEqual(self.start("-n", "4", "--pack", "2")[0], 0)  # it may be packed otherwise
        for words, said in ((["-n", "5"], "another n: 4, now: 5"),
                            (["-n", "4", "--seed", "1"], "another seed: 0, now: 1")):
            code, output = self.start(*words)
            self.assertEqual(code, 2)
            self.assertIn(said, output)
        (self.folder / "deck.yaml").write_text("data: {format: csv}\n")
        self.assertIn("another deck, now changed", self.start("-n", "4")[1])
        shutil.rmtree(self.out)
        (self.out / "1").mkdir(parents=True)
        (self.out / "1/parameters.txt").write_text("a\n1\n")
        self.assertIn("holds runs of something else", self.start("-n", "4")[1])


if __name__ == "__main__":
    unittest.main()
