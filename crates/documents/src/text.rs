//! Sheets as text: CSV (RFC 4180) and JSON lines, written piece by piece.

use kernel::Date;
use serde_json::{Map, Value};

use crate::cell::{Cell, Column, Format, decimal, looks_like_formula};

/// What tells spreadsheet programs that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What tells some of them which separator follows.
const SEPARATOR_LINE: &[u8] = b"sep=;\r\n";

/// Writes a sheet piece by piece; the pieces one after the other are the file.
#[derive(Debug, Clone)]
pub struct TextSheet {
    format: Format,
    columns: Vec<Column>,
}

impl TextSheet {
    /// A sheet of these columns; none for a format that is not text.
    #[must_use]
    pub fn new(format: Format, columns: Vec<Column>) -> Option<Self> {
        (format != Format::Xlsx).then_some(Self { format, columns })
    }

    /// The first piece: the row of headings, where the format has one.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let titles = self.columns.iter().map(|column| column.title.clone());
        match self.format {
            Format::CsvSemicolon => [BYTE_ORDER_MARK, &self.records([titles.collect()])].concat(),
            Format::CsvNamed => {
                [BYTE_ORDER_MARK, SEPARATOR_LINE, &self.records([titles.collect()])].concat()
            }
            Format::CsvComma => self.records([titles.collect()]),
            Format::JsonLines | Format::Xlsx => Vec::new(),
        }
    }

    /// The piece of these rows. Rows have one cell for each column.
    #[must_use]
    pub fn rows(&self, rows: &[Vec<Cell>]) -> Vec<u8> {
        if self.format == Format::JsonLines {
            return self.lines(rows);
        }
        let separator = if self.is_french() { ',' } else { '.' };
        let field = |cell: &Cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) if looks_like_formula(text) => format!("'{text}"),
            Cell::Text(text) | Cell::Word { text, .. } => text.clone(),
            Cell::Amount(amount) => decimal(*amount, separator),
            Cell::Count(number) => number.to_string(),
            Cell::Date(date) => self.date(*date),
            Cell::Moment(moment) => {
                let (date, time) = (moment.local.date(), moment.local.time());
                let joint = if self.is_french() { ' ' } else { 'T' };
                format!("{}{joint}{:02}:{:02}", self.date(date), time.hour(), time.minute())
            }
        };
        self.records(rows.iter().map(|row| row.iter().map(field).collect()))
    }

    /// Semicolons, decimal comma, days first.
    fn is_french(&self) -> bool {
        matches!(self.format, Format::CsvSemicolon | Format::CsvNamed)
    }

    fn date(&self, date: Date) -> String {
        if self.is_french() {
            format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
        } else {
            date.to_string()
        }
    }

    fn records(&self, rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
        let delimiter = if self.is_french() { b';' } else { b',' };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        for row in rows {
            // Writing into memory does not fail, and the rows of one sheet are equally long.
            let _ = writer.write_record(&row);
        }
        writer.into_inner().unwrap_or_default()
    }

    fn lines(&self, rows: &[Vec<Cell>]) -> Vec<u8> {
        let mut text = String::new();
        for row in rows {
            let members = self.columns.iter().zip(row);
            let object: Map<String, Value> =
                members.map(|(column, cell)| (column.name.to_owned(), json(cell))).collect();
            text.push_str(&Value::Object(object).to_string());
            text.push('\n');
        }
        text.into_bytes()
    }
}

/// Amounts in minor units and instants in RFC 3339 with their offset, as in the API.
fn json(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) | Cell::Word { code: text, .. } => Value::from(text.as_str()),
        Cell::Amount(amount) => Value::from(amount.minor()),
        Cell::Count(number) => Value::from(*number),
        Cell::Date(date) => Value::from(date.to_string()),
        Cell::Moment(moment) => Value::from(format!("{}{}", moment.local, moment.offset)),
    }
}
