//! What a sheet is made of.

use jiff::civil::DateTime;
use kernel::{Date, Money, Timestamp, Zone};

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Typed cells, for spreadsheet programs.
    Xlsx,
    /// Semicolons, decimal comma, days first: what French spreadsheet programs open by default.
    CsvSemicolon,
    /// The same with a first line that names the separator, for programs set to another one.
    CsvNamed,
    /// Commas, decimal point, ISO 8601 dates (RFC 4180).
    CsvComma,
    /// One JSON object per line, for programs.
    JsonLines,
}

impl Format {
    /// All of them, in the order offered.
    pub const ALL: &'static [Self] =
        &[Self::Xlsx, Self::CsvSemicolon, Self::CsvNamed, Self::CsvComma, Self::JsonLines];

    /// The word in addresses and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::CsvSemicolon => "csv-point-virgule",
            Self::CsvNamed => "csv-sep",
            Self::CsvComma => "csv-virgule",
            Self::JsonLines => "jsonl",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == text)
    }

    /// Ending of the file's name, without a dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::CsvSemicolon | Self::CsvNamed | Self::CsvComma => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::CsvSemicolon | Self::CsvNamed | Self::CsvComma => {
                "text/csv; charset=utf-8; header=present"
            }
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words, references, codes (zeros kept).
    Text,
    /// Money in the unit of its currency.
    Amount,
    /// A whole number.
    Count,
    /// A day.
    Date,
    /// A day and a minute in the merchant's zone.
    Moment,
}

/// One column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name of the member in JSON lines.
    pub name: &'static str,
    /// Heading, in the reader's language.
    pub title: String,
    /// What stands in it.
    pub kind: Kind,
    /// Width in characters.
    pub width: u16,
}

/// A point of time with the clock people read it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// What the merchant's clock showed.
    pub local: DateTime,
    /// Distance of that clock from UTC, such as `+02:00`.
    pub offset: String,
}

impl Moment {
    /// The instant on the clock of a zone.
    #[must_use]
    pub fn of(at: Timestamp, zone: &Zone) -> Self {
        let local = zone.local(at);
        Self { at, local: local.datetime(), offset: offset(local.offset().seconds()) }
    }
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// One value of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// One of few words: what people read, and its code for programs, the same in all languages.
    Word {
        /// As in the API.
        code: String,
        /// In the reader's language.
        text: String,
    },
    /// Money; the currency stands in a column of its own.
    Amount(Money),
    /// A whole number.
    Count(i64),
    /// A day.
    Date(Date),
    /// A day and a minute.
    Moment(Moment),
}

impl Cell {
    /// A text; nothing when it is empty.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// One of few words, with its code for programs.
    #[must_use]
    pub fn word(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Word { code: code.into(), text: text.into() }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Self::Amount(amount)
    }
}

impl From<Date> for Cell {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

/// An amount with its decimals and this sign between them, without grouping.
#[must_use]
pub(crate) fn decimal(amount: Money, separator: char) -> String {
    let decimals = usize::try_from(amount.currency().decimals()).unwrap_or(2);
    let width = decimals.saturating_add(1);
    let digits = format!("{:0>width$}", amount.minor().unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    let sign = if amount.minor() < 0 { "-" } else { "" };
    if decimals == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}{separator}{fraction}")
    }
}

/// Whether a spreadsheet program might run a text as a formula: see "CSV Injection" of the Open
/// Worldwide Application Security Project.
#[must_use]
pub(crate) fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}
