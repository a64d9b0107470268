//! Sheets as spreadsheet programs and other programs read them.

use std::io::Cursor;

use calamine::{Data, Reader as _};
use kernel::{Money, Timestamp, Zone};
use proptest::prelude::*;

use crate::cell::Moment;
use crate::{Cell, Column, Format, Kind, TextSheet, Workbook};

fn column(name: &'static str, title: &str, kind: Kind) -> Column {
    Column { name, title: title.into(), kind, width: 12 }
}

fn columns() -> Vec<Column> {
    vec![
        column("reference", "Numéro", Kind::Text),
        column("amount", "Total", Kind::Amount),
        column("arrival", "Arrivée", Kind::Date),
        column("at", "Créé le", Kind::Moment),
        column("nights", "Nuits", Kind::Count),
    ]
}

fn row(reference: &str) -> Vec<Cell> {
    let at = Timestamp::parse_rfc3339("2026-07-15T08:05:00Z").unwrap();
    vec![
        Cell::text(reference),
        Money::eur(3_420).into(),
        "2026-07-15".parse::<kernel::Date>().unwrap().into(),
        Cell::Moment(Moment::of(at, &Zone::paris())),
        Cell::Count(3),
    ]
}

fn written(format: Format, columns: Vec<Column>, rows: &[Vec<Cell>]) -> String {
    let sheet = TextSheet::new(format, columns).unwrap();
    String::from_utf8([sheet.head(), sheet.rows(rows)].concat()).unwrap()
}

fn book(rows: &[Vec<Cell>]) -> calamine::Range<Data> {
    let mut workbook = Workbook::new("Paiements", columns()).unwrap();
    for row in rows {
        workbook.add(row).unwrap();
    }
    let mut bytes = Cursor::new(Vec::new());
    workbook.finish(&mut bytes).unwrap();
    let mut read: calamine::Xlsx<_> = calamine::open_workbook_from_rs(bytes).unwrap();
    read.worksheet_range("Paiements").unwrap()
}

#[test]
fn d_e9_the_bytes_of_a_semicolon_file() {
    let columns = vec![column("n", "Numéro", Kind::Text), column("total", "Total", Kind::Amount)];
    let rows = [vec![Cell::text("BKG-1"), Money::eur(3_420).into()]];
    let text = written(Format::CsvSemicolon, columns, &rows);
    let bytes: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        bytes.join(" "),
        "ef bb bf 4e 75 6d c3 a9 72 6f 3b 54 6f 74 61 6c 0d 0a 42 4b 47 2d 31 3b 33 34 2c 32 30 \
         0d 0a"
    );
}

#[test]
fn u_31_each_kind_of_csv_is_what_its_program_expects() {
    let rows = [row("Prénom ; « accent »")];
    assert_eq!(
        written(Format::CsvSemicolon, columns(), &rows),
        "\u{feff}Numéro;Total;Arrivée;Créé le;Nuits\r\n\
         \"Prénom ; « accent »\";34,20;15/07/2026;15/07/2026 10:05;3\r\n"
    );
    assert_eq!(
        written(Format::CsvNamed, columns(), &rows),
        format!(
            "\u{feff}sep=;\r\n{}",
            written(Format::CsvSemicolon, columns(), &rows).trim_start_matches('\u{feff}')
        )
    );
    assert_eq!(
        written(Format::CsvComma, columns(), &[row("Dupont, \"Anne\"")]),
        "Numéro,Total,Arrivée,Créé le,Nuits\r\n\
         \"Dupont, \"\"Anne\"\"\",34.20,2026-07-15,2026-07-15T10:05,3\r\n"
    );
}

#[test]
fn u_31_a_text_that_looks_like_a_formula_stays_a_text() {
    for text in ["=HYPERLINK(\"x\")", "+33 1", "-12,00 €", "@a", "\tx", "\r=1"] {
        let csv = written(Format::CsvSemicolon, columns(), &[row(text)]);
        let guarded = csv.contains(&format!("'{text}").replace('"', "\"\""));
        assert!(guarded, "{csv}");
        let cell = book(&[row(text)]).get((1, 0)).cloned();
        assert!(matches!(cell, Some(Data::String(_))), "{cell:?}");
    }
    let amounts = vec![column("total", "Total", Kind::Amount)];
    let back = written(Format::CsvSemicolon, amounts, &[vec![Money::eur(-1_200).into()]]);
    assert_eq!(back, "\u{feff}Total\r\n-12,00\r\n", "an amount needs no apostrophe");
}

#[test]
fn u_31_a_workbook_has_numbers_dates_and_texts() {
    let range = book(&[row("0042")]);
    assert_eq!(range.get((0, 0)), Some(&Data::String("Numéro".into())));
    assert_eq!(range.get((1, 0)), Some(&Data::String("0042".into())), "zeros are kept");
    assert_eq!(range.get((1, 1)), Some(&Data::Float(34.20)));
    let date = |place: usize| match range.get((1, place)) {
        Some(Data::DateTime(date)) => date.to_ymd_hms_milli(),
        other => panic!("{other:?}"),
    };
    assert_eq!(date(2), (2026, 7, 15, 0, 0, 0, 0));
    assert_eq!(date(3), (2026, 7, 15, 10, 5, 0, 0));
}

#[test]
fn json_lines_carry_minor_units_and_instants() {
    let text = written(Format::JsonLines, columns(), &[row("=1+1")]);
    let value: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    let expected = serde_json::json!({
        "reference": "=1+1", "amount": 3420, "arrival": "2026-07-15",
        "at": "2026-07-15T10:05:00+02:00", "nights": 3,
    });
    assert_eq!(value, expected);
}

proptest! {
    #[test]
    fn every_text_comes_back(texts in proptest::collection::vec(".{0,40}", 1..8)) {
        let columns = vec![column("a", "A", Kind::Text), column("b", "B", Kind::Text)];
        let rows: Vec<Vec<Cell>> =
            texts.iter().map(|text| vec![Cell::text("x"), Cell::text(text.as_str())]).collect();
        let text = written(Format::CsvComma, columns, &rows);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let read: Vec<String> =
            reader.records().map(|record| record.unwrap().get(1).unwrap().to_owned()).collect();
        let expected: Vec<String> = texts
            .iter()
            .map(|text| match text.chars().next() {
                Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
                _ => text.clone(),
            })
            .collect();
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn u_30_a_word_is_read_by_people_and_its_code_by_programs() {
    let row = || vec![vec![Cell::word("captured", "Encaissé")]];
    let columns =
        || vec![Column { name: "status", title: "État".into(), kind: Kind::Text, width: 9 }];
    assert_eq!(written(Format::CsvComma, columns(), &row()), "État\r\nEncaissé\r\n");
    assert_eq!(written(Format::JsonLines, columns(), &row()), "{\"status\":\"captured\"}\n");
}
