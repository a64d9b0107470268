//! Sheets as XLSX (ECMA-376), with one row in memory.

use std::io::{Seek, Write};

use jiff::civil::DateTime;
use kernel::Money;
use rust_xlsxwriter as xlsx;

use crate::cell::{Cell, Column, decimal, looks_like_formula};

/// Rows of data on one sheet; a sheet of the format ends at 1,048,576 rows.
pub const SHEET_ROWS: u32 = 1_000_000;
const DATE: &str = "dd/mm/yyyy";
const MOMENT: &str = "dd/mm/yyyy hh:mm";
const AMOUNTS: [&str; 3] = ["#,##0", "#,##0.00", "#,##0.000"];

/// Why a workbook could not be written: no room for its temporary file, or a text that is too
/// long for a cell.
#[derive(Debug, thiserror::Error)]
#[error("workbook: {0}")]
pub struct WorkbookError(#[from] xlsx::XlsxError);

/// A workbook that grows row by row. The rows wait in a temporary file of the system.
pub struct Workbook {
    book: xlsx::Workbook,
    title: String,
    columns: Vec<Column>,
    /// Sheets made.
    sheets: usize,
    /// Rows on the last sheet, with its headings.
    row: u32,
    looks: Looks,
}

/// How cells look.
struct Looks {
    head: xlsx::Format,
    typed: xlsx::Format,
    date: xlsx::Format,
    moment: xlsx::Format,
    /// Amounts without decimals, with two, with three.
    amounts: [xlsx::Format; 3],
}

impl Looks {
    fn amount(&self, amount: Money) -> &xlsx::Format {
        let [whole, usual, fine] = &self.amounts;
        match amount.currency().decimals() {
            0 => whole,
            3 => fine,
            _ => usual,
        }
    }
}

impl Workbook {
    /// An empty workbook whose sheets have this title and these columns.
    ///
    /// # Errors
    /// [`WorkbookError`].
    pub fn new(title: &str, columns: Vec<Column>) -> Result<Self, WorkbookError> {
        let looks = Looks {
            head: xlsx::Format::new().set_bold(),
            typed: xlsx::Format::new().set_quote_prefix(),
            date: xlsx::Format::new().set_num_format(DATE),
            moment: xlsx::Format::new().set_num_format(MOMENT),
            amounts: AMOUNTS.map(|text| xlsx::Format::new().set_num_format(text)),
        };
        let title = title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(25).collect();
        let book = xlsx::Workbook::new();
        let mut workbook = Self { book, title, columns, sheets: 0, row: 0, looks };
        workbook.open_sheet()?;
        Ok(workbook)
    }

    fn open_sheet(&mut self) -> Result<(), WorkbookError> {
        self.sheets = self.sheets.saturating_add(1);
        let name = match self.sheets {
            1 => self.title.clone(),
            number => format!("{} {number}", self.title),
        };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (place, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(place, f64::from(column.width))?;
        }
        for (place, column) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, place, &column.title, &self.looks.head)?;
        }
        self.row = 1;
        Ok(())
    }

    /// Adds a row with one cell for each column.
    ///
    /// # Errors
    /// [`WorkbookError`].
    pub fn add(&mut self, cells: &[Cell]) -> Result<(), WorkbookError> {
        if self.row > SHEET_ROWS {
            self.open_sheet()?;
        }
        let sheet = self.book.worksheet_from_index(self.sheets.saturating_sub(1))?;
        for (place, cell) in (0_u16..).zip(cells) {
            let (row, looks) = (self.row, &self.looks);
            match cell {
                Cell::Empty => continue,
                Cell::Text(text) if looks_like_formula(text) => {
                    sheet.write_string_with_format(row, place, text, &looks.typed)?
                }
                Cell::Text(text) | Cell::Word { text, .. } => {
                    sheet.write_string(row, place, text)?
                }
                Cell::Amount(amount) => {
                    let look = looks.amount(*amount);
                    sheet.write_number_with_format(row, place, number(*amount), look)?
                }
                Cell::Count(count) => {
                    let number = count.to_string().parse::<f64>().unwrap_or_default();
                    sheet.write_number(row, place, number)?
                }
                Cell::Date(date) => {
                    let day = moment(date.at(0, 0, 0, 0))?;
                    sheet.write_datetime_with_format(row, place, &day, &looks.date)?
                }
                Cell::Moment(at) => {
                    let at = moment(at.local)?;
                    sheet.write_datetime_with_format(row, place, &at, &looks.moment)?
                }
            };
        }
        self.row = self.row.saturating_add(1);
        Ok(())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`WorkbookError`].
    pub fn finish(mut self, into: impl Write + Seek + Send) -> Result<(), WorkbookError> {
        Ok(self.book.save_to_writer(into)?)
    }
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Workbook({}, sheet {}, row {})", self.title, self.sheets, self.row)
    }
}

fn moment(at: DateTime) -> Result<xlsx::ExcelDateTime, WorkbookError> {
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let day = xlsx::ExcelDateTime::from_ymd(year, part(at.month()), part(at.day()))?;
    let hour = u16::from(part(at.hour()));
    Ok(day.and_hms(hour, part(at.minute()), 0_u8)?)
}

/// The amount as the number a spreadsheet holds, read from its decimal text: nothing is computed
/// with floats.
fn number(amount: Money) -> f64 {
    decimal(amount, '.').parse().unwrap_or_default()
}
