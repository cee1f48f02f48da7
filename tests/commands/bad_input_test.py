"""Bad input: exit code 2 on every rank within seconds, one message that names the remedy, and
nothing written. What exactly is refused is tested in config and data; here the way out of the
program, and that each kind of problem takes it."""
import gzip

import harness
from harness import BAD_INPUT, CLASSES, SIDE, write_bytes, write_csv, write_images, write_labels


class BadInput(harness.Case):
    def setUp(self):
        super().setUp()
        self.data = harness.make_idx(self.folder / "data")
        self.images = self.folder / "data" / "train-images-idx3-ubyte"
        self.labels = self.folder / "data" / "train-labels-idx1-ubyte"

    def assert_refused(self, *arguments, says, ranks=2, command="train"):
        """The run is refused with all these texts, and its output folder is not even made."""
        result = self.run_each_rank(command, *arguments, "-run_outdir", "out", ranks=ranks,
                                    code=BAD_INPUT)
        self.assert_says(result, *says)
        self.assertFalse(self.path("out").exists())
        return result

    def assert_data_refused(self, *says):
        return self.assert_refused("-data_dir", self.data, says=says)

    def assert_deck_refused(self, *arguments, says, **options):
        return self.assert_refused("-data_dir", self.data, *arguments, says=says, **options)

    # ---- command line and deck ----
    def test_no_command(self):
        for ranks in (1, 2):
            result = self.run_each_rank(ranks=ranks, code=BAD_INPUT)
            self.assert_says(result, "no command given", "usage: admmnet")

    def test_unknown_command(self):
        self.assert_refused(command="trian", says=["did you mean train?"])

    def test_unknown_key_is_answered_with_the_nearest(self):
        self.assert_deck_refused("-net_hiden", 5, says=["-net_hiden", "did you mean -net_hidden?"])

    def test_all_problems_in_one_message(self):
        self.assert_deck_refused(
            "-net_hidden", "10,0", "-train_iterations", "none", "-data_scaling", "logarithmic",
            "-admm_beta", 0, "-run_max_walltime", "00:00:00", "-ckpt_evry_minutes", 5,
            says=["6 problems", "-net_hidden: '10,0'", "-train_iterations: 'none'",
                  "-data_scaling: 'logarithmic'", "-admm_beta: '0'", "-run_max_walltime",
                  "did you mean -ckpt_every_minutes?"])

    def test_hidden_width_0(self):
        for ranks in (1, 2):
            self.assert_deck_refused("-net_hidden", 0, ranks=ranks, says=["-net_hidden: '0'"])

    def test_grid_that_does_not_fit_the_ranks(self):
        for ranks in (1, 2):
            self.assert_deck_refused("-grid_rows", 3, ranks=ranks,
                                     says=["-grid_rows: 3 rows do not fit"])

    def test_missing_data_key(self):
        self.assert_refused(says=["-data_dir: missing"])

    def test_predict_without_model(self):
        self.assert_deck_refused(command="predict", says=["-run_model: missing"])

    def test_missing_deck(self):
        self.assert_refused("-options_file", "no.yaml", says=["no.yaml", "No such file"])

    def test_malformed_deck(self):
        self.path("deck.yaml").write_text("net:\n  hidden: [10\ntrain: {iterations: 1}\n")
        self.assert_refused("-options_file", "deck.yaml", says=["deck.yaml:", "not valid YAML"])

    def test_unknown_key_in_the_deck(self):
        self.path("deck.yaml").write_text(f"data: {{dir: {self.data}}}\nnet: {{width: 10}}\n")
        self.assert_refused("-options_file", "deck.yaml", says=["-net_width: unknown key"])

    def test_unknown_fault(self):
        result = self.run_each_rank("train", "-data_dir", self.data, "-run_outdir", "out",
                                    code=BAD_INPUT, environment={"ADMMNET_FAULT": "sometime:0"})
        self.assert_says(result, "ADMMNET_FAULT=sometime:0", "before_rename")

    # ---- IDX ----
    def test_missing_folder(self):
        self.assert_refused("-data_dir", "nowhere", says=["nowhere", "train-images-idx3-ubyte"])

    def test_missing_labels(self):
        self.labels.unlink()
        self.assert_data_refused("there are images but no labels", "train-labels-idx1-ubyte")

    def test_truncated(self):
        write_bytes(self.images, self.images.read_bytes()[:-1])
        self.assert_data_refused(str(self.images), "is truncated")

    def test_not_gzip(self):
        self.images.rename(f"{self.images}.gz")
        self.assert_data_refused(f"{self.images}.gz", "is not gzip")

    def test_wrong_magic(self):
        write_images(self.images, harness.samples(harness.TRAINING)[0], magic=0x12345678)
        self.assert_data_refused(str(self.images), "is not an IDX file", "0x12345678")

    def test_images_and_labels_exchanged(self):
        both = self.images.read_bytes(), self.labels.read_bytes()
        write_bytes(self.images, both[1])
        write_bytes(self.labels, both[0])
        self.assert_data_refused("were the files of images and labels exchanged?")

    def test_counts_differ(self):
        write_labels(self.labels, [0, 1] * (harness.TRAINING // 2 - 1))
        self.assert_data_refused(f"holds {harness.TRAINING} images",
                                 f"holds {harness.TRAINING - 2} labels")

    def test_label_beyond_the_classes(self):
        write_labels(self.folder / "data" / "t10k-labels-idx1-ubyte",
                     [0] * (harness.TEST - 1) + [CLASSES])
        self.assert_data_refused(f"has the label {CLASSES}", "-data_classes")

    def test_more_held_out_than_there_are(self):
        self.assert_deck_refused("-data_validation", harness.TRAINING,
                                 says=[f"-data_validation {harness.TRAINING}", "hold out fewer"])

    def test_truncated_gzip(self):
        self.pack_images(lambda packed: packed[:len(packed) // 2])
        self.assert_data_refused(f"{self.images}.gz", "the gzip file is truncated")

    def test_damaged_gzip_that_shows_when_the_run_has_begun(self):
        """A wrong checksum behind more than is read ahead: there is a log by then, no more."""
        count = 12000
        write_images(self.images, [bytes(range(SIDE * SIDE))] * count)
        write_labels(self.labels, list(range(CLASSES)) * (count // CLASSES))
        self.pack_images(lambda packed: packed[:-8] + bytes(4) + packed[-4:])
        result = self.run_each_rank("train", "-data_dir", self.data, "-run_outdir", "out",
                                    code=BAD_INPUT)
        self.assert_says(result, f"{self.images}.gz", "the gzip file is damaged")
        self.assertEqual([file.name for file in self.path("out").iterdir()], ["admmnet.log"])

    def pack_images(self, damage):
        packed = damage(gzip.compress(self.images.read_bytes()))
        self.path(f"{self.images}.gz").write_bytes(packed)
        self.images.unlink()

    # ---- CSV ----
    def assert_csv_refused(self, edit, *says):
        images, labels = harness.samples(20)
        lines = (self.path(write_csv(self.folder / "train.csv", images, labels))
                 .read_text().splitlines())
        lines[9] = edit(lines[9].split(","))
        self.path("train.csv").write_text("\n".join(lines) + "\n")
        self.assert_refused("-data_format", "csv", "-data_train", "train.csv",
                            says=["train.csv, line 10", *says])

    def test_nan_in_csv(self):
        self.assert_csv_refused(lambda f: ",".join([f[0], "nan", *f[2:]]), "nan")

    def test_ragged_csv(self):
        self.assert_csv_refused(lambda f: ",".join(f[1:]), str(SIDE * SIDE))

    # ---- what is there already ----
    def test_results_of_an_earlier_run_stay_as_they_are(self):
        run = ["train", "-data_dir", self.data, "-run_outdir", "out", "-net_hidden", 5,
               "-train_iterations", 1]
        self.run_program(*run)
        before = self.files_in_out()
        for says, refused in (("-net_hidden", ["-net_hidden", 0]),
                              ("-data_validation", ["-data_validation", harness.TRAINING]),
                              ("-net_hidden: 5 -> 6", ["-net_hidden", 6, "-train_iterations", 2]),
                              ("-run_restart none would", ["-run_restart", "none"])):
            self.assert_says(self.run_each_rank(*run, *refused, code=BAD_INPUT), says)
            self.assertEqual(self.files_in_out(), before)

    def files_in_out(self):
        """Contents and times of all but the log, to which a refused run may append."""
        return {file.name: (file.read_bytes(), file.stat().st_mtime_ns)
                for file in self.path("out").iterdir() if file.suffix != ".log"}

    # ---- the launcher's code, and questions ----
    def test_the_launcher_returns_the_code(self):
        for ranks in (1, 2):
            for arguments in (["-net_hidden", 0], ["-data_dir", "nowhere"]):
                self.train("-data_dir", self.data, *arguments, ranks=ranks, code=BAD_INPUT)

    def test_questions_are_answered_once(self):
        for question, answer in (("-help", "usage: admmnet"), ("-version", "admmnet ")):
            for ranks in (1, 2):
                result = self.run_program(question, ranks=ranks)
                self.assertEqual(result.output.count(answer), 1, result.output)


if __name__ == "__main__":
    harness.main()
