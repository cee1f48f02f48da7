"""Data as arrays: the command convert, and runs on what it has written or numpy has.

The same numbers give the same network, bit by bit, whatever file they stand in."""
import signal
import time

import harness
from harness import BAD_INPUT, IO_FAILURE, STOPPED, h5py, np

NAMES = ["birch", "maple", "oak", "yew"]
RUN = ["-net_hidden", 10, "-train_iterations", 2]


def tables(folder):
    """train.csv and test.csv with names of classes, and the same numbers as arrays."""
    arrays = []
    for name, count, seed in (("train", 300, 1), ("test", 80, 2)):
        images, labels = harness.samples(count, seed, labels=NAMES)
        harness.write_csv(folder / f"{name}.csv", images, labels)
        arrays.append((np.array([list(image) for image in images]), np.array(labels)))
    return arrays


class Convert(harness.Case):
    def convert(self, *arguments, ranks=1, **options):
        return self.run_program("convert", *arguments, ranks=ranks, **options)

    def left_over(self):
        return sorted(path.name for path in self.folder.glob("*.h5*"))

    def test_the_same_network_from_every_file(self):
        (x, y), (x_test, y_test) = tables(self.folder)
        self.convert("train.csv", "train.h5")
        self.convert("test.csv", "test.h5", "-convert_part", "test", ranks=2)
        np.savez_compressed(self.path("all.npz"), x=np.asfortranarray(x), y=y,
                            x_test=x_test.astype("f4"), y_test=y_test)
        decks = {
            "csv": ["-data_train", "train.csv", "-data_test", "test.csv"],
            "hdf5": ["-data_train", "train.h5", "-data_test", "test.h5"],
            "npz": ["-data_train", "all.npz", "-data_test", "all.npz", "-data_test_path", "x_test",
                    "-data_test_target_path", "y_test"]}
        for ranks, names in ((1, ["csv", "hdf5"]), (2, decks)):
            for name in names:
                deck = decks[name]
                form = "auto" if ranks == 2 else name
                self.train("-data_format", form, *deck, *RUN, "-run_outdir", f"{name}{ranks}",
                           ranks=ranks)
                self.assert_same_state(self.checkpoint(f"{name}{ranks}", 2),
                                       self.checkpoint(f"csv{ranks}", 2))
                self.assertEqual(self.summary(f"{name}{ranks}")["classes"], NAMES)
                self.assertEqual(self.summary(f"{name}{ranks}")["test_accuracy"],
                                 self.summary(f"csv{ranks}")["test_accuracy"])
        predicted = []
        for name in ("csv", "hdf5"):
            self.run_program("predict", "-run_model", self.checkpoint("csv2", 2), "-data_format",
                             name, *decks[name][2:], "-run_outdir", f"{name}_predicted")
            predicted.append((self.path(f"{name}_predicted") / "admmnet.predictions.csv").read_text())
        self.assertEqual(predicted[0], predicted[1])
        self.assertIn("maple", predicted[0])
        plan = self.run_program("plan", "-data_format", "auto", *decks["hdf5"], *RUN)
        self.assert_says(plan, "64-10-4")

    def test_what_is_written(self):
        harness.make_idx(self.folder / "idx")
        images, labels = harness.samples(harness.TEST, 2)
        self.convert("idx", "idx.h5", "-convert_part", "test")
        with h5py.File(self.path("idx.h5")) as file:
            self.assertEqual(file["x"].dtype, np.uint8)
            self.assertEqual(file["x"][()].tolist(), [list(image) for image in images])
            self.assertEqual(file["y"][()].tolist(), labels)
        self.path("gaps.csv").write_text("1.5,2,a\n,3,a\n4,5,b\n")
        result = self.convert("gaps.csv", "gaps.h5", "-data_missing", "drop")
        self.assert_says(result, "samples: 2\n", "samples left out: 1\n")
        self.assertNotIn("whatever its name", result.output)
        self.assert_says(self.convert("gaps.csv", "gaps.txt", "-data_missing", "drop"),
                         "gaps.txt will be an HDF5 file, whatever its name says")
        self.assert_says(self.convert("gaps.csv", code=BAD_INPUT), "takes an input and an output")
        with h5py.File(self.path("gaps.h5")) as file:
            self.assertEqual(file["x"][()].tolist(), [[1.5, 2], [4, 5]])
            self.assertEqual(file["y"][()].tolist(), [b"a", b"b"])
        self.convert("gaps.csv", "gaps.h5", "-data_missing", "mean", code=BAD_INPUT)
        again = self.convert("idx", "gaps.h5", code=BAD_INPUT)
        self.assert_says(again, "gaps.h5: is there already", "-run_overwrite true")
        self.convert("idx", "gaps.h5", "-run_overwrite", "true")
        with h5py.File(self.path("gaps.h5")) as file:
            self.assertEqual(file["x"].shape, (harness.TRAINING, 64))

    def test_sparse_stays_sparse(self):
        lines = [f"{s % 2} {s % 7 + 1}:{s / 8} {s % 5 + 8}:-1.5" for s in range(5000)]
        self.path("a.svm").write_text("\n".join(lines) + "\n")
        self.convert("a.svm", "a.h5")
        with h5py.File(self.path("a.h5")) as file:
            matrix = file["x"]
            self.assertEqual(matrix.attrs["shape"].tolist(), [5000, 12])
            self.assertEqual(matrix.attrs["encoding-type"], "csr_matrix")
            dense = np.zeros((5000, 12))
            for s in range(5000):
                entries = slice(matrix["indptr"][s], matrix["indptr"][s + 1])
                dense[s, matrix["indices"][entries]] = matrix["data"][entries]
        expected = np.zeros((5000, 12))
        for s in range(5000):
            expected[s, [s % 7, s % 5 + 7]] = [s / 8, -1.5]
        self.assertTrue((dense == expected).all())
        for name, form in (("a.svm", "svmlight"), ("a.h5", "hdf5")):
            self.train("-data_format", form, "-data_train", name, "-data_scaling", "none", *RUN,
                       "-run_outdir", form)
        self.assert_same_state(self.checkpoint("hdf5", 2), self.checkpoint("svmlight", 2))

    def test_nothing_is_left_of_what_is_stopped(self):
        line = ",".join(["0.123456789"] * 100)
        self.path("long.csv").write_text(f"{line},a\n{line},b\n" * 20000)
        for number in (signal.SIGINT, signal.SIGTERM):
            run = self.start("convert", "long.csv", "long.h5", ranks=0)
            deadline = time.monotonic() + 60
            while not self.left_over() and time.monotonic() < deadline:
                time.sleep(0.002)
            self.assertNotIn("long.h5", self.left_over())
            run.process.send_signal(number)
            self.assert_says(run.end(), "interrupted", "nothing is left")
            self.assertEqual(run.process.returncode, STOPPED)
            self.assertEqual(self.left_over(), [])

    def test_full_disk(self):
        """Before the first sample of a table, and among those of a sparse matrix that grows."""
        self.path("a.csv").write_text((",".join(["1"] * 50) + ",a\n2" + ",1" * 49 + ",b\n") * 3000)
        self.path("a.svm").write_text("".join(f"{s % 2} 1:{s} 2:1\n" for s in range(60000)))
        small = ["bash", "-c", 'ulimit -f 5000; exec "$@"', "bash"]  # KiB
        for name in ("a.csv", "a.svm"):
            result = self.convert(name, "out.h5", code=IO_FAILURE, wrapper=small)
            self.assert_says(result, "out.h5: cannot take", "File too large", "make room")
            self.assertEqual(self.left_over(), [])

    def test_every_rank_leaves_when_a_file_is_damaged(self):
        with h5py.File(self.path("a.h5"), "w") as file:
            x = np.random.default_rng(1).random((4000, 20))
            file.create_dataset("x", data=x, chunks=(100, 20), compression="gzip")
            file["y"] = np.arange(4000) % 3
            chunk = file["x"].id.get_chunk_info(35)  # of the last rank's samples
        with open(self.path("a.h5"), "r+b") as file:
            file.seek(chunk.byte_offset + 10)
            file.write(b"\xff" * 20)
        deck = ["-data_format", "hdf5", "-data_train", "a.h5", "-net_hidden", 5]
        result = self.run_each_rank("train", *deck, code=BAD_INPUT, ranks=3)
        self.assert_says(result, "a.h5:/x", "damaged")
        result = self.run_each_rank("train", *deck, "-data_path", "/z", code=BAD_INPUT)
        self.assert_says(result, "a.h5:/z: there is no such thing", "/x (4000, 20), /y (4000)")
        self.convert("a.h5", "b.h5", code=BAD_INPUT)
        self.assertEqual(self.left_over(), ["a.h5"])


if __name__ == "__main__":
    harness.main()
