"""CSV as spreadsheets, banks and editors write it: the right column, or a refusal."""

import pytest

from tests.support import exclusions
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, text_of
from uniqueness.exclusions.imports.csv_layout import UnknownColumns
from uniqueness.exclusions.imports.report import ImportReport

PAN, OTHER = "4929123456781236", "4539578763621486"


def bring(content: bytes | str, **changes) -> ImportReport:
    written = content if isinstance(content, bytes) else content.encode()
    return bring_in(written, form="csv", **changes)


def excluded() -> set[str]:
    return set(exclusions.excluded())


@pytest.mark.parametrize(
    "content",
    [
        # Delimiters that also stand in names and amounts.
        f"pan;Betrag (EUR, netto, ohne USt);Name\n{PAN};12,50;ANN LEE\n{OTHER};3,20;BOB LEE\n",
        f'"Name, Vorname";"pan"\n"LEE, ANN";"{PAN}"\n"LEE, BOB";"{OTHER}"\n',
        f"{PAN};12,50;x|y\n{OTHER};3,20;z\n",
        f'pan,amount\n{PAN},"12,50"\n{OTHER},"1,20"\n',
        f"pan|a;b|c,d,e,f\n{PAN}|x;y|1,2\n{OTHER}|z|3,4,5\n",
        f"pan\tSumme, netto, in EUR\n{PAN}\t1,5\n{OTHER}\t2,5\n",
        f"Karten (Visa, Amex)\n{PAN}\n{OTHER}\n",
        # The delimiter told to Excel.
        f"sep=;\npan;x\n{PAN};1\n{OTHER};2\n",
        f"\ufeffSEP=,\r\npan,x;y;z\r\n{PAN},1\r\n{OTHER},2\r\n",
        f'"sep=\t"\nx\tpan\n1\t{PAN}\n2\t{OTHER}\n',
        f"sep=:\nx:pan\na,b:{PAN}\nc,d:{OTHER}\n",
        # Numbers kept as text.
        f'pan;x\n="{PAN}";1\n="{OTHER}";2\n',
        f'pan,x\n"=""{PAN}""",1\n"=""{OTHER}""",2\n',
        f"pan,x\n'{PAN},1\n'{OTHER},2\n",
        f"pan,x\n'{PAN}',1\n'{OTHER[:4]} {OTHER[4:]}',2\n".replace(OTHER[4:], "5787-6362-1486"),
        f"'{PAN}\n'{OTHER}\n",
        # Line breaks within quotes.
        f'note,pan\n"two\nlines",{PAN}\n"three\r\n\r\nlines",{OTHER}\n',
        f'"Name\nVorname";"pan"\n"LEE\nANN";"{PAN}"\nBOB;{OTHER}\n',
        f'pan,note\n"{PAN}\n","x"\n{OTHER},"ends\n"\n',
        # Ends of lines, blank lines, delimiters that close them.
        f"pan;x\r{PAN};1\r{OTHER};2\r",
        f"pan;x\r\n\r\n{PAN};1\r\n;\r\n{OTHER};2",
        f"cards;\n{PAN};\n{OTHER};\n;;;\n",
        f"{PAN},,\n{OTHER},,\n,,\n",
        # Where the numbers are, if the header does not say or there is none.
        f"20260715093007;{PAN};Ann\n20260716093007;{OTHER};Bob\n",
        f"00491701234567,{PAN}\n00491701234568,{OTHER}\n",
        f"Ann,12/30,{PAN}\nBob,11/29,{OTHER}\n",
        f"Cards of July 2026;;\n\nid;pan;name\n1;{PAN};Ann\n2;{OTHER};Bob\n",
        f"number,card_number\n100000000001,{PAN}\n100000000002,{OTHER}\n",
        f"number,pan\n100000000001,{PAN}\n100000000002,{OTHER}\n",
        f"pan,number\nABCDE1234F,{PAN}\nFGHIJ5678K,{OTHER}\n",
        f"id,Card Number\n1,{PAN}\n2,{OTHER}\n",
        f"id,cardNumber\n1,{PAN}\n2,{OTHER}\n",
        f"id,CARD-NUMBER\n1,{PAN}\n2,{OTHER}\n",
        f"order_ref,pan,cvv2\n100000000001,{PAN},123\n100000000002,{OTHER},456\n",
    ],
)
def test_the_numbers_are_taken_wherever_they_stand(db, content):
    report = bring(content)
    assert excluded() == {PAN, OTHER}
    assert report.lines.bad == []
    assert _sum(report) == report.lines.total


def _sum(report: ImportReport) -> int:
    told = report.as_dict()
    kinds = ("header", "blank", "continued", "invalid", "duplicates", "new", "known", "issued")
    return sum(told[kind] for kind in kinds)


def test_text_in_windows_1252_is_read(db):
    bring(f"pan;Größe €\n{PAN};Müller\n{OTHER};Ça\xa0va\n".encode("cp1252"))
    assert excluded() == {PAN, OTHER}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"order_ref,cc_number,cvv2\n100000000001,{PAN},123\n100000000002,{OTHER},456\n", "name"),
        (f"#;order\n1;{PAN}\n2;{OTHER}\n", "name"),
        (f"name,value\nAnn,{PAN}\n", "name"),
        (f"old;new\n{PAN};{OTHER}\n", "name"),
        ("order;value\n", "name"),
        (f"{PAN};{OTHER}\n{OTHER};{PAN}\n", "Columns 1 and 2 both"),
        (f"100000000001,x,{PAN}\n100000000002,y,{OTHER}\n", "Columns 1 and 3 both"),
        (f"PAN;x;pan\n{PAN};1;{OTHER}\n", "Columns 1 and 3 both"),
    ],
)
def test_nothing_is_guessed(db, content, words):
    with pytest.raises(UnknownColumns, match=words) as refusal:
        bring(content)
    assert "pan, card_number or number" in refusal.value.detail
    assert excluded() == set()


@pytest.mark.parametrize(
    ("content", "bad"),
    [
        (f"pan,name\n{PAN},Ann\n4929-oops,Bob\n", [3]),
        (f"4929-oops,Ann\n{PAN},Bob\n", [1]),
        (f'name,pan\n"Ann,{OTHER}\nBob,{PAN}\n', [2]),
        (f'name,pan\n"Ann,{OTHER}\n"Bob",{PAN}\n', [2]),
        (f'name,pan\nx,{PAN}\n"Ann,{OTHER}\nBob",4242424242424242\n', [3]),
        (f'id,name,pan\n1,"Ann,{OTHER}\n2,Eve,{PAN}\n3,Bob",{OTHER}\n', [2]),
        (f'name,pan\n"Ann" Lee,{OTHER}\nBob,{PAN}\n', [2]),
        (f"name,pan\nAnn\n,\nBob,{PAN}\nEve,\n", [2, 5]),
        (f"name,pan\nAnn,4.92912E+15\nBob,{PAN}\n", [2]),
        (f"pan,name\n{PAN},Ann\npan,name\n", [3]),
        (f'pan,note\n"{OTHER}\n4242424242424242",two\n{PAN},one\n', [2, 3]),
    ],
)
def test_a_bad_record_costs_no_other_one(db, content, bad):
    report = bring(content)
    assert [line for line, _ in report.lines.bad] == bad
    assert PAN in excluded()
    assert _sum(report) == report.lines.total


def test_a_record_may_go_on_in_the_next_block(db):
    numbers = [f"4{place:015d}" for place in range(60_000)]
    records = (f'"a\n\nlong, {"x" * (place % 50)}note";{pan}' for place, pan in enumerate(numbers))
    report = bring(text_of("note;pan", *records))
    assert (report.new, report.lines.invalid) == (60_000, 0)
    assert _sum(report) == report.lines.total == 180_001


def test_quotes_that_never_end_cost_one_line_each(db):
    lines = [f'{place},"x,{OUTSIDE}' if place % 5_000 == 7 else f"{place},x,{OUTSIDE}"
             for place in range(50_000)]  # fmt: skip
    report = bring(text_of("id,name,pan", *lines))
    assert (report.lines.invalid, report.new, report.duplicates) == (10, 1, 49_989)


def test_where_the_digits_went_is_told(db):
    report = bring(f"pan\n4.92912E+15\n4,53957E+15\n{PAN}\n")
    (reason,) = report.lines.reasons()
    assert reason.startswith("the number is written with a power of ten, and digits are lost")
