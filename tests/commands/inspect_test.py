"""admmnet inspect: what is in a checkpoint, and which one a restart would take."""
import json

import harness
from harness import BAD_INPUT, IO_FAILURE


class Inspect(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train("-data_dir", cls.data, "-net_hidden", "6,5", "-train_iterations", 3,
                         "-ckpt_every_iterations", 1, "-ckpt_keep", 3, "-run_outdir", "out")
        cls.file = cls.common.checkpoint("out", 3)

    def inspect(self, *arguments, **options):
        return self.run_program("inspect", *arguments, **{"ranks": 1, **options})

    def damaged_folder(self, count):
        """The newest `count` of three checkpoints are cut."""
        folder = self.path("damaged")
        folder.mkdir()
        for k in (1, 2, 3):
            content = self.common.checkpoint("out", k).read_bytes()
            kept = len(content) - (9 if k > 3 - count else 0)
            (folder / f"admmnet.ckpt.{k}.h5").write_bytes(content[:kept])
        return folder

    def test_file(self):
        for ranks in (1, 2):
            output = self.inspect(self.file, ranks=ranks).output
            for text in ("valid:        yes, all checksums hold", "iteration:    3",
                         "finished (budget)", "64 - 6 - 5 - 4", "on 2 ranks, grid 1 x 2",
                         "/state/layer_3/W", "hidden: [6, 5]"):
                self.assertEqual(output.count(text), 1, text)
            self.assertNotRegex(output, "\nlast values: .* nan")
            self.assertRegex(output, "\ndata_fingerprint: [^ ]")

    def test_file_as_json(self):
        for arguments in (["-json", self.file], [self.file, "-json"]):
            report = json.loads(self.inspect(*arguments).output)
            self.assertEqual((report["valid"], report["file"]), (True, str(self.file)))
            shapes = {entry["name"]: entry["shape"] for entry in report["data_sets"]}
            for name, values in {**harness.contents(self.file, "state"),
                                 **harness.contents(self.file, "history")}.items():
                self.assertEqual(shapes[f"/{name}"], list(values.shape), name)

    def test_damaged_file(self):
        damaged = self.damaged_folder(1) / "admmnet.ckpt.3.h5"
        output = self.inspect(damaged, code=IO_FAILURE, ranks=2).output
        self.assertEqual(output.count("valid:        no: "), 1)
        report = json.loads(self.run_json(damaged))
        self.assertFalse(report["valid"])
        self.assertIn(str(damaged), report["reason"])

    def run_json(self, path):
        """Standard output alone: mpirun has its own word on exit code 3."""
        output = self.inspect(path, "-json", code=IO_FAILURE).output
        return output[:output.rindex("}") + 1]

    def test_folder(self):
        output = self.inspect(self.damaged_folder(1)).output
        self.assertRegex(output, "takes: +.*admmnet.ckpt.2.h5, the newest valid checkpoint")
        self.assertRegex(output, "refuses: +.*admmnet.ckpt.3.h5 is not a usable checkpoint")
        self.assertRegex(output, "older: +.*admmnet.ckpt.1.h5")

    def test_folder_as_json(self):
        report = json.loads(self.inspect(self.damaged_folder(2), "-json").output)
        run, = report["runs"]
        self.assertEqual((run["name"], run["iteration"], len(run["refused"])), ("admmnet", 1, 2))
        self.assertTrue(report["valid"])

    def test_folder_without_a_valid_one(self):
        result = self.inspect(self.damaged_folder(3), code=IO_FAILURE)
        self.assert_says(result, "nothing: there is no valid checkpoint")
        self.path("empty").mkdir()
        self.assert_says(self.inspect("empty", code=IO_FAILURE), "no checkpoints in empty")

    def test_nothing_is_changed(self):
        before = {file: file.stat().st_mtime_ns for file in self.common.path("out").iterdir()}
        self.inspect(self.common.path("out"), ranks=2)
        self.assertEqual(before, {file: file.stat().st_mtime_ns
                                  for file in self.common.path("out").iterdir()})

    def test_not_there(self):
        for arguments in ([], ["nowhere"], ["one", "two"]):
            self.run_each_rank("inspect", *arguments, code=BAD_INPUT)


if __name__ == "__main__":
    harness.main()
