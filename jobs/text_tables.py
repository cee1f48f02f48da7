"""Tables as text and as CSV, for jobs/collect and jobs/experiments."""
import csv


def text_table(head, rows):
    """Columns as wide as they must be; words to the left, numbers to the right."""
    cells = [list(map(str, head)), *(list(map(str, row)) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    words = [any(isinstance(row[i], str) and not row[i][:1].isdigit() and row[i] != "-"
                 for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) if word else cell.rjust(width)
                  for cell, width, word in zip(line, widths, words)).rstrip() for line in cells)


def write_tables(folder, name, text, head, rows):
    (folder / f"{name}.txt").write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8",
              errors="backslashreplace") as file:
        csv.writer(file).writerows([head, *rows])
    print(text)
    print(f"\ntables: {folder / name}.txt, {folder / name}.csv")
