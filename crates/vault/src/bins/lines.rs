//! Reading the file: UTF-8, semicolons, a fixed header.

use std::collections::HashMap;
use std::io::BufRead;

use kernel::Date;
use vault_wire::{BinFault, Brand};

use super::table::{Label, Range, Table, bounds};

/// Names of the columns, in this order.
pub(super) const HEADER: [&str; 13] = [
    "bin_start",
    "bin_end",
    "brand",
    "co_brand",
    "funding",
    "product",
    "issuer",
    "country",
    "currency",
    "virtual",
    "commercial",
    "lengths",
    "valid_from",
];
/// Most ranges of a table.
pub(super) const MAX_LINES: u64 = 2_000_000;
/// Longest line.
pub(super) const MAX_LINE_BYTES: usize = 2_048;
/// Faults that are told.
const MAX_FAULTS: usize = 100;
const MAX_TEXT_CHARACTERS: usize = 100;
const MIN_LEAD: usize = 6;
const MAX_LEAD: usize = 11;
const FUNDING: [&str; 4] = ["credit", "debit", "prepaid", "charge"];

/// What is wrong with a file.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// The first ones.
    pub(super) told: Vec<BinFault>,
    /// All of them.
    pub(super) count: u64,
}

impl Faults {
    fn add(&mut self, line: u64, column: &str, cause: &str) {
        self.count = self.count.saturating_add(1);
        if self.told.len() < MAX_FAULTS {
            self.told.push(BinFault { line, column: column.into(), cause: cause.into() });
        }
    }
}

/// One line under its header, with the place where faults go.
struct Line<'l> {
    number: u64,
    fields: &'l [&'l str],
    faults: &'l mut Faults,
}

impl Line<'_> {
    fn field(&self, place: usize) -> &str {
        self.fields.get(place).copied().unwrap_or_default()
    }

    fn wrong(&mut self, place: usize, cause: &str) {
        self.faults.add(self.number, HEADER.get(place).copied().unwrap_or_default(), cause);
    }

    /// Reads a field that may be empty.
    fn read<T>(
        &mut self,
        place: usize,
        cause: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.field(place);
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.wrong(place, cause);
        }
        value
    }

    fn text(&mut self, place: usize) -> Option<Box<str>> {
        self.read(place, "at most 100 characters, no card number", |text| {
            let fits = text.chars().count() <= MAX_TEXT_CHARACTERS
                && !kernel::card_text::holds_card_number(text)
                && !text.chars().any(char::is_control);
            fits.then(|| text.into())
        })
    }

    fn flag(&mut self, place: usize) -> Option<bool> {
        self.read(place, "0 or 1", |text| match text {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        })
    }

    fn range(&mut self) -> Option<(u64, u64)> {
        let digits = |text: &str| {
            (MIN_LEAD..=MAX_LEAD).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let (start, end) = (self.field(0).to_owned(), self.field(1).to_owned());
        if !digits(&start) {
            self.wrong(0, "6 to 11 digits");
        }
        if !digits(&end) {
            self.wrong(1, "6 to 11 digits");
        }
        if !digits(&start) || !digits(&end) {
            return None;
        }
        if start.len() != end.len() {
            self.wrong(1, "as many digits as bin_start");
            return None;
        }
        let (first, last) = (bounds(&start)?.0, bounds(&end)?.1);
        if first > last {
            self.wrong(1, "not before bin_start");
            return None;
        }
        Some((first, last))
    }

    fn label(&mut self) -> Option<Label> {
        if self.field(2).is_empty() {
            self.wrong(2, "a brand");
        }
        let brand = self.read(2, "a brand, such as visa", Brand::parse);
        let co_brand = self.read(3, "a brand, such as cb", Brand::parse);
        let funding = self.read(4, "credit, debit, prepaid or charge", |text| {
            FUNDING.into_iter().find(|word| *word == text)
        });
        Some(Label {
            co_brand: co_brand.filter(|other| Some(*other) != brand),
            funding,
            product: self.text(5),
            issuer: self.text(6),
            country: self.read(7, "two letters (ISO 3166-1)", capitals),
            currency: self.read(8, "three letters (ISO 4217)", capitals),
            is_virtual: self.flag(9).unwrap_or(false),
            commercial: self.flag(10),
            lengths: self.read(11, "lengths from 12 to 19, such as 16,19", lengths).unwrap_or(0),
            brand: brand?,
        })
    }
}

fn capitals<const N: usize>(text: &str) -> Option<[u8; N]> {
    let code: [u8; N] = text.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_uppercase).then_some(code)
}

fn lengths(text: &str) -> Option<u32> {
    text.split([',', ' ', '|']).filter(|part| !part.is_empty()).try_fold(0, |all, part| {
        let length = part.parse::<u32>().ok().filter(|n| (12..=19).contains(n))?;
        Some(all | 1_u32.checked_shl(length)?)
    })
}

fn day(text: &str) -> Option<u32> {
    let day: Date = text.parse().ok()?;
    let year = u32::try_from(day.year()).ok()?;
    let (month, day) = (u32::try_from(day.month()).ok()?, u32::try_from(day.day()).ok()?);
    year.checked_mul(10_000)?.checked_add(month.checked_mul(100)?)?.checked_add(day)
}

/// The table of a file, or everything that is wrong with it.
pub(super) fn read(version: String, from: impl BufRead) -> std::io::Result<Result<Table, Faults>> {
    let mut reading = Reading::default();
    let mut from = from;
    let mut bytes = Vec::new();
    let mut number = 0_u64;
    loop {
        bytes.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let got = std::io::Read::take(&mut from, limit).read_until(b'\n', &mut bytes)?;
        if got == 0 {
            break;
        }
        number = number.saturating_add(1);
        let whole = bytes.ends_with(b"\n");
        if !whole && bytes.len() > MAX_LINE_BYTES {
            reading.faults.add(number, "", "at most 2048 bytes");
            skip_line(&mut from)?;
            continue;
        }
        reading.line(number, &bytes);
        if number > MAX_LINES.saturating_add(1) {
            reading.faults.add(number, "", "at most 2,000,000 lines");
            break;
        }
    }
    if number == 0 {
        reading.faults.add(1, "", "the header is missing");
    }
    Ok(reading.end(version))
}

fn skip_line(from: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |place| place.saturating_add(1));
        from.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[derive(Default)]
struct Reading {
    faults: Faults,
    ranges: Vec<Range>,
    labels: Vec<Label>,
    known: HashMap<Label, u32>,
    places: HashMap<(u64, u64, u32), u64>,
}

impl Reading {
    fn line(&mut self, number: u64, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.faults.add(number, "", "UTF-8");
            return;
        };
        let text = text.trim_end_matches(['\r', '\n']);
        let fields: Vec<&str> =
            text.split(';').map(|field| field.trim().trim_matches('"')).collect();
        if number == 1 {
            let first = fields.first().map(|name| name.trim_start_matches('\u{feff}'));
            let same = fields.len() == HEADER.len()
                && first == HEADER.first().copied()
                && fields.iter().zip(HEADER).skip(1).all(|(name, known)| *name == known);
            if !same {
                self.faults.add(1, "", &format!("the header is {}", HEADER.join(";")));
            }
            return;
        }
        if text.is_empty() {
            return;
        }
        if fields.len() != HEADER.len() {
            self.faults.add(number, "", "13 columns");
            return;
        }
        let mut line = Line { number, fields: &fields, faults: &mut self.faults };
        let range = line.range();
        let label = line.label();
        let valid_from = line.read(12, "a date, such as 2026-01-31", day).unwrap_or(0);
        let (Some((start, end)), Some(label)) = (range, label) else { return };
        if let Some(first) = self.places.insert((start, end, valid_from), number) {
            self.faults.add(number, "bin_start", &format!("the same range as line {first}"));
            return;
        }
        let next = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        let label = *self.known.entry(label).or_insert_with_key(|label| {
            self.labels.push(label.clone());
            next
        });
        self.ranges.push(Range { start, end, valid_from, label });
    }

    fn end(self, version: String) -> Result<Table, Faults> {
        if self.faults.count > 0 {
            return Err(self.faults);
        }
        Ok(Table::new(version, self.ranges, self.labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: &[&str]) -> Result<Table, Faults> {
        let text = format!("{}\n{}\n", HEADER.join(";"), lines.join("\n"));
        read("v".into(), text.as_bytes()).unwrap()
    }

    #[test]
    fn v_30_each_fault_has_its_line_column_and_cause() {
        let good = "520700;520700;mastercard;;credit;Standard;New England;US;USD;0;0;16;2026-01-01";
        assert_eq!(file(&[good]).unwrap().ranges.len(), 1);
        let faults = file(&[
            good,
            "52070;520700;mastercard;;;;;;;;;;",
            "520800;5208000;visa;;;;;;;;;;",
            "520900;520800;visa;;;;;;;;;;",
            "530000;530000;carte;;gift;;;fr;eu;2;x;20;31/12/2026",
            "540000;540000;visa",
            good,
        ]);
        let faults = faults.unwrap_err();
        let told: Vec<(u64, &str)> =
            faults.told.iter().map(|fault| (fault.line, fault.column.as_str())).collect();
        let expected = vec![
            (3, "bin_start"),
            (4, "bin_end"),
            (5, "bin_end"),
            (6, "brand"),
            (6, "funding"),
            (6, "country"),
            (6, "currency"),
            (6, "virtual"),
            (6, "commercial"),
            (6, "lengths"),
            (6, "valid_from"),
            (7, ""),
            (8, "bin_start"),
        ];
        assert_eq!(told, expected);
        assert!(faults.told.last().unwrap().cause.contains("line 2"), "{faults:?}");
        let many = vec!["x;x;visa;;;;;;;;;;"; 80];
        let faults = file(&many).unwrap_err();
        assert_eq!((faults.told.len(), faults.count), (100, 160));
        let bare = read("v".into(), "bin_start;bin_end\n".as_bytes()).unwrap();
        assert_eq!(bare.unwrap_err().told[0].line, 1);
        assert!(read("v".into(), &b""[..]).unwrap().is_err());
        let long = format!("{}\n{}\n{good}\n", HEADER.join(";"), "x".repeat(5_000));
        let faults = read("v".into(), long.as_bytes()).unwrap().unwrap_err();
        assert_eq!((faults.count, faults.told[0].line), (1, 2));
    }
}
